local Socket = require "socket"
local net = require "spec.support.net"

local Addrinfo, BasicSocket = Socket.Addrinfo, Socket.BasicSocket

local LOCAL = { "getsockname", "sockname", "local_address", "connect_address" }
local REMOTE = { "getpeername", "peername", "remote_address" }

describe("a socket's own address", function()
  net.each_family(function(host, name, domain)
    it("is a string, a table and an Addrinfo for " .. name, function()
      local server <close>, address, port = net.listener(host)
      assert.equal(address, server:getsockname())
      local fields = server:sockname()
      assert.equal(domain:lower(), fields.family)
      assert.equal(host, fields.addr)
      assert.equal(port, fields.port)
      assert.equal(address, Addrinfo.new(fields):to_sockaddr())
      local addrinfo = server:local_address()
      assert.equal(Addrinfo.new(address, domain, "STREAM"), addrinfo)
      assert.equal(0, addrinfo:protocol())
      assert.equal(addrinfo, server:connect_address())
    end)

    it("is connectable where it is bound to any for " .. name, function()
      local any = host == "::1" and "::" or "0.0.0.0"
      local server <close>, _, port = net.listener(any)
      local address = server:connect_address()
      assert.equal(host, address:ip_address())
      assert.equal(port, address:ip_port())
      local client <close> = Socket.new(domain, "STREAM")
      assert.equal(0, client:connect(address))
    end)
  end)

  it("is a path", function()
    local path = net.path()
    local server <close> = Socket.new("UNIX", "STREAM")
    assert(server:bind(Socket.sockaddr_un(path)))
    assert.same({ family = "local", path = path }, server:sockname())
    assert.equal(path, server:connect_address():unix_path())
    assert.equal(path, Socket.unpack_sockaddr_un(server:getsockname()))
  end)

  it("is empty where it is not bound", function()
    local unix <close> = Socket.new("UNIX", "STREAM")
    assert.same({ family = "local", path = "" }, unix:sockname())
    assert.equal("empty-path-AF_UNIX-sockaddr",
      unix:local_address():inspect_sockaddr())
    local inet <close> = Socket.new("INET", "STREAM")
    assert.same({ family = "inet", addr = "0.0.0.0", port = 0 },
      inet:sockname())
  end)

  it("is nothing to connect to where it is not bound", function()
    for domain, text in pairs({
      INET = "unbound IPv4 socket", UNIX = "unbound Unix socket",
      INET6 = net.has_ipv6() and "unbound IPv6 socket" or nil,
    }) do
      local sock <close> = Socket.new(domain, "STREAM")
      local address, err, errno = sock:connect_address()
      assert.is_nil(address)
      assert.equal("SocketError", err.name)
      assert.equal(text, tostring(err))
      assert.is_nil(errno)
    end
  end)
end)

describe("the other end's address", function()
  net.each_family(function(host, name)
    it("is a string, a table and an Addrinfo for " .. name, function()
      local client, accepted, _ <close> = net.tcp_pair(host)
      assert.equal(client:getsockname(), accepted:getpeername())
      assert.same(client:sockname(), accepted:peername())
      assert.equal(client:local_address(), accepted:remote_address())
    end)
  end)

  it("is empty for a pair", function()
    local a, b, _ <close> = net.pair()
    assert.equal("", a:remote_address():unix_path())
    assert.same({ family = "local", path = "" }, b:peername())
  end)

  it("is missing where there is none", function()
    local sock <close> = Socket.new("INET", "STREAM")
    for _, name in ipairs(REMOTE) do
      local address, err, errno = sock[name](sock)
      assert.is_nil(address)
      assert.equal("ENOTCONN", err.name)
      assert.equal(Socket.Errno.ENOTCONN, errno)
      assert.equal("Transport endpoint is not connected - getpeername(2)",
        tostring(err))
    end
  end)
end)

describe("BasicSocket:getpeereid", function()
  it("tells the user and the group at the other end", function()
    local a, _, _ <close> = net.pair()
    local user, group = a:getpeereid()
    assert.equal("integer", math.type(user))
    assert.equal("integer", math.type(group))
  end)
end)

describe("do_not_reverse_lookup", function()
  it("is true at first", function()
    local sock <close> = Socket.new("INET", "STREAM")
    assert.is_true(BasicSocket.do_not_reverse_lookup())
    assert.is_true(sock:do_not_reverse_lookup())
  end)

  it("is set for one socket", function()
    local sock <close> = Socket.new("INET", "STREAM")
    assert.is_true(sock:set_do_not_reverse_lookup(false))
    assert.is_false(sock:do_not_reverse_lookup())
    assert.is_true(BasicSocket.do_not_reverse_lookup())
  end)

  it("is set for the sockets to be made", function()
    local before <close> = Socket.new("INET", "STREAM")
    finally(function()
      BasicSocket.set_do_not_reverse_lookup(true)
    end)
    assert.is_true(BasicSocket.set_do_not_reverse_lookup(false))
    assert.is_false(Socket.do_not_reverse_lookup())
    local after <close> = Socket.new("INET", "STREAM")
    assert.is_false(after:do_not_reverse_lookup())
    assert.is_true(before:do_not_reverse_lookup())
  end)

  it("needs a value to be set", function()
    local sock <close> = Socket.new("INET", "STREAM")
    assert.is_false(pcall(sock.set_do_not_reverse_lookup, sock))
    assert.is_false(pcall(BasicSocket.set_do_not_reverse_lookup))
  end)
end)

describe("a closed socket", function()
  it("has no addresses", function()
    local sock = Socket.new("INET", "STREAM")
    sock:close()
    local names = { "getpeereid", "do_not_reverse_lookup" }
    table.move(LOCAL, 1, #LOCAL, #names + 1, names)
    table.move(REMOTE, 1, #REMOTE, #names + 1, names)
    for _, name in ipairs(names) do
      local result, err = sock[name](sock)
      assert.is_nil(result)
      assert.equal("IOError", err.name)
    end
    local result, err = sock:set_do_not_reverse_lookup(true)
    assert.is_nil(result)
    assert.equal("closed stream", tostring(err))
  end)
end)

describe("the names of what is no socket", function()
  it("raise", function()
    for _, name in ipairs(LOCAL) do
      assert.is_false(pcall(BasicSocket[name]))
      assert.is_false(pcall(BasicSocket[name], io.stdout))
      assert.is_false(pcall(BasicSocket[name], Addrinfo.new("")))
    end
  end)
end)
