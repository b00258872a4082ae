-- What an object has of its class: the tree, its text, constructors.

local Socket = require "socket"
local guard = require "socket.guard"
local net = require "spec.support.net"

local TREE = {
  BasicSocket = {},
  IPSocket = { "BasicSocket" },
  TCPSocket = { "IPSocket", "BasicSocket" },
  TCPServer = { "TCPSocket", "IPSocket", "BasicSocket" },
  UDPSocket = { "IPSocket", "BasicSocket" },
  UNIXSocket = { "BasicSocket" },
  UNIXServer = { "UNIXSocket", "BasicSocket" },
}

-- A closed object of each class, by name.
local function one_of_each()
  local objects = {}
  for name in pairs(TREE) do
    local sock = assert(Socket.new("UNIX", "STREAM"))
    objects[name] = assert(Socket[name].for_fd(sock:detach()))
    objects[name]:close()
  end
  return objects
end

describe("a class", function()
  it("inherits as in Ruby", function()
    for name, object in pairs(one_of_each()) do
      assert.is_true(object:is_a(Socket[name]))
      local is_ancestor = { [name] = true }
      for _, ancestor in ipairs(TREE[name]) do is_ancestor[ancestor] = true end
      for other in pairs(TREE) do
        assert.equal(is_ancestor[other] or false, object:is_a(Socket[other]),
          name .. " " .. other)
      end
      assert.is_false(object:is_a(Socket))
    end
  end)

  it("shows methods that are added later", function()
    local objects = one_of_each()
    function Socket.IPSocket.added() return "added" end
    for name, object in pairs(objects) do
      local is_ip = object:is_a(Socket.IPSocket)
      assert.equal(is_ip, object.added ~= nil, name)
    end
    Socket.IPSocket.added = nil
  end)

  it("is a field of the module, which sets no global", function()
    assert.equal(Socket, require "sockeye")
    assert.is_nil(rawget(_G, "Socket"))
    assert.is_nil(rawget(_G, "socket"))
  end)
end)

describe("inspect", function()
  it("tells class and fd, or that the socket is closed", function()
    local sock = assert(Socket.new("INET", "STREAM"))
    local fd = sock:fileno()
    assert.equal(("#<Socket:fd %d>"):format(fd), sock:inspect())
    sock:close()
    assert.equal("#<Socket:(closed)>", tostring(sock))
  end)

  it("tells an internet socket's local address", function()
    local sock <close> = assert(Socket.UDPSocket.new())
    assert.equal(("#<UDPSocket:fd %d, AF_INET, 0.0.0.0, 0>"):format(
      sock:fileno()), tostring(sock))
    assert(sock:bind(nil, 0))
    assert.equal(("#<UDPSocket:fd %d, AF_INET, 127.0.0.1, %d>"):format(
      sock:fileno(), sock:local_address():ip_port()), tostring(sock))
    sock:close()
    assert.equal("#<UDPSocket:(closed)>", tostring(sock))
  end)

  it("raises for what is no socket", function()
    for _, class in ipairs { Socket.BasicSocket, Socket.IPSocket,
      Socket.UNIXSocket } do
      local ok, message = pcall(class.inspect, 5)
      assert.is_false(ok)
      assert.matches("socket expected, got number", message)
    end
  end)
end)

describe("a <close> variable", function()
  it("closes its socket, whatever the scope ends with", function()
    local seen
    local value = { family = 5 }
    local ok, err = pcall(function()
      local sock <close> = assert(Socket.new("INET", "STREAM"))
      seen = sock
      error(value)
    end)
    assert.is_false(ok)
    assert.equal(value, err)
    assert.is_true(seen:is_closed())
  end)
end)

describe("Socket.new", function()
  it("is Socket.open and Socket itself", function()
    for _, new in ipairs { Socket.new, Socket.open, Socket } do
      local sock <close> = assert(new("INET", "STREAM"))
      assert.is_true(sock:is_a(Socket))
    end
  end)

  it("closes the socket after a function", function()
    local seen
    assert.equal(1, Socket.new("INET", "DGRAM", 0, function(sock)
      seen = sock
      return 1
    end))
    assert.is_true(seen:is_closed())
  end)

  it("raises for wrong arguments, and says where", function()
    local function complaint(...)
      local ok, message = pcall(function(...)
        local sock = Socket.new(...)
        return sock
      end, ...)
      assert.is_false(ok)
      assert.matches("^spec/basicsocket/class_spec.lua:", message)
      return message:match("bad argument #%d to 'new'")
    end
    assert.equal("bad argument #1 to 'new'", complaint())
    assert.equal("bad argument #1 to 'new'", complaint("INET9", "STREAM"))
    assert.equal("bad argument #2 to 'new'", complaint("INET", "STREAMS"))
    assert.equal("bad argument #3 to 'new'", complaint("INET", "STREAM", { 1 }))
  end)

  it("tells what the system refuses", function()
    local sock, err, errno = Socket.new("INET", "STREAM", "UDP")
    assert.is_nil(sock)
    assert.equal("EPROTONOSUPPORT", err.name)
    assert.equal(Socket.Errno.EPROTONOSUPPORT, errno)
  end)
end)

describe("Socket.pair", function()
  it("makes two connected sockets", function()
    for _, make in ipairs { Socket.pair, Socket.socketpair } do
      local a, b = assert(make("UNIX", "DGRAM", 0))
      local _ <close> = guard.owned(a, b)
      a:send("x", 0)
      assert.equal("x", b:recv(10))
    end
  end)

  it("closes both after a function", function()
    local one, two
    Socket.pair("UNIX", "STREAM", function(a, b)
      one, two = a, b
    end)
    assert.is_true(one:is_closed() and two:is_closed())
  end)
end)

describe("for_fd", function()
  it("takes an fd in", function()
    local a, _, _ <close> = net.pair()
    local again <close> = assert(Socket.UNIXSocket.for_fd(a:detach()))
    assert.is_true(again:is_a(Socket.UNIXSocket))
    assert.equal(Socket.AF_UNIX, again:local_address():afamily())
  end)

  it("leaves what is no socket alone", function()
    local file <close> = assert(io.open("/dev/null"))
    local fd = require "socket.native".select.member(file)
    local sock, err = Socket.for_fd(fd)
    assert.is_nil(sock)
    assert.equal("EBADF", err.name)
    assert.is_nil(file:read(1))
    assert.is_truthy(file:seek("set"))
  end)

  it("raises for what is no fd", function()
    local ok, message = pcall(Socket.for_fd, "x")
    assert.is_false(ok)
    assert.matches("bad argument #1 to 'for_fd'", message)
  end)
end)
