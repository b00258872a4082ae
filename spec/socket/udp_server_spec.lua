-- Serving datagrams.

local Socket = require "socket"
local net = require "spec.support.net"

-- Whether a received datagram can be read.
local function wait_for(sock)
  assert(sock:wait_readable(5))
end

-- A client that has sent a datagram to the server's first socket.
local function ask(sockets, message)
  local client = assert(Socket.UDPSocket.new())
  local address = sockets[1]:local_address()
  assert(client:connect("127.0.0.1", address:ip_port()))
  assert(client:send(message, 0))
  return client
end

describe("Socket.udp_server_sockets", function()
  it("binds each address of this machine to one free port", function()
    Socket.udp_server_sockets(0, function(sockets)
      local port = sockets[1]:local_address():ip_port()
      assert.is_true(port > 0)
      local has_loopback = false
      for _, sock in ipairs(sockets) do
        local address = sock:local_address()
        assert.equal(port, address:ip_port())
        assert.equal(Socket.SOCK_DGRAM, address:socktype())
        has_loopback = has_loopback or address:ip_address() == "127.0.0.1"
      end
      assert.is_true(has_loopback)
    end)
  end)

  net.each_family(function(host, name)
    it("binds the host's address over " .. name, function()
      Socket.udp_server_sockets(host, 0, function(sockets)
        assert.equal(1, #sockets)
        assert.equal(host, sockets[1]:local_address():ip_address())
      end)
    end)
  end)

  it("closes the sockets after the function", function()
    local seen
    assert.equal("x", Socket.udp_server_sockets("127.0.0.1", 0, function(list)
      seen = list
      return "x"
    end))
    assert.is_true(seen[1]:is_closed())
  end)

  it("fails when the port is taken", function()
    local taken <close> = assert(Socket.new("INET", "DGRAM"))
    assert(taken:bind(Socket.pack_sockaddr_in(0, "127.0.0.1")))
    local port = taken:local_address():ip_port()
    local list, err = Socket.udp_server_sockets("127.0.0.1", port)
    assert.is_nil(list)
    assert.equal("Address already in use - bind(2) for 127.0.0.1:" .. port,
      tostring(err))
  end)
end)

describe("Socket.udp_server_recv", function()
  it("passes a datagram and its source", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
      local client <close> = ask(sockets, "ping")
      wait_for(sockets[1])
      local message, source
      assert.equal(sockets, Socket.udp_server_recv(sockets, function(...)
        message, source = ...
      end))
      assert.equal("ping", message)
      local here = sockets[1]:local_address()
      local peer = client:local_address()
      assert.equal(peer, source:remote_address())
      assert.equal(here, source:local_address())
      assert.equal(("#<Socket::UDPSource: %s to %s>"):format(
        peer:inspect_sockaddr(), here:inspect_sockaddr()), tostring(source))
      assert.equal(5, source:reply("ping!"))
      assert.equal("ping!", client:recv(10))
    end)
  end)

  it("does not wait where nothing is", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
      assert.equal(sockets, Socket.udp_server_recv(sockets, error))
    end)
  end)

  it("fails on a closed socket", function()
    local kept
    Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
      kept = sockets
    end)
    local ok, err = Socket.udp_server_recv(kept, error)
    assert.is_nil(ok)
    assert.equal("IOError", err.name)
  end)
end)

describe("Socket.udp_server_loop_on", function()
  it("passes each datagram until BREAK", function()
    Socket.udp_server_sockets(0, function(sockets)
      local client <close> = ask(sockets, "one")
      assert(client:send("", 0))
      assert(client:send("three", 0))
      local seen = {}
      assert.is_true(Socket.udp_server_loop_on(sockets, function(message)
        seen[#seen + 1] = message
        if #seen == 3 then return Socket.BREAK end
      end))
      assert.same({ "one", "", "three" }, seen)
      assert.is_false(sockets[1]:is_closed())
    end)
  end)

  it("ends when its sockets are closed", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
      local _ <close> = ask(sockets, "x")
      assert.is_true(Socket.udp_server_loop_on(sockets, function()
        sockets[1]:close()
      end))
    end)
  end)

  it("takes a whole datagram of any size", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
      local big = ("x"):rep(65000)
      local _ <close> = ask(sockets, big)
      Socket.udp_server_loop_on(sockets, function(message)
        assert.equal(#big, #message)
        return Socket.BREAK
      end)
    end)
  end)
end)

describe("Socket.udp_server_loop", function()
  it("answers, and closes its sockets at the end", function()
    local opened, client
    local opts = {
      listening = function(sockets)
        opened = sockets
        client = ask(sockets, "ping")
      end,
    }
    assert.is_true(Socket.udp_server_loop("127.0.0.1", 0, opts,
      function(message, source)
        source:reply(message .. "!")
        return Socket.BREAK
      end))
    assert.equal("ping!", client:recv(10))
    client:close()
    assert.is_true(opened[1]:is_closed())
  end)
end)

