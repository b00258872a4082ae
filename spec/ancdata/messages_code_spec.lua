-- Control messages and passed objects: the vectors' cases that are Ruby code.

local Socket = require "socket"
local code = require "spec.support.code"

local Addrinfo = Socket.Addrinfo
local AncillaryData = Socket.AncillaryData
local TCPServer = Socket.TCPServer
local TCPSocket = Socket.TCPSocket
local own = code.own
local list = code.list
local e = code.e
local pair = code.pair
local tcp_pair = code.tcp_pair
local udp = code.udp
local udp_pair = code.udp_pair
local class_of = code.class_of

local LOOPBACK = "127.0.0.1"
local MSG_CTRUNC = Socket.MSG_CTRUNC

local function ints(...)
  return (("i"):rep(select("#", ...))):pack(...)
end

local function passed(sock, ...)
  local got = { sock:recvmsg(...) }
  for _, object in ipairs(got[4] and got[4]:unix_rights() or {}) do
    own(object)
  end
  return got
end

-- A datagram with control data over a pair of sockets with these options on.
local function with_options(host, level, names, before)
  local a, b = udp_pair(host)
  for _, name in ipairs(names) do assert(b:setsockopt(level, name, true)) end
  if before then before(a) end
  assert(a:send("x", 0))
  return list(b:recvmsg { timeout = 5 })
end

local RIGHTS = { scm_rights = true }

local CASES = {}

-- A temporary file stands for Ruby's pipes.
function CASES.rights_unix_rights()
  local a, b = pair()
  local file <close> = assert(io.tmpfile())
  local n = a:sendmsg("x", 0, nil, AncillaryData.unix_rights(file, file))
  local m = passed(b, RIGHTS)
  local k = m[4]
  local ios = k:unix_rights()
  assert(ios[2]:write "via")
  assert(ios[2]:flush())
  assert(file:seek "set")
  return { n, m[1], m[3], #m, k:family(), k:level(), k:type(), #k:data(),
    { class_of(ios[1]), class_of(ios[2]) }, file:read "a" }
end

function CASES.rights_array_form()
  local a, b = pair()
  assert(a:sendmsg("x", 0, nil, { "SOCKET", "RIGHTS", ints(0) }))
  local m = passed(b, RIGHTS)
  local k = m[4]
  return { m[1], k:cmsg_is("SOCKET", "RIGHTS"), #k:unix_rights(),
    class_of(k:unix_rights()[1]), true }
end

function CASES.rights_socket_class()
  local a, b = pair()
  local t = own(TCPServer.new(LOOPBACK, 0))
  assert(a:sendmsg("x", 0, nil, AncillaryData.unix_rights(t)))
  local k = passed(b, RIGHTS)[4]:unix_rights()[1]
  return { class_of(k), k:local_address():ip_port() == t:addr()[2] }
end

