-- Every call that takes an address takes each of its forms; and sockets of
-- families for which there is no class, in addresses as tables.

local Socket = require "socket"
local net = require "spec.support.net"

local Addrinfo, AncillaryData = Socket.Addrinfo, Socket.AncillaryData

local HERE = { family = "inet", addr = "127.0.0.1", port = 9 }

-- An address as a table, packed, as an Addrinfo.
local function forms(address)
  local addrinfo = Addrinfo.new(address)
  return { address, addrinfo:to_sockaddr(), addrinfo }
end

local function udp()
  return assert(Socket.new("INET", "DGRAM"))
end

-- A receiver, and its address.
local function receiver()
  local sock = udp()
  assert(sock:bind "loopback")
  return sock, sock:sockname()
end

-- Each sends "x" to an address.
local SENDERS = {
  send = function(sock, to) return sock:send("x", 0, to) end,
  sendmsg = function(sock, to) return sock:sendmsg("x", 0, to) end,
  sendmsg_nonblock = function(sock, to)
    return sock:sendmsg_nonblock("x", 0, to)
  end,
  msghdr = function(sock, to)
    return sock:sendmsg { iov = { "x" }, addr = to }
  end,
  connect = function(sock, to)
    assert.equal(0, sock:connect(to))
    return sock:send("x", 0)
  end,
  connect_nonblock = function(sock, to)
    assert.equal(0, sock:connect_nonblock(to))
    return sock:send("x", 0)
  end,
}

-- Each reads HERE.
local READERS = {
  ["Addrinfo.new"] = function(address)
    return Addrinfo.new(address):inspect_sockaddr()
  end,
  ["Socket.unpack_sockaddr_in"] = function(address)
    local port, host = Socket.unpack_sockaddr_in(address)
    return host .. ":" .. port
  end,
  ["Socket.getnameinfo"] = function(address)
    return table.concat({ Socket.getnameinfo(address,
      { "NUMERICHOST", "NUMERICSERV" }) }, ":")
  end,
  ["UDPSource.new"] = function(address)
    local source = Socket.UDPSource.new(address, HERE, print)
    return source:remote_address():inspect_sockaddr()
  end,
}

describe("an address is taken in each form", function()
  for name, send in pairs(SENDERS) do
    it("by " .. name, function()
      local there <close>, address = receiver()
      for _, form in ipairs(forms(address)) do
        local sock <close> = udp()
        assert.equal(1, send(sock, form))
        assert.equal("x", there:recv(1, nil, { timeout = 5 }))
      end
    end)
  end

  for name, read in pairs(READERS) do
    it("by " .. name, function()
      for _, form in ipairs(forms(HERE)) do
        assert.equal("127.0.0.1:9", read(form))
      end
    end)
  end

  it("by UDPSocket:send", function()
    local there <close>, address = receiver()
    for _, form in ipairs(forms(address)) do
      local sock <close> = Socket.UDPSocket.new()
      assert.equal(1, sock:send("x", 0, form))
      assert.equal("x", there:recv(1, nil, { timeout = 5 }))
    end
  end)

  it("by bind", function()
    for _, form in ipairs(forms { family = "inet", addr = "127.0.0.1" }) do
      local sock <close> = udp()
      assert.equal(0, sock:bind(form))
      assert.equal("127.0.0.1", sock:sockname().addr)
    end
  end)

  it("by ip_pktinfo", function()
    for _, form in ipairs(forms { family = "inet", addr = "127.0.0.1" }) do
      local message = AncillaryData.ip_pktinfo(form, 1)
      assert.equal("127.0.0.1", (message:ip_pktinfo()):ip_address())
    end
  end)

  it("by Addrinfo's connect_to and connect_from", function()
    local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
    local to = server:sockname()
    local from = { family = "inet", addr = "127.0.0.1", port = 0 }
    for _, form in ipairs { from, Addrinfo.tcp("127.0.0.1", 0) } do
      local sock <close> = assert(Addrinfo.new(to, nil, "STREAM")
        :connect_from(form))
      assert.same(to, sock:peername())
    end
    for _, form in ipairs { to, Addrinfo.tcp("127.0.0.1", to.port) } do
      local sock <close> = assert(Addrinfo.tcp("127.0.0.1", 0)
        :connect_to(form))
      assert.same(to, sock:peername())
    end
  end)

  it("by family_addrinfo, of its own family alone", function()
    local addrinfo = Addrinfo.tcp("127.0.0.1", 80)
    local other = addrinfo:family_addrinfo(HERE)
    assert.equal("#<Addrinfo: 127.0.0.1:9 TCP>", other:inspect())
    local ok, message = pcall(addrinfo.family_addrinfo, addrinfo,
      { family = "local", path = "/x" })
    assert.is_false(ok)
    assert.matches("family mismatch", message, 1, true)
  end)

  it("or refused with the number of the argument and the field", function()
    local sock <close> = udp()
    local calls = {
      bind = function(to) return (sock:bind(to)) end,
      connect = function(to) return (sock:connect(to)) end,
      connect_nonblock = function(to) return (sock:connect_nonblock(to)) end,
      send = function(to) return (sock:send("", 0, to)) end,
      sendmsg = function(to) return (sock:sendmsg("", 0, to)) end,
    }
    local places = { bind = 1, connect = 1, connect_nonblock = 1, send = 3,
      sendmsg = 3 }
    for name, call in pairs(calls) do
      for _, case in ipairs {
        { { family = "inet", adr = "any" }, "unknown address field 'adr'" },
        { { family = "inet", addr = "x" }, "addr 'x' is not a numeric IPv4" },
        { { family = "inet", port = -1 }, "port must be an integer from 0" },
        { { family = "inet", port = "x y" }, "port: unknown service 'x y'" },
        { { family = "inet6", scope_id = {} }, "scope_id must be an integer" },
        { { family = "local" }, "path must be a string, not nil" },
        { { family = "x" }, "unknown socket domain: x" },
        { true, "address (a string, an Addrinfo or a table) expected, got " },
      } do
        local ok, message = pcall(call, case[1])
        assert.is_false(ok)
        assert.matches(("bad argument #%d to '%s' (%s"):format(places[name],
          name, case[2]), message, 1, true)
      end
    end
  end)
end)

