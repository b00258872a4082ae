-- Writing: all of it, gathered, buffered on request.

local Socket = require "socket"
local net = require "spec.support.net"

-- What the peer reads of what the function writes, then what that returned.
local function written(fn)
  local sock, peer, _ <close> = net.pair()
  local results = table.pack(fn(sock))
  sock:close()
  return peer:read(), table.unpack(results, 1, results.n)
end

-- More than any socket takes at once.
local MUCH = ("0123456789abcdef"):rep(250000)

describe("BasicSocket:write", function()
  it("writes strings, numbers and arrays of them", function()
    assert.same({ "ab12.5cde", 9 }, { written(function(sock)
      return sock:write("ab", 1, 2.5, { "c", { "d", {}, { "e" } } })
    end) })
    assert.same({ "", 0 }, { written(function(sock) return sock:write() end) })
    assert.same({ "", 0 }, { written(function(sock)
      return sock:write("", {})
    end) })
  end)

  it("writes more pieces than one system call takes", function()
    local pieces, expected = {}, {}
    for i = 1, 3000 do
      pieces[i] = { i, "," }
      expected[i] = i .. ","
    end
    expected = table.concat(expected)
    assert.same({ expected, #expected }, { written(function(sock)
      return sock:write(pieces)
    end) })
  end)

  it("joins a datagram that has too many pieces", function()
    local a, b, _ <close> = net.pair("DGRAM")
    local pieces = {}
    for i = 1, 3000 do
      pieces[i] = "x"
    end
    assert.equal(3000, a:write(pieces))
    assert.equal(3000, #b:recv(5000))
    assert.equal(6, a:write("abc", { "def" }))
    assert.equal("abcdef", b:recv(100))
  end)

  it("tells how far it came past the deadline", function()
    local sock, peer, _ <close> = net.pair()
    local count, err = sock:write({ "abc", MUCH }, { timeout = 0.01 })
    assert.is_nil(count)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal("TimeoutError", err.name)
    assert.is_true(err.written > 0)
    assert.equal(3 + #MUCH, err.written + #err.rest)
    local got = peer:read(err.written)
    assert.equal("abc" .. MUCH, got .. err.rest)
    assert.is_nil(Socket.TIMEOUT.written)
  end)

  it("gives a short count with a timeout of 0", function()
    local sock, peer, _ <close> = net.pair()
    local count = sock:write({ "abc", MUCH }, { timeout = 0 })
    assert.is_true(count > 3 and count < #MUCH)
    local again, err, errno = sock:write("x", { timeout = 0 })
    assert.is_nil(again)
    assert.is_true(rawequal(err, Socket.WAIT_WRITABLE))
    assert.equal(Socket.Errno.EAGAIN, errno)
    assert.equal(("abc" .. MUCH):sub(1, count), peer:read(count))
  end)

  it("returns a broken pipe, with what was not sent", function()
    local sock, peer, _ <close> = net.pair()
    peer:close()
    local count, err, errno = sock:write("abc", { "def" })
    assert.is_nil(count)
    assert.equal("EPIPE", err.name)
    assert.equal("Broken pipe", tostring(err))
    assert.equal(Socket.Errno.EPIPE, errno)
    assert.equal(0, err.written)
    assert.equal("abcdef", err.rest)
    assert.equal("EPIPE", select(2, sock:puts("x")).name)
    assert.equal("EPIPE", select(2, sock:syswrite("x")).name)
    assert.equal("EPIPE", select(2, sock:write_nonblock("x")).name)
  end)

  it("is an error after close_write and after close", function()
    local sock, _, _ <close> = net.pair()
    assert.is_true(sock:close_write())
    assert.is_true(sock:close_write())
    for _, name in ipairs({ "write", "puts", "print", "putc", "syswrite",
      "write_nonblock", "flush", "fsync" }) do
      local argument = name ~= "flush" and name ~= "fsync" and "x" or nil
      local count, err = sock[name](sock, argument)
      assert.is_nil(count)
      assert.equal("IOError", err.name)
      assert.equal("not opened for writing", tostring(err), name)
    end
    sock:close()
    assert.equal("closed stream", tostring(select(2, sock:write("x"))))
    assert.equal("closed stream", tostring(select(2, sock:flush())))
    assert.equal("closed stream", tostring(select(2, sock:sync())))
    assert.equal("closed stream", tostring(select(2, sock:set_sync(true))))
  end)

  it("refuses what is no data", function()
    local sock, _, _ <close> = net.pair()
    assert.error_matches(function() sock:write(nil) end, "#1.*nil")
    assert.error_matches(function() sock:write("a", true) end, "#2.*boolean")
    assert.error_matches(function() sock:write({ "a", { false } }) end,
      "#1.*boolean")
    assert.error_matches(function() sock:write("a", { tmo = 1 }) end, "'tmo'")
    local nested = {}
    nested[1] = nested
    assert.error_matches(function() sock:write(nested) end, "too deeply")
    assert.error_matches(function() sock:syswrite() end, "#1")
    assert.error_matches(function() sock:write_nonblock() end, "#1")
    assert.error_matches(function() sock:putc() end, "#1")
  end)
end)

describe("BasicSocket:puts", function()
  local function puts(...)
    local args = table.pack(...)
    return (written(function(sock)
      assert.is_true(sock:puts(table.unpack(args, 1, args.n)))
    end))
  end

  it("ends each value with a newline, as Ruby's does", function()
    assert.equal("\n", puts())
    assert.equal("\n", puts(nil))
    assert.equal("\n", puts(""))
    assert.equal("a\nb\n", puts("a\n", "b"))
    assert.equal("1\n2\n3\n", puts(1, { 2, { 3 } }))
    assert.equal("", puts({}))
    assert.equal("a\n", puts({ {}, "a" }))
    assert.equal("true\n", puts(true))
  end)

  it("writes the text of objects", function()
    local object = setmetatable({ "x" }, {
      __tostring = function() return "text" end,
    })
    assert.equal("text\ntext\n", puts(object, { object }))
    assert.equal(tostring(Socket.TIMEOUT) .. "\n", puts(Socket.TIMEOUT))
  end)
end)

describe("print, printf and putc", function()
  it("write what Ruby's do", function()
    assert.same({ "true1.5ab", true }, { written(function(sock)
      return sock:print(nil, true, 1.5, { "a", "b" })
    end) })
    assert.same({ "7-x%\n", true }, { written(function(sock)
      return sock:printf("%d-%s%%\n", 7, "x", { timeout = 1 })
    end) })
    assert.same({ "Ah", 321, "hello" }, { written(function(sock)
      return sock:putc(321), sock:putc("hello")
    end) })
    assert.error_matches(function()
      written(function(sock) sock:printf("%d", "x") end)
    end, "number expected")
  end)
end)

describe("BasicSocket:syswrite and write_nonblock", function()
  it("write what one system call takes", function()
    local sock, peer, _ <close> = net.pair()
    assert.equal(3, sock:syswrite("abc"))
    local count = sock:write_nonblock(MUCH)
    assert.is_true(count > 0 and count < #MUCH)
    assert.is_true(select(2, sock:write_nonblock("x")) == Socket.WAIT_WRITABLE)
    assert.is_true(select(2, sock:syswrite("x", { timeout = 0.01 }))
      == Socket.TIMEOUT)
    assert.equal("abc" .. MUCH:sub(1, count), peer:read(3 + count))
  end)
end)

describe("BasicSocket:set_sync", function()
  it("makes writes wait for a flush", function()
    local sock, peer, _ <close> = net.pair()
    assert.is_true(sock:sync())
    assert.is_true(sock:set_sync(false))
    assert.is_false(sock:sync())
    assert.equal(3, sock:write("abc"))
    assert.is_true(sock:puts("d"))
    assert.equal(Socket.WAIT_READABLE, select(2, peer:read_nonblock(9)))
    assert.equal("syswrite for buffered IO",
      tostring(select(2, sock:syswrite("x"))))
    assert.is_true(sock:flush())
    assert.equal("abcd\n", peer:read_nonblock(9))
    assert.is_true(sock:flush())
  end)

  it("holds for a task that has to let others go on first", function()
    local sock, peer, _ <close> = net.pair()
    sock:set_sync(false)
    Socket.run(function()
      for _ = 1, 100 do assert.equal(1, sock:write("x")) end
      assert.equal(Socket.WAIT_READABLE, select(2, peer:read_nonblock(1)))
    end)
    sock:flush()
    assert.equal(("x"):rep(100), peer:read_nonblock(200))
  end)

  it("keeps the order where a write goes out at once", function()
    local sock, peer, _ <close> = net.pair()
    sock:set_sync(false)
    sock:write("a")
    assert.equal(1, sock:write_nonblock("b"))
    sock:write("c")
    sock:set_sync(true)
    sock:write("d")
    sock:close()
    assert.equal("abcd", peer:read())
  end)

  it("writes what is more than the buffer holds", function()
    local sock, peer, _ <close> = net.pair()
    sock:set_sync(false)
    local expected = {}
    for i = 1, 100 do
      expected[i] = (i .. " "):rep(300)
      sock:write(expected[i])
    end
    expected = table.concat(expected)
    local got = peer:readpartial(#expected)
    assert.equal(expected:sub(1, #got), got)
    sock:close()
    assert.equal(expected, got .. peer:read())
  end)

  it("keeps what a flush could not write", function()
    local sock, peer, _ <close> = net.pair()
    local count = sock:write_nonblock(MUCH)
    sock:set_sync(false)
    sock:write("tail")
    assert.equal(Socket.TIMEOUT, select(2, sock:flush({ timeout = 0.01 })))
    peer:read(count)
    assert.is_true(sock:flush())
    assert.equal("tail", peer:readpartial(9))
  end)

  it("knows no fsync", function()
    local sock, peer, _ <close> = net.pair()
    sock:set_sync(false)
    sock:write("x")
    assert.equal("EINVAL", select(2, sock:fsync()).name)
    assert.equal("x", peer:readpartial(9))
  end)
end)