function CASES.rights_not_asked()
  local a, b = pair()
  assert(a:sendmsg("x", 0, nil, AncillaryData.unix_rights(io.stdin)))
  local m = list(b:recvmsg())
  return { m[1], #m, m[4]:unix_rights(), m[3] }
end

function CASES.rights_two_messages()
  local a, b = pair()
  assert(a:sendmsg("x", 0, nil, AncillaryData.unix_rights(io.stdin)))
  assert(a:sendmsg("y", 0, nil, AncillaryData.unix_rights(io.stdout)))
  local m, n = passed(b, 10, RIGHTS), passed(b, 10, RIGHTS)
  return { m[1], #m[4]:unix_rights(), n[1], #n[4]:unix_rights() }
end

function CASES.rights_bad()
  local a = pair()
  return {
    e(AncillaryData.unix_rights, 5),
    e(AncillaryData.unix_rights, "x"),
    AncillaryData.unix_rights():data(),
    e(a.sendmsg, a, "x", 0, nil, { "SOCKET", "RIGHTS", ints(9999) }),
    e(a.sendmsg, a, "x", 0, nil, { "SOCKET", "FOO", "" }),
    e(a.sendmsg, a, "x", 0, nil, { 1, 2 }),
  }
end

function CASES.ctrunc()
  local a, b = pair()
  assert(a:sendmsg("x", 0, nil, AncillaryData.unix_rights(io.stdin, io.stdout)))
  local m = passed(b, 10, 0, 1, RIGHTS)
  return { m[1], m[3] & MSG_CTRUNC, #m }
end

-- This process's ids, as the kernel tells them of a peer.
local function own_ids()
  local a = pair()
  return a:getsockopt("SOCKET", "PEERCRED"):data()
end

function CASES.credentials()
  local a, b = pair()
  assert(b:setsockopt("SOCKET", "PASSCRED", true))
  assert(a:sendmsg "x")
  local m = list(b:recvmsg())
  return { m[1], m[4], m[4]:data() == own_ids() }
end

function CASES.credentials_explicit()
  local a, b = pair()
  assert(b:setsockopt("SOCKET", "PASSCRED", 1))
  assert(a:sendmsg("x", 0, nil, { "SOCKET", "CREDENTIALS", own_ids() }))
  return list(b:recvmsg())
end

local function time_case(host, name, digits, with_size)
  return function()
    local now = os.time()
    local m = with_options(host, "SOCKET", { name })
    local k = m[4]
    local pattern = name .. " %d+%-%d%d%-%d%d %d%d:%d%d:%d%d%."
      .. ("%d"):rep(digits) .. ">$"
    local got = { m[1], k:level(), k:type() }
    if with_size then got[4] = #k:data() end
    got[#got + 1] = math.abs(k:timestamp() - now) < 5
    got[#got + 1] = k:inspect():find(pattern) ~= nil
    return got
  end
end

CASES.timestamp_udp = time_case(LOOPBACK, "TIMESTAMP", 6, true)
CASES.timestampns_udp6 = time_case("::1", "TIMESTAMPNS", 9, false)

function CASES.pktinfo_udp4()
  local m = with_options(LOOPBACK, "IP", { "PKTINFO" })
  return { m, list(m[4]:ip_pktinfo()) }
end

function CASES.pktinfo_udp6()
  local m = with_options("::1", "IPV6", { "RECVPKTINFO" })
  return { m, list(m[4]:ipv6_pktinfo()), m[4]:ipv6_pktinfo_addr(),
    m[4]:ipv6_pktinfo_ifindex() }
end

function CASES.pktinfo_send()
  local a, b = udp "0.0.0.0", udp()
  assert(a:sendmsg("x", 0, b:local_address(),
    AncillaryData.ip_pktinfo(Addrinfo.ip(LOOPBACK), 0)))
  return list(b:recvfrom(5))
end

function CASES.ttl_udp4()
  local m = with_options(LOOPBACK, "IP", { "RECVTTL" }, function(a)
    assert(a:setsockopt("IP", "TTL", 33))
  end)
  return { m, m[4]:int(), m[4]:cmsg_is("IP", "TTL") }
end

function CASES.tos_udp4()
  local m = with_options(LOOPBACK, "IP", { "RECVTOS" }, function(a)
    assert(a:setsockopt("IP", "TOS", 16))
  end)
  return { m, m[4]:data() }
end

function CASES.hoplimit_udp6()
  local m = with_options("::1", "IPV6", { "RECVHOPLIMIT" }, function(a)
    assert(a:setsockopt("IPV6", "UNICAST_HOPS", 44))
  end)
  return { m, m[4]:int() }
end

function CASES.tclass_udp6()
  local m = with_options("::1", "IPV6", { "RECVTCLASS" }, function(a)
    assert(a:setsockopt("IPV6", "TCLASS", 32))
  end)
  return { m, m[4]:int() }
end

function CASES.several_controls()
  local m = with_options(LOOPBACK, "IP", { "RECVTTL", "PKTINFO", "RECVTOS" })
  return { #m, { table.unpack(m, 4) } }
end

function CASES.send_ttl_control()
  local a, b = udp_pair()
  assert(b:setsockopt("IP", "RECVTTL", true))
  assert(a:sendmsg("x", 0, nil, AncillaryData.int("INET", "IP", "TTL", 7)))
  return select(-1, b:recvmsg())
end

function CASES.controls_truncated()
  local a, b = udp_pair()
  assert(b:setsockopt("IP", "RECVTTL", true))
  assert(b:setsockopt("IP", "PKTINFO", true))
  assert(a:send("x", 0))
  local m = list(b:recvmsg(10, 0, 24))
  return { #m, m[3] & MSG_CTRUNC }
end

function CASES.send_io_class_socket()
  local a, b = pair()
  local c = tcp_pair()
  assert(a:send_io(c))
  local s = own(b:recv_io(TCPSocket))
  return { class_of(s), s:local_address(), s:peeraddr() }
end

function CASES.send_io_fileno()
  local a, b = pair()
  assert(a:send_io(1))
  return class_of(own(b:recv_io()))
end

function CASES.peercred()
  local o = pair():getsockopt("SOCKET", "PEERCRED")
  return { o, o:data() == own_ids(), #o:data() }
end

describe("code about control messages, compared with Ruby,", function()
  code.examples(CASES, it)
end)
