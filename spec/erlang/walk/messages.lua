-- Messages and their control messages.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

local AncillaryData = Socket.AncillaryData

local messages = {}

local function receive(sock, flags)
  return assert(sock:recvmsg(nil, flags, nil, { msghdr = true, timeout = 5,
    scm_rights = true }))
end

-- Two connected sockets; the second one tells of that option.
local function udp_pair(host, level, option)
  local a, b, closer = net.udp_pair(host)
  assert(b:setopt(level, option, true))
  return a, b, closer
end

-- The value, and the whole control message, of the next message of `b`.
local function control(b, level, type)
  for _, ctrl in ipairs(receive(b).ctrl) do
    if ctrl.level == level and ctrl.type == type then
      return ctrl.value, ctrl
    end
  end
  error(("no %s %s came"):format(level, type))
end

-- The value that comes of what is sent.
local function passed(a, b, level, type, sent, came_as)
  assert.equal(1, a:sendmsg {
    iov = "x",
    ctrl = { { level = level, type = type, value = sent } },
  })
  return control(b, level, came_as or type)
end

messages["msghdr iov"] = function()
  local a, b, _ <close> = net.pair()
  assert.equal(5, a:sendmsg { iov = { "he", { "ll" }, "o" } })
  assert.same({ "hello" }, receive(b).iov)
  assert.error_matches(function() a:sendmsg { addr = "x" } end,
    "needs a field 'iov'")
end

messages["msghdr ctrl"] = function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvttl")
  assert.equal(9, passed(a, b, "ip", "ttl", 9))
  assert(a:send "x")
  assert.same({ level = "ip", type = "ttl", value = 64,
    data = ("i"):pack(64) }, receive(b).ctrl[1])
end

messages["msghdr flags"] = function()
  local a, b, _ <close> = net.udp_pair()
  assert(a:sendmsg { iov = "hello", flags = { "dontroute" } })
  assert.same({ "trunc" }, b:recvmsg(2, nil, nil, { msghdr = true,
    timeout = 5 }).flags)
end

messages["cmsghdr_level (values)"] = function()
  local bytes = ("i"):pack(1)
  for level, number in pairs { socket = Socket.SOL_SOCKET,
    ip = Socket.IPPROTO_IP, ipv6 = Socket.IPPROTO_IPV6,
    udp = Socket.IPPROTO_UDP } do
    assert.equal(number, AncillaryData.new("INET", level, 1, bytes):level())
  end
  assert.equal(77, AncillaryData.new("INET", 77, 1, bytes):level())
end

-- The words are those of the rows below, by level.
local TYPES = {
  socket = { "credentials", "rights", "timestamp" },
  ip = { "origdstaddr", "pktinfo", "recverr", "recvtos", "tos", "ttl" },
  ipv6 = { "hoplevel", "hoplimit", "pktinfo", "recverr", "tclass" },
}

