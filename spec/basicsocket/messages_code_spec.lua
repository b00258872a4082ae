-- Addresses, messages and flags: the vectors' cases that are Ruby code.

local Socket = require "socket"
local code = require "spec.support.code"

local Addrinfo = Socket.Addrinfo
local Option = Socket.Option
local TCPServer = Socket.TCPServer
local TCPSocket = Socket.TCPSocket
local UDPSocket = Socket.UDPSocket
local own = code.own
local list = code.list
local e = code.e
local pair = code.pair
local tcp_pair = code.tcp_pair
local udp = code.udp
local udp_pair = code.udp_pair
local socket = code.socket
local class_of = code.class_of

local LOOPBACK = "127.0.0.1"
local MSG_OOB = Socket.MSG_OOB

local CASES = {}

function CASES.addr_tcp4()
  local a, b = tcp_pair()
  return { a:addr(), a:peeraddr(), b:addr(), b:peeraddr(), a:addr(false),
    a:addr "numeric", a:peeraddr "numeric" }
end

function CASES.addr_tcp6()
  local a, b = tcp_pair "::1"
  return { a:addr(), a:peeraddr(), b:addr "numeric", b:peeraddr(false) }
end

function CASES.addr_udp()
  local a, b = udp_pair()
  return { a:addr(), a:peeraddr(), b:addr(), b:peeraddr() }
end

function CASES.addr_server()
  local s = own(TCPServer.new(LOOPBACK, 0))
  return { s:addr(), s:local_address(), s:inspect() }
end

local function any_server(host)
  return function()
    local s = own(TCPServer.new(host, 0))
    return { s:addr(), s:local_address(), s:connect_address() }
  end
end

CASES.addr_server_any4 = any_server "0.0.0.0"
CASES.addr_server_any6 = any_server "::"
CASES.addr_server_empty_host = any_server ""

function CASES.addr_server_port_string()
  return own(TCPServer.new(LOOPBACK, "0")):addr()
end

function CASES.addr_unix_pair()
  local a, b = pair()
  return { a:addr(), a:peeraddr(), a:path(), b:path(), a:local_address(),
    a:remote_address(), a:inspect() }
end

function CASES.getsockname_bytes()
  local a = tcp_pair()
  local u = pair()
  local name = a:getsockname()
  return { #name, list(Socket.unpack_sockaddr_in(name)),
    list(Socket.unpack_sockaddr_in(a:getpeername())), u:getsockname(),
    u:getpeername() }
end

function CASES.local_remote_address()
  local a = tcp_pair()
  local u = udp_pair()
  return { a:local_address(), a:remote_address(), u:local_address(),
    u:remote_address(), socket("INET6", "STREAM"):local_address(),
    socket("INET", "DGRAM"):local_address() }
end

