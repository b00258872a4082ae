-- Socket.select.

local Socket = require "socket"
local guard = require "socket.guard"
local net = require "spec.support.net"

describe("Socket.select", function()
  it("tells what is ready at once, in the order given", function()
    local a, b, _ <close> = net.pair()
    b:send("x", 0)
    a:send("x", 0)
    local r, w, e = Socket.select({ b, a }, { a }, { a })
    assert.same({ b, a }, r)
    assert.same({ a }, w)
    assert.same({}, e)
  end)

  it("leaves out what is not ready", function()
    local a, b, _ <close> = net.pair()
    b:send("x", 0)
    assert.same({ a }, (Socket.select({ a, b })))
  end)

  it("gives TIMEOUT when the time is up", function()
    local a, _, _ <close> = net.pair()
    for _, timeout in ipairs { 0, 0.01, "0.01" } do
      local r, err = Socket.select({ a }, nil, nil, timeout)
      assert.is_nil(r)
      assert.equal(Socket.TIMEOUT, err)
    end
  end)

  it("waits for nothing but time without members", function()
    local r, err = Socket.select(nil, nil, nil, 0.001)
    assert.is_nil(r)
    assert.equal(Socket.TIMEOUT, err)
  end)

  it("waits without end for math.huge", function()
    local a, b, _ <close> = net.pair()
    b:send("x", 0)
    assert.same({ a }, (Socket.select({ a }, nil, nil, math.huge)))
  end)

  it("finds buffered bytes readable", function()
    local a, b, _ <close> = net.pair()
    b:send("line\nrest", 0)
    assert.equal("line\n", a:gets())
    local r, w = Socket.select({ b, a }, nil, nil, 5)
    assert.same({ a }, r)
    assert.same({}, w)
    local _, writable = Socket.select({ a }, { b }, nil, 5)
    assert.same({ b }, writable)
  end)

  it("finds the end of a stream readable", function()
    local a, b, _ <close> = net.pair()
    b:close()
    assert.same({ a }, (Socket.select({ a })))
  end)

  it("finds urgent data exceptional", function()
    local a, b, _ <close> = net.tcp_pair()
    a:send("!", "OOB")
    local r, w, e = Socket.select(nil, nil, { b }, 5)
    assert.same({}, r)
    assert.same({}, w)
    assert.same({ b }, e)
  end)

  it("takes a member twice, and in several lists", function()
    local a, b, _ <close> = net.pair()
    b:send("x", 0)
    local r, w = Socket.select({ a, a }, { a })
    assert.same({ a, a }, r)
    assert.same({ a }, w)
  end)

  it("takes fds, Lua files and objects that tell theirs", function()
    local a, _, _ <close> = net.pair()
    local file <close> = assert(io.open("/dev/null", "w"))
    local object = {}
    function object.fileno() return a:fileno() end
    local other = {}
    function other.getfd() return a:fileno() end
    local list = { a:fileno(), file, object, other }
    local _, w = Socket.select(nil, list)
    assert.same(list, w)
  end)

  it("has no limit on fd numbers", function()
    local files <close> = guard.owned()
    while #files < 1100 do
      local file = io.open("/dev/null")
      if not file then
        files:close()
        return pending("the process may not open so many")
      end
      files:add(file)
    end
    local a, b, _ <close> = net.pair()
    b:send("x", 0)
    assert.is_true(a:fileno() > 1024)
    assert.same({ a }, (Socket.select({ a }, nil, nil, 5)))
  end)

  it("fails for a closed member", function()
    local a, _, _ <close> = net.pair()
    a:close()
    local r, err = Socket.select({ a })
    assert.is_nil(r)
    assert.equal("IOError", err.name)
    local file = assert(io.open("/dev/null"))
    file:close()
    r, err = Socket.select({ file })
    assert.is_nil(r)
    assert.equal("closed stream", tostring(err))
  end)

  it("fails for an object that tells no fd", function()
    for _, fd in ipairs { -1, false } do
      local object = { getfd = function() return fd or nil end }
      local r, err = Socket.select({ object }, nil, nil, 0)
      assert.is_nil(r)
      assert.equal("closed stream", tostring(err))
    end
  end)

  it("fails for an fd that is not open", function()
    local r, err, errno = Socket.select({ 9999 }, nil, nil, 0)
    assert.is_nil(r)
    assert.equal("Bad file descriptor - select(2)", tostring(err))
    assert.equal(Socket.Errno.EBADF, errno)
  end)

  it("raises for wrong arguments", function()
    local function complaint(...)
      local ok, message = pcall(Socket.select, ...)
      assert.is_false(ok)
      return message:match("bad argument .*$")
    end
    assert.equal("bad argument #1 to 'select' (table expected, got number)",
      complaint(5))
    assert.equal("bad argument #2 to 'select' (element 1: socket, file or fd "
      .. "expected, got table)", complaint(nil, { {} }))
    for _, fd in ipairs { -1, 1 << 40 } do
      assert.equal("bad argument #1 to 'select' (element 1: socket, file or fd "
        .. "expected, got number)", complaint({ fd }))
    end
    assert.equal("bad argument #4 to 'select' (timeout must not be negative "
      .. "or NaN)", complaint({}, nil, nil, -1))
    assert.equal("bad argument #4 to 'select' (number expected, got boolean)",
      complaint({}, nil, nil, true))
  end)
end)
