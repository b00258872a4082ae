-- Failures measured on Ruby: the same code, run here, ends with the same error.

local cases = require "spec.support.ruby_cases"
local net = require "spec.support.net"
local vectors = require "spec.support.vectors"

local NIL = { is_nil = true }
local RESET = { error = "Errno::ECONNRESET",
  message = "Connection reset by peer" }

-- What the design has otherwise than Ruby 3.1, with the reason: in a list the
-- elements `at` those places, in place of the code another one, or another end.
local OTHERWISE = {
  connect_twice = { reason = "Ruby's fd is non-blocking: there the kernel "
    .. "tells a connect's success once more", error_class = "Errno::EISCONN",
    error_message = "Transport endpoint is already connected - connect(2) for "
      .. "127.0.0.1:<port>" },
  connect_nonblock_isconn = { reason = "the same", at = {
    { error = "Errno::EISCONN", message = "Transport endpoint is already "
      .. "connected - connect(2) for 127.0.0.1:<port>" } } },
  connect_nonblock_unix_full = { reason = "a full queue is a would-block",
    error_class = "IO::EAGAINWaitWritable" },
  connect_nonblock_unix_full_noex = { reason = "a full queue is a would-block",
    result = "wait_writable" },
  rcvtimeo_recv = { reason = "no other thread ends a call",
    ruby = "a, b = UNIXSocket.pair; a.setsockopt(:SOCKET, :RCVTIMEO, "
      .. "[0, 50_000].pack('qq')); a.recv(5, timeout: 0.2)",
    error_class = "TimeoutError",
    error_message = "Blocking operation timed out!" },
  read_after_close_read = { reason = "an end is nil", at = { [2] = NIL } },
  read_after_shutdown_rd = { reason = "an end is nil", at = { [2] = NIL } },
  econnreset_tcp_linger = { reason = "a reset stays", at = { [2] = RESET } },
  recv_eof = { reason = "an end is nil",
    at = { [1] = NIL, [10] = NIL, [11] = NIL } },
  recv_eof_unix = { reason = "an end is nil",
    at = { NIL, NIL, NIL, NIL, NIL, NIL } },
  recv_eof_seqpacket = { reason = "an end is nil", at = { NIL, NIL } },
  setsockopt_bad_names = { reason = "names are taken in any case",
    at = { [5] = 0 } },
  socket_names = { reason = "names are taken in any case, a protocol has one, "
    .. "and surplus arguments are ignored", at = { [3] = "#<Socket>",
      [8] = { error = "Errno::EPROTONOSUPPORT",
        message = "Protocol not supported - socket(2)" },
      [9] = "#<Socket>" } },
  tcpserver_args = { reason = "a port is from 0 to 65535; a nil stands for an "
    .. "argument left out, and the only one is the port",
    at = { [3] = { error = "ArgumentError", message = "-1" },
      [4] = { error = "SocketError", message = "getaddrinfo: Servname not "
        .. "supported for ai_socktype" } } },
  recv_negative = { reason = "the length may be left out, and be a text",
    ruby = "a, b = UNIXSocket.pair; [e { a.recv(-1) }, (b.write('x'); "
      .. "e { a.recv(nil) }), (b.write('x'); e { a.recv('5') }), "
      .. "(b.write('x'); e { a.recv }), e { a.recv_nonblock(-1) }, "
      .. "e { a.recvfrom(-1) }, e { a.recvmsg(-1) }, "
      .. "e { a.recvmsg_nonblock(-1) }, e { a.read(-1) }, "
      .. "e { a.readpartial(-1) }]", at = { [2] = "x", [3] = "x", [4] = "x" } },
  send_args = { reason = "flags may be left out, a number is a text",
    at = { [1] = 1, [4] = 1, [6] = 1 } },
  recv_io_no_fd = { reason = "an error at once", error_class = "SocketError",
    error_message = "file descriptor was not passed (msg_controllen=0 smaller "
      .. "than sizeof(struct cmsghdr)=16)" },
}

for _, name in ipairs { "tcp", "udp", "unix", "unix_dgram", "socket_pair",
  "socket_udp" } do
  OTHERWISE["recv_dontwait_" .. name] = { reason = "MSG_DONTWAIT means it",
    error_class = "IO::EAGAINWaitReadable" }
end

describe("Ruby's failures", function()
  for case, title in vectors.cases("errors", function(case)
    return case.name
  end) do
    it(title, function()
      if case.needs_ipv6 and not net.has_ipv6() then
        return pending("there is no IPv6")
      end
      cases.check(case, OTHERWISE[case.name])
    end)
  end
end)