describe("bind by name", function()
  local function bound(family, name)
    local sock <close> = assert(Socket.new(family, "DGRAM"))
    local ok, err, errno = sock:bind(name)
    if not ok then return nil, err, errno end
    assert.equal(0, ok)
    return sock:sockname().addr
  end

  it("takes the address of the socket's family, and any port", function()
    assert.equal("0.0.0.0", bound("INET", "any"))
    assert.equal("127.0.0.1", bound("INET", "loopback"))
    assert.equal("127.0.0.1", bound("INET", "LOOPBACK"))
    assert.equal("255.255.255.255", bound("INET", "broadcast"))
    if not net.has_ipv6() then return end
    assert.equal("::", bound("INET6", "any"))
    assert.equal("::1", bound("INET6", "loopback"))
  end)

  it("fails where the family has none", function()
    for _, case in ipairs { { "UNIX", "any" }, { "UNIX", "loopback" },
      { "INET6", "broadcast" } } do
      if case[1] ~= "INET6" or net.has_ipv6() then
        local ok, err, errno = bound(case[1], case[2])
        assert.is_nil(ok)
        assert.equal("EAFNOSUPPORT", err.name)
        assert.equal(Socket.Errno.EAFNOSUPPORT, errno)
      end
    end
  end)

  it("fails on a closed socket", function()
    local sock = udp()
    sock:close()
    local ok, err = sock:bind "any"
    assert.is_nil(ok)
    assert.equal("IOError", err.name)
  end)
end)

-- A socket of a family that this machine may not have or not allow.
local function open(family, ...)
  if not Socket["AF_" .. family:upper()] then
    return pending("there is no AF_" .. family:upper())
  end
  local sock, err = Socket.open(family, ...)
  if not sock then return pending(family .. ": " .. tostring(err)) end
  return sock
end

local function loopback_index()
  for _, interface in ipairs(assert(Socket.getifaddrs())) do
    if interface:flags() & Socket.IFF_LOOPBACK ~= 0 then
      return interface:ifindex()
    end
  end
end

describe("a datagram association", function()
  it("ends when it is connected to an address of no family", function()
    local there <close>, address = receiver()
    local sock <close> = udp()
    assert(sock:connect(address))
    assert.same(there:sockname(), sock:peername())
    assert.equal(0, sock:connect { family = "unspec" })
    local peer, err = sock:peername()
    assert.is_nil(peer)
    assert.equal("ENOTCONN", err.name)
  end)
end)

