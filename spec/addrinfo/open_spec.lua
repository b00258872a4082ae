-- Addrinfo's methods that open sockets.

local Socket = require "socket"
local net = require "spec.support.net"

local Addrinfo = Socket.Addrinfo

describe("Addrinfo:listen", function()
  net.each_family(function(host, name)
    it("takes connections over " .. name, function()
      local server <close> = assert(Addrinfo.tcp(host, 0):listen())
      local address = server:local_address()
      assert.is_true(server:getsockopt("SOCKET", "REUSEADDR"):bool())
      if address:is_ipv6() then
        assert.is_true(server:getsockopt("IPV6", "V6ONLY"):bool())
      end
      local client <close> = assert(address:connect())
      local accepted <close>, peer = assert(server:accept())
      assert.equal(client:local_address(), peer)
      assert.equal(address, accepted:local_address())
    end)
  end)

  it("takes a backlog and a function", function()
    local seen
    assert.equal("x", Addrinfo.tcp("127.0.0.1", 0):listen(1, function(server)
      seen = server
      return "x"
    end))
    assert.is_true(seen:is_closed())
  end)

  it("fails when the port is taken", function()
    local _ <close>, _, port = net.listener()
    local server, err = Addrinfo.tcp("127.0.0.1", port):listen()
    assert.is_nil(server)
    assert.equal("Address already in use - bind(2) for 127.0.0.1:" .. port,
      tostring(err))
  end)

  it("raises for wrong arguments", function()
    local address = Addrinfo.tcp("127.0.0.1", 0)
    for _, backlog in ipairs { "x", 1.5, 1 << 40, { backlog = 1 } } do
      local ok, message = pcall(address.listen, address, backlog)
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'listen'", message)
    end
    assert.has_error(function()
      address.listen(5)
    end)
  end)
end)

describe("Addrinfo:bind", function()
  it("makes a bound socket", function()
    local sock <close> = assert(Addrinfo.udp("127.0.0.1", 0):bind())
    local address = sock:local_address()
    assert.equal("127.0.0.1", address:ip_address())
    assert.is_true(address:ip_port() > 0)
    assert.equal(Socket.SOCK_DGRAM, address:socktype())
  end)

  it("closes the socket after a function", function()
    local seen
    Addrinfo.udp("127.0.0.1", 0):bind(function(sock)
      seen = sock
    end)
    assert.is_true(seen:is_closed())
  end)

  it("fails for an address that is not this machine's", function()
    local sock, err = Addrinfo.tcp("198.51.100.1", 5):bind()
    assert.is_nil(sock)
    assert.equal("Cannot assign requested address - bind(2) for 198.51.100.1:5",
      tostring(err))
  end)
end)

describe("Addrinfo:connect", function()
  it("returns what a function returns and closes the socket", function()
    local server <close> = net.listener()
    local seen
    assert.equal(42, server:local_address():connect(function(sock)
      seen = sock
      return 42
    end))
    assert.is_true(seen:is_closed())
  end)

  it("tells a refusal", function()
    local port, keeper = net.closed_port()
    local _ <close> = keeper
    local sock, err = Addrinfo.tcp("127.0.0.1", port):connect()
    assert.is_nil(sock)
    assert.equal("Connection refused - connect(2) for 127.0.0.1:" .. port,
      tostring(err))
  end)

  it("gives up past its timeout", function()
    local server, _, _, _ <close> = net.full_listener()
    local address = server:local_address()
    local sock, err = address:connect { timeout = 0.02 }
    assert.is_nil(sock)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal("Connection timed out - user specified timeout", tostring(err))
    sock, err = address:connect_from("127.0.0.1", 0, { timeout = 0.02 })
    assert.is_nil(sock)
    assert.is_true(err == Socket.TIMEOUT)
  end)

  it("raises for an unknown keyword", function()
    local address = Addrinfo.tcp("127.0.0.1", 1)
    assert.has_error(function()
      address:connect { timout = 1 }
    end)
  end)
end)

describe("Addrinfo:connect_from", function()
  it("connects from a host and a port", function()
    local server <close> = net.listener()
    local sock <close> = assert(server:local_address():connect_from("127.0.0.2",
      0))
    assert.equal("127.0.0.2", sock:local_address():ip_address())
  end)

  it("connects from an address in any form", function()
    local server <close> = net.listener()
    for _, from in ipairs { Addrinfo.tcp("127.0.0.2", 0),
      { family = "inet", addr = "127.0.0.2", port = 0 } } do
      local sock <close> = assert(server:local_address():connect_from(from))
      assert.equal("127.0.0.2", sock:local_address():ip_address())
    end
  end)

  it("raises without an address, or for one of another kind", function()
    local address = Addrinfo.tcp("127.0.0.1", 1)
    assert.has_error(function()
      address:connect_from()
    end)
    assert.has_error(function()
      address:connect_from("127.0.0.1")
    end)
    assert.has_error(function()
      address:connect_from(Addrinfo.unix("/s"))
    end)
  end)
end)

describe("Addrinfo:connect_to", function()
  it("connects from this address to another", function()
    local server <close>, _, port = net.listener()
    local from = Addrinfo.tcp("127.0.0.2", 0)
    for _, to in ipairs { { "127.0.0.1", port }, { server:local_address() } } do
      local sock <close> = assert(from:connect_to(table.unpack(to)))
      assert.equal("127.0.0.2", sock:local_address():ip_address())
      assert.equal(server:local_address(), sock:remote_address())
    end
  end)

  it("connects unix sockets", function()
    local path, here = net.path(), net.path()
    local server <close> = assert(Socket.unix_server_socket(path))
    local sock <close> = assert(Addrinfo.unix(here):connect_to(path))
    assert.equal(here, sock:local_address():unix_path())
    assert.equal(server:local_address(), sock:remote_address())
  end)
end)
