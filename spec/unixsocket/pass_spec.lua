local Socket = require "socket"
local fds = require "spec.support.fds"
local net = require "spec.support.net"

local TCPSocket, UNIXServer, UNIXSocket =
  Socket.TCPSocket, Socket.UNIXServer, Socket.UNIXSocket
local AncillaryData = Socket.AncillaryData

-- Two unix sockets, connected to each other -> both, closer.
local function pair()
  local a, b = assert(UNIXSocket.pair())
  return a, b, setmetatable({}, {
    __close = function()
      a:close()
      b:close()
    end,
  })
end

local function fails(message, ...)
  local result, err = ...
  assert.is_nil(result)
  assert.equal(message, tostring(err))
  return err
end

local NOTHING = "file descriptor was not passed (msg_controllen=0 smaller "
  .. "than sizeof(struct cmsghdr)=16)"

describe("send_io and recv_io", function()
  it("pass a socket, which gets the class that fits it", function()
    local a, b, _ <close> = pair()
    local cases = {
      { UNIXSocket, UNIXSocket.pair() },
      { Socket.UDPSocket, Socket.UDPSocket.new() },
      { Socket, Socket.new("UNIX", "DGRAM") },
      { Socket, net.listener() },
    }
    for _, case in ipairs(cases) do
      assert.is_true(a:send_io(case[2]))
      local passed <close> = assert(b:recv_io())
      assert.is_true(passed:is_a(case[1]))
      assert.are_not.equal(case[2]:fileno(), passed:fileno())
      assert.equal(case[2]:getsockname(), passed:getsockname())
      assert.is_true(passed:is_close_on_exec())
      case[2]:close()
      if type(case[3]) == "userdata" then case[3]:close() end
    end
  end)

  it("pass a file", function()
    local a, b, _ <close> = pair()
    local file <close> = assert(io.tmpfile())
    assert.is_true(a:send_io(file))
    local passed <close> = assert(b:recv_io())
    assert.equal("file", io.type(passed))
    assert(passed:write("hello"):flush())
    file:seek("set")
    assert.equal("hello", file:read("a"))
  end)

  it("take and give an fd's number", function()
    local a, b, _ <close> = pair()
    local c, d, _ <close> = pair()
    assert.is_true(a:send_io(c:fileno()))
    local fd = assert(b:recv_io(nil))
    assert.equal("integer", math.type(fd))
    local passed <close> = assert(UNIXSocket.for_fd(fd))
    passed:send("x")
    assert.equal("x", d:recv(1))
    a:send_io(c)
    local again <close> = Socket.for_fd(b:recv_io(nil, { timeout = 5 }))
    assert.equal(c:getsockname(), again:getsockname())
  end)

  it("make an object of the class that is asked for", function()
    local a, b, _ <close> = pair()
    a:send_io(a)
    local passed <close> = assert(b:recv_io(Socket))
    assert.is_true(passed:is_a(Socket))
    a:send_io(a)
    local got = {}
    local class = { for_fd = function(...)
      got = table.pack(...)
      return { fd = ... }
    end }
    local object = assert(b:recv_io(class, "r", { timeout = 5 }))
    assert.same({ object.fd, "r", n = 2 }, got)
    assert(Socket.for_fd(object.fd)):close()
  end)

  it("close what the class does not take", function()
    local a, b, _ <close> = pair()
    local file <close> = assert(io.tmpfile())
    local before = fds.list()
    a:send_io(file)
    assert.equal("EBADF", select(2, b:recv_io(TCPSocket)).name)
    a:send_io(file)
    assert.error_matches(function()
      b:recv_io { for_fd = function() error("no", 0) end }
    end, "^no$")
    assert.same({}, fds.since(before))
  end)

  it("leave the sender's own open", function()
    local a, b, _ <close> = pair()
    a:send_io(a)
    assert(b:recv_io()):close()
    assert.is_false(a:is_closed())
    a:send_io(io.stdin)
    b:recv_io():close()
    assert.equal("file", io.type(io.stdin))
  end)
end)

describe("recv_io", function()
  it("is an error at once where data comes without an fd", function()
    local a, b, _ <close> = pair()
    a:write("xy")
    local err = fails(NOTHING, b:recv_io())
    assert.same({ "SocketError", "x" }, { err.name, err.partial })
    assert.equal("y", b:recv(1))
    a:close()
    assert.is_nil(fails(NOTHING, b:recv_io()).partial)
  end)

  it("refuses several fds, and closes them", function()
    local a, b, _ <close> = pair()
    local before = fds.list()
    for _, count in ipairs { 2, 3, 20, 100 } do
      local objects = {}
      for i = 1, count do objects[i] = a end
      assert(a:sendmsg("x", 0, nil, AncillaryData.unix_rights(
        table.unpack(objects))))
      local err = select(2, b:recv_io())
      assert.equal("SocketError", err.name)
      assert.is_truthy(err.message:find("^file descriptor was not passed"))
    end
    assert.same({}, fds.since(before))
  end)

  it("waits no longer than it may", function()
    local _, b, _ <close> = pair()
    assert.equal(Socket.TIMEOUT, select(2, b:recv_io { timeout = 0.01 }))
    assert.equal(Socket.WAIT_READABLE, select(2, b:recv_io { timeout = 0 }))
    b:set_timeout(0.01)
    assert.equal(Socket.TIMEOUT, select(2, b:recv_io()))
    assert.equal(Socket.TIMEOUT, select(2, b:recv_io(nil)))
  end)

  it("refuses what is no class", function()
    local _, b, _ <close> = pair()
    assert.error_matches(function() b:recv_io(1) end, "#1 to 'recv_io'")
    assert.error_matches(function() b:recv_io { tmeout = 1 } end, "tmeout")
  end)
end)

describe("send_io", function()
  it("refuses what has no fd", function()
    local a, _, _ <close> = pair()
    for _, value in ipairs { "x", {}, true } do
      assert.error_matches(function()
        a:send_io(value)
      end, "bad argument #1 to 'send_io' %(neither IO nor file descriptor%)")
    end
    assert.error_matches(function() a:send_io(-1) end, "#1 to 'send_io'")
    assert.error_matches(function() a:send_io() end, "#1 to 'send_io'")
  end)

  it("tells what the system refuses", function()
    local a, b, _ <close> = pair()
    fails("Bad file descriptor - sendmsg(2)", a:send_io(99999))
    local c, d, _ <close> = pair()
    c:close()
    fails("closed stream", a:send_io(c))
    local file = assert(io.tmpfile())
    file:close()
    fails("closed stream", a:send_io(file))
    b:close()
    fails("Broken pipe - sendmsg(2)", a:send_io(d))
    a:close()
    fails("closed stream", a:send_io(d))
    fails("closed stream", a:recv_io())
  end)

  it("waits for room no longer than it may", function()
    local a, _, _ <close> = pair()
    while a:send(("x"):rep(65536), "DONTWAIT") do end
    assert.equal(Socket.TIMEOUT, select(2, a:send_io(a, { timeout = 0.01 })))
    assert.equal(Socket.WAIT_WRITABLE,
      select(2, a:send_io(a, { timeout = 0 })))
  end)

  it("is no method of other sockets", function()
    local tcp <close> = assert(Socket.UDPSocket.new())
    assert.is_nil(tcp.send_io)
    local server <close> = assert(UNIXServer.new(net.path()))
    assert.is_function(server.recv_io)
  end)
end)
