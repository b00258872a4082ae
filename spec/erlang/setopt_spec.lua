-- The forms of setopt and getopt, and what they refuse. options_spec.lua walks
-- the options themselves.

local Socket = require "socket"
local net = require "spec.support.net"

local E = Socket.Errno

local function tcp()
  return assert(Socket.new("INET", "STREAM"))
end

local function udp()
  return assert(Socket.new("INET", "DGRAM"))
end

-- No tail calls, which would hide the methods' names.
local methods = {
  setopt = function(sock, ...) sock:setopt(...) end,
  getopt = function(sock, ...) sock:getopt(...) end,
}

-- The complaint of a method about what it was given.
local function refusal(sock, method, ...)
  local ok, message = pcall(methods[method], sock, ...)
  assert.is_false(ok)
  return message
end

local function check_failed(name, ok, err, errno)
  assert.is_nil(ok)
  assert.equal(name, err.name)
  assert.equal(E[name], errno)
  return err
end

describe("setopt", function()
  it("takes names in any case, with or without prefix", function()
    local sock <close> = tcp()
    for _, names in ipairs {
      { "tcp", "nodelay" },
      { "TCP", "NoDelay" },
      { "IPPROTO_TCP", "TCP_NODELAY" },
      { "SOL_TCP", "nodelay" },
      { Socket.IPPROTO_TCP, "nodelay" },
    } do
      assert.is_true(sock:setopt("tcp", "nodelay", false))
      assert.is_true(sock:setopt(names[1], names[2], true))
      assert.is_true(sock:getopt(names[1], names[2]))
      assert.equal(1, sock:getsockopt("TCP", "NODELAY"):int())
    end
  end)

  it("takes level and name as one", function()
    local sock <close> = tcp()
    assert.is_true(sock:setopt({ "ip", "ttl" }, 9))
    assert.equal(9, sock:getopt { "ip", "ttl" })
    assert.equal(9, sock:getopt({ "ip", "ttl" }))
  end)

  it("takes a table where the value has fields", function()
    local sock <close> = tcp()
    assert.is_true(sock:setopt("socket", "linger", { onoff = true,
      linger = 5 }))
    assert.same({ onoff = true, linger = 5 }, sock:getopt("socket", "linger"))
    assert.is_true(sock:setopt("socket", "linger", { onoff = false }))
    assert.is_false(sock:getopt("socket", "linger").onoff)
    assert.is_true(sock:setopt("socket", "linger", "Abort"))
    assert.same({ onoff = true, linger = 0 }, sock:getopt("socket", "linger"))
  end)

  it("takes an interface by its name", function()
    if not net.has_ipv6() then pending "no IPv6 here" end
    local sock <close> = assert(Socket.new("INET6", "DGRAM"))
    assert.is_true(sock:setopt("ipv6", "multicast_if", "lo"))
    local index = sock:getopt("ipv6", "multicast_if")
    assert.is_true(sock:setopt("ipv6", "multicast_if", 0))
    assert.is_true(sock:setopt("ipv6", "multicast_if", index))
    assert.equal(index, sock:getopt("ipv6", "multicast_if"))
    assert.matches("value must be an integer .* not nosuch0",
      refusal(sock, "setopt", "ipv6", "multicast_if", "nosuch0"))
  end)

  it("sets a list in order, up to the first failure", function()
    local sock <close> = udp()
    assert.is_true(sock:setopt {})
    assert.is_true(sock:setopt { { "ip", "ttl", 3 }, { "ip", "tos", 8 } })
    assert.equal(3, sock:getopt("ip", "ttl"))
    assert.equal("throughput", sock:getopt("ip", "tos"))
    local err = check_failed("ENOPROTOOPT", sock:setopt { { "ip", "ttl", 4 },
      { "ip", "mtu", 1500 }, { "ip", "ttl", 5 } })
    assert.equal(2, err.index)
    assert.equal(4, sock:getopt("ip", "ttl"))
  end)

  it("takes bytes, an integer or a boolean for a number", function()
    local sock <close> = tcp()
    local level, name = Socket.SOL_SOCKET, Socket.SO_KEEPALIVE
    for _, value in ipairs { 1, true, ("i"):pack(1) } do
      assert.is_true(sock:setopt(level, name, false))
      assert.is_true(sock:setopt(level, name, value))
      assert.is_true(sock:getopt("socket", "keepalive"))
      assert.equal(1, sock:getopt(level, name, { type = "int" }))
      assert.is_true(sock:getopt("socket", name, { type = "bool" }))
      assert.equal(("i"):pack(1), sock:getopt(level, name))
      assert.equal(("i"):pack(1):sub(1, 2),
        sock:getopt(level, name, { type = 2 }))
    end
    check_failed("EINVAL", sock:setopt(level, name, "x"))
  end)

  it("goes by Erlang's name for numbers, too", function()
    local sock <close> = tcp()
    assert.is_true(sock:setopt_native({ "ip", Socket.IP_TTL }, 9))
    assert.equal(9, sock:getopt_native("ip", Socket.IP_TTL, { type = "int" }))
    assert.equal(("i"):pack(9), sock:getopt_native({ "ip", Socket.IP_TTL }))
  end)

  it("names the argument where an address is wrong", function()
    local sock <close> = tcp()
    assert.matches("#3 to 'setopt' %(addr 'x' is not",
      refusal(sock, "setopt", "tcp", "md5sig",
        { addr = { family = "inet", addr = "x" }, key = "" }))
    assert.matches("#3 to 'setopt' %(key must be shorter",
      refusal(sock, "setopt", "tcp", "md5sig",
        { addr = { family = "inet" }, key = ("x"):rep(81) }))
  end)

  it("refuses what is not known", function()
    local sock <close> = tcp()
    assert.matches("#1 to 'setopt' %(unknown level: sokcet",
      refusal(sock, "setopt", "sokcet", "debug", 1))
    assert.matches("#2 to 'setopt' %(unknown option: keepalife",
      refusal(sock, "setopt", "socket", "keepalife", true))
    assert.matches("#2 to 'setopt' %(unknown option: nodelay",
      refusal(sock, "setopt", "socket", "nodelay", true))
    assert.matches("#2 to 'setopt' %(unknown option: x",
      refusal(sock, "setopt", 9999, "x", true))
    assert.matches("#1 to 'setopt' %(name or integer expected, got boolean",
      refusal(sock, "setopt", true, "x", true))
    assert.matches("#2 to 'setopt' %(name expected, got number",
      refusal(sock, "setopt", "otp", 1, true))
    assert.matches("#1 to 'getopt' %(name or integer expected, got nil",
      refusal(sock, "getopt"))
    assert.matches("#1 to 'getopt' %(1099511627776 does not fit an int",
      refusal(sock, "getopt", 1 << 40, 1))
    assert.has_error(function() sock.setopt({}, "socket", "debug", 1) end)
  end)

  it("names the value that is wrong", function()
    local sock <close> = tcp()
    local function refused(...)
      return refusal(sock, "setopt", ...)
    end
    assert.matches("#3 to 'setopt' %(value must be a boolean, not 1",
      refused("socket", "keepalive", 1))
    assert.matches("#3 to 'setopt' %(value must be a boolean, not nil",
      refused("socket", "keepalive"))
    assert.matches("from 1 to 255, not 256", refused("ip", "ttl", 256))
    assert.matches("from 1 to 255, not 0", refused("ip", "ttl", 0))
    assert.matches("not 1.5", refused("ip", "ttl", 1.5))
    assert.matches("#2 to 'setopt' %(value must be an integer",
      refused({ "ip", "ttl" }, "x"))
    assert.matches("or \"want\"", refused("ip", "mtu_discover", "wants"))
    assert.matches("table expected, got number", refused("socket", "linger", 1))
    assert.matches("field 'onoff' is missing", refused("socket", "linger", {}))
    assert.matches("unknown field 'onof'",
      refused("socket", "linger", { onof = true }))
    assert.matches("linger must be an integer",
      refused("socket", "linger", { onoff = true, linger = "x" }))
    assert.matches("multiaddr must be a numeric IPv4 address, not ::1",
      refused("ip", "add_membership", { multiaddr = "::1" }))
    assert.matches("value must have no NUL",
      refused("tcp", "congestion", "re\0no"))
    assert.matches("value too long",
      refused("ip", "options", ("x"):rep(10000)))
    assert.matches("string, integer or boolean expected, got table",
      refused(1, 1, {}))
  end)

  it("names the option of a list that is wrong", function()
    local sock <close> = tcp()
    assert.matches("#1 to 'setopt' %(option 2: value must be a boolean",
      refusal(sock, "setopt", { { "ip", "ttl", 9 },
        { "tcp", "nodelay", 1 } }))
    assert.matches("option 1: unknown option: foo",
      refusal(sock, "setopt", { { "ip", "foo", 9 } }))
    assert.matches("option 2: table expected, got string",
      refusal(sock, "setopt", { { "ip", "ttl", 9 }, "x" }))
  end)

  it("returns the system's refusal", function()
    local unix <close> = assert(Socket.new("UNIX", "STREAM"))
    local err = check_failed("EOPNOTSUPP", unix:setopt("tcp", "nodelay", true))
    assert.equal("setsockopt(2)", err.syscall)
    check_failed("EOPNOTSUPP", unix:getopt("tcp", "nodelay"))
  end)

  it("gives ENOPROTOOPT for what can only be read, or only be set", function()
    local sock <close> = tcp()
    check_failed("ENOPROTOOPT", sock:setopt("socket", "type", "stream"))
    check_failed("ENOPROTOOPT", sock:setopt("otp", "fd", 1))
    check_failed("ENOPROTOOPT", sock:getopt("ip", "add_membership"))
  end)

  it("on a closed socket says so", function()
    local sock = tcp()
    sock:close()
    for _, results in ipairs {
      { sock:setopt("socket", "keepalive", true) },
      { sock:setopt { { "socket", "keepalive", true } } },
      { sock:getopt("socket", "keepalive") },
      { sock:getopt("otp", "fd") },
      { sock:setopt(1, 9, 1) },
    } do
      assert.is_nil(results[1])
      assert.equal("IOError", results[2].name)
    end
  end)
end)

