-- Opening TCP servers.

local Socket = require "socket"
local net = require "spec.support.net"

-- A list whose sockets are closed at the end of the example.
local function closing(list)
  return setmetatable(list, {
    __close = function()
      for _, sock in ipairs(list) do sock:close() end
    end,
  })
end

local function port_of(sock)
  return sock:local_address():ip_port()
end

describe("Socket.tcp_server_sockets", function()
  it("opens one socket for each family, all on one free port", function()
    local list <close> = closing(assert(Socket.tcp_server_sockets(0)))
    local port = port_of(list[1])
    assert.is_true(port > 0)
    local addresses = {}
    for i, sock in ipairs(list) do
      addresses[i] = sock:local_address():inspect_sockaddr()
    end
    table.sort(addresses)
    local expected = { "0.0.0.0:" .. port }
    if net.has_ipv6() then expected[2] = "[::]:" .. port end
    assert.same(expected, addresses)
  end)

  net.each_family(function(host, name)
    it("listens at the host's address over " .. name, function()
      local list <close> = closing(assert(Socket.tcp_server_sockets(host, 0)))
      assert.equal(1, #list)
      local client <close> = assert(Socket.tcp(host, port_of(list[1])))
      local accepted <close> = assert(list[1]:accept())
      assert.equal(client:local_address(), accepted:remote_address())
    end)
  end)

  it("may use an address again, and only its own family", function()
    local list <close> = closing(assert(Socket.tcp_server_sockets(0)))
    for _, sock in ipairs(list) do
      assert.is_true(sock:getsockopt("SOCKET", "REUSEADDR"):bool())
      if sock:local_address():is_ipv6() then
        assert.is_true(sock:getsockopt("IPV6", "V6ONLY"):bool())
      end
    end
  end)

  it("takes a port that is asked for", function()
    local port
    do
      local list <close> = closing(assert(Socket.tcp_server_sockets(
        "127.0.0.1", 0)))
      port = port_of(list[1])
    end
    local again <close> = closing(assert(Socket.tcp_server_sockets(
      "127.0.0.1", tostring(port))))
    assert.equal(port, port_of(again[1]))
  end)

  it("shares a port with reuseport", function()
    local opts = { reuseport = true }
    local one <close> = closing(assert(Socket.tcp_server_sockets("127.0.0.1", 0,
      opts)))
    local two <close> = closing(assert(Socket.tcp_server_sockets("127.0.0.1",
      port_of(one[1]), opts)))
    assert.equal(port_of(one[1]), port_of(two[1]))
  end)

  it("fails when the port is taken", function()
    local _ <close>, _, port = net.listener()
    local list, err, errno = Socket.tcp_server_sockets("127.0.0.1", port)
    assert.is_nil(list)
    assert.equal(Socket.Errno.EADDRINUSE, errno)
    assert.equal("Address already in use - bind(2) for 127.0.0.1:" .. port,
      tostring(err))
  end)

  it("fails when the service is unknown", function()
    local list, err = Socket.tcp_server_sockets("127.0.0.1", "no-such-service")
    assert.is_nil(list)
    assert.equal("ResolutionError", err.name)
  end)

  it("closes the sockets after a function", function()
    local seen
    assert.equal(1, Socket.tcp_server_sockets("127.0.0.1", 0, function(list)
      seen = list
      return #list
    end))
    assert.is_true(seen[1]:is_closed())
  end)

  it("closes the sockets when the function raises", function()
    local seen
    local ok, err = pcall(Socket.tcp_server_sockets, 0, function(list)
      seen = list
      error("oh", 0)
    end)
    assert.is_false(ok)
    assert.equal("oh", err)
    for _, sock in ipairs(seen) do assert.is_true(sock:is_closed()) end
  end)

  it("raises for wrong arguments", function()
    for _, arguments in ipairs { {}, { "127.0.0.1", -1 }, { true, 80 },
      { 0, { reuse = true } } } do
      local ok, message = pcall(Socket.tcp_server_sockets,
        table.unpack(arguments))
      assert.is_false(ok)
      assert.matches("bad argument #%d to 'tcp_server_sockets'", message)
    end
  end)
end)

describe("TCPServer", function()
  it("listens and accepts TCPSockets", function()
    local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
    assert.is_true(server:is_a(Socket.TCPServer))
    local client <close> = assert(Socket.TCPSocket.new("127.0.0.1",
      port_of(server)))
    local accepted <close>, nothing = assert(server:accept())
    assert.is_nil(nothing)
    assert.is_true(accepted:is_a(Socket.TCPSocket))
    assert.is_false(accepted:is_a(Socket.TCPServer))
    assert.equal(client:local_address(), accepted:remote_address())
  end)

  it("names host and port in its errors", function()
    local _ <close>, _, port = net.listener()
    local server, err = Socket.TCPServer.new("127.0.0.1", port)
    assert.is_nil(server)
    assert.equal(('Address already in use - bind(2) for "127.0.0.1" port %d')
      :format(port), tostring(err))
  end)

  it("closes after a function", function()
    local seen
    Socket.TCPServer.open("127.0.0.1", 0, function(server)
      seen = server
    end)
    assert.equal("#<TCPServer:(closed)>", tostring(seen))
  end)
end)