function CASES.unix_autobind()
  local s = socket("UNIX", "DGRAM", Addrinfo.unix("", "DGRAM"))
  local x = s:local_address()
  return { #x:to_sockaddr(), x:unix_path():sub(1, 1), #x:unix_path() }
end

function CASES.recvfrom_forms_udp()
  local a, b = udp(), udp()
  local port = a:addr()[2]
  assert(b:send("hi", 0, LOOPBACK, port))
  assert(b:send("hi2", 0, Addrinfo.udp(LOOPBACK, port)))
  assert(b:send("hi3", 0, Socket.sockaddr_in(port, LOOPBACK)))
  assert(b:send("hi4", 0, LOOPBACK, tostring(port)))
  return { list(a:recvfrom(10)), list(a:recvfrom(10)),
    list(a:recvfrom_nonblock(10)), list(a:recvmsg()) }
end

function CASES.recvfrom_forms_socket()
  local a = socket("INET", "DGRAM", Addrinfo.udp(LOOPBACK, 0))
  local b = socket("INET", "DGRAM", Addrinfo.udp(LOOPBACK, 0))
  assert(b:send("hi", 0, a:local_address()))
  assert(b:send("hi2", 0, a:getsockname()))
  assert(b:sendmsg("hi3", 0, a:local_address()))
  return { list(a:recvfrom(10)), list(a:recvfrom_nonblock(10)),
    list(a:recvmsg()) }
end

function CASES.recvfrom_tcp()
  local a, b = tcp_pair()
  assert(b:write "hello")
  return { { (a:recvfrom(3)) }, { (a:recvfrom(9)) } }
end

function CASES.udp_connected_filters()
  local a, b = udp_pair()
  local c = own(UDPSocket.new())
  assert(c:send("stranger", 0, LOOPBACK, b:addr()[2]))
  assert(a:send("friend", 0))
  return { b:recv(20), e(b.recv_nonblock, b, 20) }
end

function CASES.udp_reconnect()
  local a = udp_pair()
  local c = udp()
  assert(a:connect(LOOPBACK, c:addr()[2]))
  assert(a:send("x", 0))
  return { list(c:recvfrom(5)), a:remote_address() }
end

function CASES.udp6()
  local a, b = udp_pair "::1"
  assert(a:send("x", 0))
  return { list(b:recvfrom(5)), a:local_address() }
end

function CASES.recvmsg_grows()
  local a, b = pair "DGRAM"
  assert(a:send(("x"):rep(60000), 0))
  local m = list(b:recvmsg())
  return { #m[1], m[3] }
end

function CASES.recvmsg_stream_no_limit()
  local a, b = pair()
  assert(a:write(("x"):rep(60000)))
  local m = list(b:recvmsg())
  return { #m[1], m[3] }
end

function CASES.recvmsg_zero()
  local a, b = pair "DGRAM"
  assert(a:send("abc", 0))
  return { list(b:recvmsg(0)), e(b.recvmsg_nonblock, b, 5) }
end

function CASES.recv_zero_stream()
  local a, b = pair()
  assert(a:write "abc")
  return { b:recv(0), b:recv(0), b:recv(9) }
end

function CASES.peek_is_stable()
  local a, b = pair()
  assert(a:write "abc")
  assert(a:write "def")
  return { b:recv(4, Socket.MSG_PEEK), b:recv(10, Socket.MSG_PEEK),
    list(b:recvfrom(2, Socket.MSG_PEEK)), b:recv(10) }
end

function CASES.send_flags_oob()
  local a, b = tcp_pair()
  assert(a:send("!", MSG_OOB))
  assert(Socket.select(nil, nil, { b }, 5))
  return { b:recv(5, MSG_OOB), e(b.recv_nonblock, b, 5) }
end

function CASES.send_oob_inline()
  local a, b = tcp_pair()
  assert(b:setsockopt("SOCKET", "OOBINLINE", true))
  assert(a:send("!", MSG_OOB))
  return b:recv(5)
end

function CASES.recv_oob_none()
  local _, b = tcp_pair()
  return e(b.recv, b, 5, MSG_OOB)
end

function CASES.send_nosignal()
  local a, b = pair()
  b:close()
  return e(a.send, a, "x", Socket.MSG_NOSIGNAL)
end

function CASES.waitall()
  local a, b = pair()
  assert(a:write "abc")
  assert(a:write "def")
  return b:recv(6, Socket.MSG_WAITALL)
end

function CASES.seqpacket_eor()
  local a, b = pair "SEQPACKET"
  assert(a:send("one", 0))
  assert(a:send("two", Socket.MSG_EOR))
  return { list(b:recvmsg(10)), list(b:recvmsg(10)) }
end

function CASES.sendmsg_empty_stream()
  local a, b = pair()
  return { a:sendmsg "", a:send("", 0), a:write "", e(b.recv_nonblock, b, 5) }
end

function CASES.puts_newlines()
  local a, b = pair()
  assert(a:puts("a\n", "b", "", {}))
  a:close()
  return b:read()
end

function CASES.printf()
  local a, b = pair()
  assert(a:printf("%05d %s", 42, "x"))
  a:close()
  return b:read()
end

function CASES.write_returns()
  local a, b = pair()
  return { a:write "abc", a:write_nonblock "de", a:send("f", 0),
    a:syswrite "gh", a:sendmsg "i", a:sendmsg_nonblock "j", b:recv(50) }
end

function CASES.for_fd()
  local a = tcp_pair()
  local s, t = TCPSocket.for_fd(a:fileno()), Socket.for_fd(a:fileno())
  local got = { class_of(s), s:peeraddr(), class_of(t), t:remote_address() }
  s:detach()
  t:detach()
  return got
end

function CASES.server_accept()
  local s = own(TCPServer.new(LOOPBACK, 0))
  local c = own(TCPSocket.new(LOOPBACK, s:addr()[2]))
  local a = own(s:accept())
  assert.equal(c:addr()[2], a:peeraddr()[2])
  return { class_of(a), a:addr(), a:peeraddr(), a:remote_address() }
end

function CASES.shutdown_eof()
  local a, b = tcp_pair()
  assert(a:write "tail")
  assert(a:shutdown "WR")
  local got = { b:read(), b:write "back" }
  assert(b:close_write())
  got[4], got[5], got[6] = a:read(), a:is_eof(), b:is_eof()
  return got
end

function CASES.ipv6only()
  local s = socket("INET6", "STREAM")
  assert(s:ipv6only())
  return s:getsockopt("IPV6", "V6ONLY")
end

function CASES.multicast_options()
  local s = own(UDPSocket.new())
  assert(s:setsockopt(Option.ipv4_multicast_ttl(5)))
  assert(s:setsockopt(Option.ipv4_multicast_loop(0)))
  local ttl = s:getsockopt("IP", "MULTICAST_TTL")
  local loop = s:getsockopt("IP", "MULTICAST_LOOP")
  return { ttl, ttl:ipv4_multicast_ttl(), loop, loop:ipv4_multicast_loop(),
    #ttl:data() }
end

describe("code about messages, compared with Ruby,", function()
  code.examples(CASES, it)
end)