describe("getopt", function()
  it("takes a form for the bytes", function()
    local sock <close> = tcp()
    assert.equal(("i"):pack(Socket.SOCK_STREAM),
      sock:getopt("socket", "type", { type = 4 }))
    assert.equal(Socket.SOCK_STREAM,
      sock:getopt("socket", "type", { type = "int" }))
    assert.equal(Socket.SOCK_STREAM,
      sock:getopt("socket", "type", { template = "\0\0\0\0", type = "int" }))
    assert.equal("", sock:getopt("socket", "type", { type = 0 }))
    assert.matches("unknown keyword 'typ'",
      refusal(sock, "getopt", 1, 1, { typ = 1 }))
    assert.matches("type must be \"int\", \"bool\" or a size up to 2048, not 9",
      refusal(sock, "getopt", 1, 1, { type = 9999 }))
    assert.matches("string as template expected, got table",
      refusal(sock, "getopt", 1, 1, { template = {} }))
    assert.matches("table expected, got number",
      refusal(sock, "getopt", 1, 1, 4))
  end)

  it("gives what a connection is like", function()
    local a, b, _ <close> = net.tcp_pair()
    local info = a:getopt("tcp", "info")
    assert.equal("established", info.state)
    assert.equal("open", info.ca_state)
    assert.equal(0, info.retransmits)
    assert.is_boolean(info.options.sack)
    assert.is_true(info.rtt > 0 and info.snd_mss > 0)
    assert.equal("stream", b:getopt("socket", "type"))
    assert.equal("tcp", b:getopt("socket", "protocol"))
    assert.is_true(b:getopt("ip", "mtu") > 0)
  end)

  it("tells who is at the other end", function()
    local a, _, closer <close> = net.pair()
    local _ = closer
    local peer = a:getopt("socket", "peercred")
    local user, group = a:getpeereid()
    assert.same({ user, group }, { peer.uid, peer.gid })
    assert.is_true(peer.pid > 0)
  end)
end)
