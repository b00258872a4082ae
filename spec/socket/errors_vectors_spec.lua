-- Failures measured on Ruby: the same code, run here, ends with the same error.

local net = require "spec.support.net"
local vectors = require "spec.support.vectors"
local world = require "spec.support.ruby_world"

local NIL = { is_nil = true }
local RESET = { error = "Errno::ECONNRESET",
  message = "Connection reset by peer" }

-- Ruby's class of an error -> its name here; for those that wait, for what.
local WAITS = {
  ["IO::EAGAINWaitReadable"] = "readable",
  ["IO::EAGAINWaitWritable"] = "writable",
  ["IO::EINPROGRESSWaitWritable"] = "writable",
}

local function name_of(class)
  class = class:gsub("^Errno::", "")
  return class == "ENOTSUP" and "EOPNOTSUPP" or class
end

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

-- The case as it is here.
local function adapted(case)
  local otherwise = OTHERWISE[case.name]
  if not otherwise then return case end
  assert.is_string(otherwise.reason)
  local copy = { ruby = otherwise.ruby or case.ruby, result = case.result,
    error_class = otherwise.error_class or case.error_class,
    error_message = otherwise.error_message or case.error_message
      or "" }
  if otherwise.error_class then copy.result = nil end
  if otherwise.result then
    copy.result, copy.error_class = otherwise.result, nil
  end
  for place, value in pairs(otherwise.at or {}) do
    copy.result[place] = value
  end
  return copy
end

-- Whether a mistake is told with what is essential of Ruby's text.
local MISTAKES = { ArgumentError = true, TypeError = true, RangeError = true,
  SocketError = true }

local function is_told(class, message, err)
  local value = message:match("^unknown .*: (.*)$") or message:match("%d%d%d+")
    or ""
  return MISTAKES[class] and err.message:find(value, 1, true) ~= nil
end

-- Of a read's error, where Ruby's text has its own function or nothing.
local function names_call(message, told)
  return told == message:gsub(" @ io_fillbuf.*", "") .. " - recv(2)"
end

-- A time-out of the program's own.
local function is_timeout(class, name)
  return class == "Errno::ETIMEDOUT" and name == "TimeoutError"
end

local function same_error(class, message, err)
  if WAITS[class] then return err.wait == WAITS[class] end
  if err.error == "mistake" then return is_told(class, message, err) end
  local name = name_of(class)
  if name == "SocketError" and err.error == "ResolutionError" then
    name = "ResolutionError"
  end
  if is_timeout(class, err.error) then name = err.error end
  return err.error == name
    and (err.message == message or names_call(message, err.message))
end

local same

local function same_list(expected, value)
  local count = expected.n or #expected
  if type(value) ~= "table" or value.n ~= count then return false end
  for i = 1, count do
    if not same(expected[i], value[i]) then return false end
  end
  return true
end

-- Ruby's nil for success is true here.
function same(expected, value)
  if type(expected) ~= "table" then return expected == value end
  if expected.is_nil then return value == nil or value == true end
  if expected.error then
    return type(value) == "table" and value.error ~= nil
      and same_error(expected.error, expected.message, value)
  end
  return same_list(expected, value)
end

local function shown(value)
  if type(value) ~= "table" then return vectors.text(value) end
  if value.error then return value.error .. ": " .. value.message end
  local list = {}
  for i = 1, value.n or #value do list[i] = shown(value[i]) end
  return value.is_nil and "nil" or "(" .. table.concat(list, ", ") .. ")"
end

local function check(case)
  local value, err = world.run(case.ruby, (net.path():gsub("/s$", "")))
  if case.error_class then
    assert.is_table(err, shown(value))
    assert.is_true(same_error(case.error_class, case.error_message, err),
      shown(err) .. "\n  for " .. case.error_class .. ": "
      .. case.error_message)
  else
    assert.is_nil(err and shown(err))
    assert.is_true(same(case.result, value), shown(value) .. "\n  for "
      .. shown(case.result))
  end
end

describe("Ruby's failures", function()
  for case, title in vectors.cases("errors", function(case)
    return case.name
  end) do
    it(title, function()
      if case.needs_ipv6 and not net.has_ipv6() then
        return pending("there is no IPv6")
      end
      check(adapted(case))
    end)
  end
end)