describe("a netlink socket", function()
  local GETLINK, NEWLINK, DONE = 18, 16, 3
  local REQUEST, DUMP = 1, 0x300
  local IFNAME = 3

  -- The attributes of a message, by their types.
  local function attributes(bytes)
    local list, at = {}, 1
    while at + 4 <= #bytes do
      local length, kind = ("=I2I2"):unpack(bytes, at)
      list[kind] = bytes:sub(at + 4, at + length - 1)
      at = at + (length + 3) // 4 * 4
    end
    return list
  end

  -- Adds the interfaces of an answer's messages by name -> whether it was the
  -- last answer.
  local function read_links(bytes, links)
    local at = 1
    while at < #bytes do
      local length, kind = ("=I4I2"):unpack(bytes, at)
      if kind == DONE then return true end
      assert.equal(NEWLINK, kind)
      local index = ("=i4"):unpack(bytes, at + 20)
      local named = attributes(bytes:sub(at + 32, at + length - 1))[IFNAME]
      links[("z"):unpack(named)] = index
      at = at + (length + 3) // 4 * 4
    end
    return false
  end

  it("asks the kernel for the interfaces", function()
    local sock <close> = open("netlink", "raw", "route")
    assert.equal(0, sock:bind { family = "netlink" })
    local here = sock:sockname()
    assert.same({ family = "netlink", pid = here.pid, groups = 0 }, here)
    assert.is_true(here.pid > 0)

    local request = ("=I4I2I2I4I4BxI2i4I4I4"):pack(32, GETLINK, REQUEST | DUMP,
      1, here.pid, 0, 0, 0, 0, 0)
    local kernel = { family = "netlink", pid = 0, groups = 0 }
    assert.equal(#request, sock:send(request, 0, kernel))
    local links, is_done = {}, false
    for _ = 1, 100 do
      local answer, from = assert(sock:recvfrom(65536, 0, { timeout = 5 }))
      assert.same(kernel, from:to_table())
      is_done = read_links(answer, links)
      if is_done then break end
    end
    assert.is_true(is_done)
    for _, interface in ipairs(assert(Socket.getifaddrs())) do
      assert.equal(interface:ifindex(), links[interface:name()])
    end
  end)

  it("has names for its protocols, which other families have not", function()
    for name, number in pairs { route = 0, ROUTE = 0, NETLINK_GENERIC = 16,
      sock_diag = 4, default = 0 } do
      local sock <close> = open("netlink", "raw", name)
        assert.equal(number, sock:getsockopt("SOCKET", "PROTOCOL"):int())
    end
    for _, arguments in ipairs { { "inet", "raw", "route" },
      { "netlink", "raw", "no such" } } do
      local ok, message = pcall(Socket.new, table.unpack(arguments))
      assert.is_false(ok)
      assert.matches("unknown protocol: " .. arguments[3], message, 1, true)
    end
  end)
end)

describe("a packet socket", function()
  local PROTOCOL = 0x88b5 -- for local experiments, so nobody else's

  it("sends and receives frames", function()
    local index = loopback_index()
    local sock <close> = open("packet", "dgram")
    assert.equal(0, sock:bind { family = "packet", protocol = PROTOCOL,
      ifindex = index })
    local here = sock:sockname()
    assert.same({ family = "packet", protocol = PROTOCOL, ifindex = index,
      hatype = 772, pkttype = "host", addr = ("\0"):rep(6) }, here)
    local sent, err = sock:send("hello", 0, here)
    if not sent then return pending("the loopback interface: " .. err) end
    assert.equal(5, sent)
    local data, from = assert(sock:recvfrom(100, 0, { timeout = 5 }))
    assert.equal("hello", data)
    assert.same(here, from:to_table())
  end)
end)

describe("a vsock socket", function()
  it("is bound to a machine and a port", function()
    local sock <close> = open("vsock", "stream")
    assert.equal(0, sock:bind { family = "vsock" })
    local name = sock:sockname()
    assert.same({ family = "vsock", cid = "any", port = name.port, flags = 0 },
      name)
    assert.not_equal(Socket.VMADDR_PORT_ANY, name.port)
  end)

  it("connects to this machine", function()
    local server <close> = open("vsock", "stream")
    assert(server:bind { family = "vsock" })
    assert(server:listen(1))
    local client <close> = assert(Socket.new("vsock", "stream"))
    local there = { family = "vsock", cid = "local",
      port = server:sockname().port, flags = 0 }
    local ok, err = client:connect(there, { timeout = 0.1 })
    if not ok then return pending("no way to this machine: " .. err) end
    assert.same(there, client:peername())
    local peer <close>, from = assert(server:accept { timeout = 5 })
    assert.same(client:sockname().port, from:to_table().port)
    assert.equal(5, client:send("hello", 0))
    assert.equal("hello", peer:recv(5, nil, { timeout = 5 }))
  end)
end)