messages["cmsghdr_type (values)"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  for level, names in pairs(TYPES) do
    for _, name in ipairs(names) do
      local ok, message = pcall(sock.sendmsg, sock, { iov = "x",
        ctrl = { { level = level, type = name, data = ("x"):rep(4) } } })
      assert.is_true(ok or not message:find "unknown", message)
    end
  end
  assert.error_matches(function()
    sock:sendmsg { iov = "x", ctrl = { { level = "ip", type = "no such",
      data = "x" } } }
  end, "unknown IP control message: no such")
end

-- cmsghdr_recv

local function on_receiving(row, check)
  messages[("cmsghdr_recv (%s) data"):format(row)] = check
end

local function on_sending(row, check)
  messages[("cmsghdr_send (%s) data"):format(row)] = check
end

on_receiving("socket,timestamp", function()
  local a, b, _ <close> = udp_pair(nil, "socket", "timestamp")
  assert(a:send "x")
  local value, whole = control(b, "socket", "timestamp")
  assert.is_true(value.sec > 1000000000)
  assert.is_true(value.usec >= 0 and value.usec < 1000000)
  assert.equal(value.sec, (("j"):unpack(whole.data)))
end)

local function pass_rights(bytes)
  local a, b, _ <close> = net.pair()
  local c, d, _ <close> = net.pair()
  local message = { level = "socket", type = "rights", value = { c } }
  if bytes then message.value, message.data = nil, ("i"):pack(c:fileno()) end
  assert.equal(1, a:sendmsg { iov = "x", ctrl = { message } })
  local value, whole = control(b, "socket", "rights")
  local there <close> = value[1]
  assert.equal(4, #whole.data)
  assert(there:send "through")
  assert.equal("through", d:recv())
end

on_receiving("socket,rights", function() pass_rights(false) end)

local function pass_credentials(as_bytes)
  local a, b, _ <close> = net.pair "DGRAM"
  assert(b:setopt("socket", "passcred", true))
  assert(a:send "x")
  local value, whole = control(b, "socket", "credentials")
  assert.equal(12, #whole.data)
  assert.equal(value.pid, (("i"):unpack(whole.data)))
  assert(a:sendmsg { iov = "x", ctrl = { { level = "socket",
    type = "credentials", value = not as_bytes and value or nil,
    data = as_bytes and whole.data or nil } } })
  assert.same(value, (control(b, "socket", "credentials")))
end

on_receiving("socket,credentials", function() pass_credentials(false) end)

on_receiving("ip,tos | recvtos", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvtos")
  assert.equal("lowdelay", passed(a, b, "ip", "tos", "lowdelay"))
  assert.equal(32, passed(a, b, "ip", "tos", 32))
end)

on_receiving("ip,ttl | recvttl", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvttl")
  assert.equal(7, passed(a, b, "ip", "ttl", 7))
end)

on_receiving("ip,pktinfo", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "pktinfo")
  assert(a:send "x")
  local value = control(b, "ip", "pktinfo")
  assert.equal("127.0.0.1", value.addr)
end)

messages["ip_pktinfo ifindex"] = function()
  local a, b, _ <close> = udp_pair(nil, "ip", "pktinfo")
  assert(a:send "x")
  assert.is_true(control(b, "ip", "pktinfo").ifindex > 0)
end

messages["ip_pktinfo spec_dst"] = function()
  local a, b, _ <close> = udp_pair(nil, "ip", "pktinfo")
  assert.equal("127.0.0.1",
    passed(a, b, "ip", "pktinfo", { spec_dst = "127.0.0.1" }).spec_dst)
end

messages["ip_pktinfo addr"] = messages["cmsghdr_recv (ip,pktinfo) data"]

-- Where a datagram was sent to: the option is one of few platforms.
on_receiving("ip,origdstaddr", function()
  local a, b, _ <close> = net.udp_pair()
  local ok, err = b:setopt("ip", "recvorigdstaddr", true)
  if not ok then return assert.equal("ENOPROTOOPT", err.name) end
  assert(a:send "x")
  assert.same(b:sockname(), (control(b, "ip", "origdstaddr")))
end)

on_receiving("ip | ipv6,recverr", function()
  if not Socket.MSG_ERRQUEUE then return end
  net.each_family(function(host, _, domain)
    local level = domain == "INET" and "ip" or "ipv6"
    local a, b, _ <close> = net.udp_pair(host)
    b:close()
    assert(a:setopt(level, "recverr", true))
    assert(a:send "x")
    assert(a:wait_readable(5))
    local message = receive(a, { "errqueue" })
    local value = message.ctrl[1].value
    assert.equal("ECONNREFUSED", value.error)
    assert.equal(host, value.offender.addr)
    assert.is_true(#message.ctrl[1].data >= 16)
  end)
end)

-- Does it over IPv6, if there is one.
local function over_ipv6(option, check)
  return function()
    if not net.has_ipv6() then
      local sock <close> = Socket.open("inet6", "dgram")
      return assert.is_nil((sock and sock:bind "loopback"))
    end
    local a, b, _ <close> = udp_pair("::1", "ipv6", option)
    check(a, b)
  end
end

on_receiving("ipv6,hoplevel/hoplimit", over_ipv6("recvhoplimit", function(a, b)
  assert.equal(9, passed(a, b, "ipv6", "hoplimit", 9))
  assert.equal(8, passed(a, b, "ipv6", "hoplevel", 8, "hoplimit"))
end))

on_receiving("ipv6,pktinfo", over_ipv6("recvpktinfo", function(a, b)
  assert(a:send "x")
  assert.equal("::1", control(b, "ipv6", "pktinfo").addr)
end))

messages["ipv6_pktinfo addr"] = over_ipv6("recvpktinfo", function(a, b)
  assert.equal("::1", passed(a, b, "ipv6", "pktinfo", { addr = "::1" }).addr)
end)

messages["ipv6_pktinfo ifindex"] = over_ipv6("recvpktinfo", function(a, b)
  assert(a:send "x")
  assert.is_true(control(b, "ipv6", "pktinfo").ifindex > 0)
end)

on_receiving("ipv6,tclass", over_ipv6("recvtclass", function(a, b)
  assert.equal(12, passed(a, b, "ipv6", "tclass", 12))
end))

-- What the kernel tells of a netlink message has no name.
on_receiving("any,integer", function()
  if not Socket.AF_NETLINK then return end
  local SOL_NETLINK, PKTINFO = 270, 3
  local sock <close> = assert(Socket.open("netlink", "raw", "route"))
  assert(sock:bind { family = "netlink" })
  assert(sock:setopt(SOL_NETLINK, PKTINFO, ("i"):pack(1)))
  local GETLINK, DUMP_REQUEST = 18, 0x301
  assert(sock:send(("=I4I2I2I4I4"):pack(32, GETLINK, DUMP_REQUEST, 1, 0)
    .. ("\0"):rep(16)))
  local ctrl = receive(sock).ctrl[1]
  assert.same({ SOL_NETLINK, PKTINFO, 4 }, { ctrl.level, ctrl.type,
    #ctrl.data })
  assert.is_nil(ctrl.value)
end)

-- cmsghdr_send

on_sending("socket,timestamp | rights | credentials", function()
  pass_rights(true)
  pass_credentials(true)
end)

on_sending("ip,tos", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvtos")
  assert.equal("mincost", passed(a, b, "ip", "tos", "mincost"))
  assert(a:sendmsg { iov = "x", ctrl = { { level = "ip", type = "tos",
    data = ("i"):pack(16) } } })
  assert.equal("lowdelay", (control(b, "ip", "tos")))
end)

on_sending("ip,ttl", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvttl")
  for _, data in ipairs { 5, ("i"):pack(5) } do
    assert(a:sendmsg { iov = "x", ctrl = { { level = "ip", type = "ttl",
      data = data } } })
    assert.equal(5, (control(b, "ip", "ttl")))
  end
end)

messages["cmsghdr_send (ip,hoplimit) data"] =
  "IPv4's is the ttl; no platform has such a control message"

on_sending("ipv6,tclass",
  messages["cmsghdr_recv (ipv6,tclass) data"])

-- Linux's UDP_SEGMENT: one message is sent as datagrams of that size.
on_sending("udp,integer", function()
  local UDP_SEGMENT = 103
  local a, b, _ <close> = net.udp_pair()
  local sent, err = a:sendmsg { iov = "abcdef", ctrl = { { level = "udp",
    type = UDP_SEGMENT, data = ("I2"):pack(3) } } }
  if not sent then return assert.equal("EINVAL", err.name) end
  assert.equal("abc", b:recv { timeout = 5 })
  assert.equal("def", b:recv { timeout = 5 })
end)

on_sending("any,integer", function()
  local a, b, _ <close> = udp_pair(nil, "ip", "recvttl")
  assert(a:sendmsg { iov = "x", ctrl = { { level = Socket.IPPROTO_IP,
    type = Socket.IP_TTL, data = ("i"):pack(3) } } })
  assert.equal(3, (control(b, "ip", "ttl")))
end)

return messages