-- A client at that address has its question answered from the same address.
local function check_answer(sockets, host, serve)
  local domain = host:find(":", 1, true) and "INET6" or "INET"
  local port = sockets[1]:local_address():ip_port()
  local client <close> = assert(Socket.new(domain, "DGRAM"))
  local server = Socket.Addrinfo.udp(host, port)
  assert(client:send("ping", 0, server))
  local asked
  assert(serve(sockets, function(message, source)
    asked = source:local_address()
    assert.equal(5, source:reply(message .. "!"))
    return Socket.BREAK
  end))
  local answer, from = client:recvfrom(10, { timeout = 5 })
  assert.equal("ping!", answer)
  assert.equal(host, from:ip_address())
  assert.equal(port, from:ip_port())
  assert.equal(server:inspect_sockaddr(), asked:inspect_sockaddr())
end

describe("a reply of a UDP server", function()
  it("leaves from the address that was asked over IPv4", function()
    Socket.udp_server_sockets("0.0.0.0", 0, function(sockets)
      check_answer(sockets, "127.0.0.1", Socket.udp_server_loop_on)
    end)
  end)

  it("leaves from the address that was asked over IPv6", function()
    if not net.has_ipv6() then return end
    Socket.udp_server_sockets("::", 0, function(sockets)
      if Socket.IPV6_RECVPKTINFO then
        assert.equal(1, #sockets)
        assert.equal("::", sockets[1]:local_address():ip_address())
      end
      check_answer(sockets, "::1", Socket.udp_server_loop_on)
    end)
  end)

  it("leaves from a single address", function()
    net.each_family(function(host)
      Socket.udp_server_sockets(host, 0, function(sockets)
        check_answer(sockets, host, Socket.udp_server_loop_on)
      end)
    end)
  end)

  -- All of 127.0.0.0/8 is this machine; the system would choose 127.0.0.1.
  it("leaves from the address that a control message tells", function()
    local server <close> = assert(Socket.new("INET", "DGRAM"))
    assert(server:setsockopt("IP", "PKTINFO", true))
    assert(server:bind(Socket.pack_sockaddr_in(0, "0.0.0.0")))
    check_answer({ server }, "127.0.0.2", Socket.udp_server_loop_on)
  end)

  it("leaves the same way when udp_server_recv took the question", function()
    Socket.udp_server_sockets(0, function(sockets)
      net.each_family(function(host)
        check_answer(sockets, host, function(list, fn)
          for _ = 1, 100 do
            local served = false
            assert(Socket.udp_server_recv(list, function(...)
              served = true
              return fn(...)
            end))
            if served then return true end
            assert(Socket.select(list, nil, nil, 5))
          end
        end)
      end)
    end)
  end)
end)

describe("UDPSource.new", function()
  local remote = Socket.Addrinfo.udp("127.0.0.1", 5)
  local here = Socket.Addrinfo.udp("127.0.0.1", 6)

  it("replies with its function", function()
    local source = Socket.UDPSource.new(remote, here, function(message)
      return #message
    end)
    assert.equal(3, source:reply("abc"))
    assert.equal("#<Socket::UDPSource: 127.0.0.1:5 to 127.0.0.1:6>",
      source:inspect())
  end)

  it("gives what its function does, also after a wait", function()
    local source = Socket.UDPSource.new(remote, here, function(...)
      Socket.sleep(0)
      return select("#", ...), ...
    end)
    assert.same({ 1, "abc" }, { Socket.run(source.reply, source, "abc", 5) })
    assert.equal(remote, source:remote_address())
    assert.equal(here, source:local_address())
  end)

  it("has the methods that a program adds", function()
    local source = Socket.UDPSource.new(remote, here, print)
    function Socket.UDPSource:port() return self:remote_address():ip_port() end
    assert.equal(5, source:port())
    Socket.UDPSource.port = nil
  end)

  it("raises for wrong arguments", function()
    for _, arguments in ipairs { { 1, here, print }, { remote, "x", print },
      { remote, here } } do
      assert.has_error(function()
        Socket.UDPSource.new(table.unpack(arguments))
      end)
    end
    for _, name in ipairs { "reply", "remote_address", "local_address",
      "inspect" } do
      local ok, message = pcall(Socket.UDPSource[name], 5)
      assert.is_false(ok)
      assert.matches("UDPSource expected, got number", message)
      assert.has_error(function() Socket.UDPSource[name](io.stdout) end)
      assert.has_error(function() Socket.UDPSource[name](remote) end)
    end
  end)
end)
