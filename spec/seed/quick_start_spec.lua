-- The first steps of the library's documentation: connect, serve two lines,
-- read them to the end.

local Socket = require "socket"
local net = require "spec.support.net"

describe("the quick start", function()
  it("connects a stream socket to a packed address", function()
    local server <close>, address, port = net.listener()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    assert.are.equal(0, sock:connect(address))
    assert.are.equal(port, sock:remote_address():ip_port())
    local peer <close> = assert(server:accept())
    assert.are.equal(sock:local_address(), peer:remote_address())
  end)

  it("connects a TCPSocket to a host and a port", function()
    local _ <close>, _, port = net.listener()
    local sock <close> = assert(Socket.TCPSocket.new("127.0.0.1", port))
    assert.is_true(sock:is_a(Socket.TCPSocket))
    assert.are.equal(port, sock:remote_address():ip_port())
  end)

  it("serves two lines with a TCPServer and reads them to the end", function()
    local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
    local port = server:local_address():ip_port()
    local sock <close> = assert(Socket.TCPSocket.new("localhost", port))

    local client <close> = assert(server:accept())
    local time = os.date()
    assert.is_true(client:puts("Hello !"))
    assert.is_true(client:puts("Time is " .. time))
    client:close()

    local lines = {}
    for line in function() return sock:gets() end do
      lines[#lines + 1] = line
    end
    assert.are.same({ "Hello !\n", "Time is " .. time .. "\n" }, lines)
    assert.are.same({ n = 1 }, table.pack(sock:gets()))
  end)

  it("has a constructor for each kind of client and server", function()
    for _, name in ipairs { "tcp", "tcp_server_loop", "unix",
      "unix_server_loop" } do
      assert.is_function(Socket[name], name)
    end
    assert.is_function(Socket.TCPSocket.open)
    assert.is_function(Socket.TCPServer.open)
    assert.is_function(Socket.UNIXSocket.open)
    assert.is_function(Socket.UNIXServer.open)
  end)
end)
