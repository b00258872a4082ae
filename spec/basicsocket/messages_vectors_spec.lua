-- Messages, flags and options as measured on Ruby: the cases of the vectors.

local Socket = require "socket"
local cases = require "spec.support.ruby_cases"
local net = require "spec.support.net"
local results = require "spec.support.results"
local guard = require("socket.guard").owned
local vectors = require "spec.support.vectors"

-- Linux gives back this flag, with which Ruby receives; it says nothing of the
-- message.
local CLOEXEC = 0x40000000

local function tcp_pair(host)
  local server <close> = assert(Socket.TCPServer.new(host, 0))
  local _, port = table.unpack(server:addr())
  local client = assert(Socket.TCPSocket.new(host, port))
  return client, assert(server:accept())
end

local function udp_pair(host)
  local family = host == "::1" and "INET6" or "INET"
  local a = assert(Socket.UDPSocket.new(family))
  local b = assert(Socket.UDPSocket.new(family))
  assert(a:bind(host, 0))
  assert(b:bind(host, 0))
  assert(a:connect(host, b:addr()[2]))
  assert(b:connect(host, a:addr()[2]))
  return a, b
end

local PAIRS = {
  unix_stream = function() return Socket.UNIXSocket.pair() end,
  unix_dgram = function() return Socket.UNIXSocket.pair "DGRAM" end,
  unix_seqpacket = function() return Socket.UNIXSocket.pair "SEQPACKET" end,
  socket_stream = function() return Socket.pair("UNIX", "STREAM") end,
  socket_dgram = function() return Socket.pair("UNIX", "DGRAM") end,
  tcp4 = function() return tcp_pair "127.0.0.1" end,
  tcp6 = function() return tcp_pair "::1" end,
  udp4 = function() return udp_pair "127.0.0.1" end,
  udp6 = function() return udp_pair "::1" end,
}

-- Those that the socket a has; b has the others.
local OF_SENDER = {
  send = true, sendmsg = true, write = true, write_nonblock = true,
  close_write = true, close = true,
}

-- How many values make up the list that Ruby gives.
local LISTS = {
  recvfrom = true, recvfrom_nonblock = true, recvmsg = true,
  recvmsg_nonblock = true,
}

local HAS_END = {
  unix_stream = true, unix_seqpacket = true, socket_stream = true, tcp4 = true,
  tcp6 = true,
}

-- Ruby 3.1 gives "" at the end of a stream, where nil is given here.
local function is_end(case, op, expected)
  local bytes = expected
  if LISTS[op[1]] and type(expected) == "table" then bytes = expected[1] end
  return HAS_END[case.sock] and bytes == "" and op[2] ~= 0
    and (op[1]:find "^recv" ~= nil)
end

local function adjust(op, expected)
  if not op[1]:find "^recvmsg" or type(expected) ~= "table" then
    return expected
  elseif expected.error then
    return expected
  end
  local copy = { table.unpack(expected) }
  copy[3] = expected[3] & ~CLOEXEC
  return copy
end

-- The arguments of an operation, whose marked nils become nils.
local function arguments(op)
  local list = { n = #op - 1 }
  for i = 2, #op do
    if not results.is_nil(op[i]) then list[i - 1] = op[i] end
  end
  return table.unpack(list, 1, list.n)
end

-- What the operation gave, as the vectors tell it.
local function perform(sock, op)
  local got = table.pack(sock[op[1]](sock, arguments(op)))
  if got[1] == true or got.n == 1 and got[1] == nil then return nil end
  if got[1] == nil then return got end -- a failure
  if not LISTS[op[1]] then return got[1] end
  return { table.unpack(got, 1, op[1]:find "^recvmsg" and got.n or 2) }
end

local function run(case)
  local a, b = assert(PAIRS[case.sock]())
  local closer <close> = guard(a, b)
  b:set_timeout(5)
  local bound = {}
  for i, op in ipairs(case.ops) do
    local expected = case.results[i]
    local got = perform(OF_SENDER[op[1]] and a or b, op)
    local is_right
    if is_end(case, op, expected) then
      is_right = got == nil
    else
      is_right = results.fits(adjust(op, expected), got, bound)
    end
    if not is_right then
      error(("operation %d (%s): expected %s, got %s"):format(i, op[1],
        vectors.text(expected), vectors.text(got)), 0)
    end
  end
  return closer
end

local SOCKETS = {
  tcp4 = { "INET", "STREAM" },
  tcp6 = { "INET6", "STREAM" },
  udp4 = { "INET", "DGRAM" },
  udp6 = { "INET6", "DGRAM" },
  unix_stream = { "UNIX", "STREAM" },
  unix_dgram = { "UNIX", "DGRAM" },
}

local function check_option(case, expected, sock)
  local option = assert(sock:getsockopt(case.level, case.optname))
  assert.equal(expected.data, option:data())
  assert.equal(expected.inspect, option:inspect())
  if expected.int then assert.equal(expected.int, option:int()) end
end

local function run_option(case)
  local sock <close> = assert(Socket.new(table.unpack(SOCKETS[case.sock])))
  if case.default then check_option(case, case.default, sock) end
  if case.set == nil then return end
  local value, err = sock:setsockopt(case.level, case.optname, case.set)
  if case.set_error then
    assert.is_nil(value)
    assert.equal(case.set_error.error_class, "Errno::" .. err.name)
    assert.equal(case.set_error.error_message, tostring(err))
  else
    assert.equal(case.value, value, err)
    check_option(case, case.get, sock)
  end
end

local function name_of(case)
  return ("%s %s %s"):format(case.kind, case.sock or case.name,
    case.optname or "")
end

-- What code gives otherwise than in Ruby 3.1, or has to say otherwise.
local OTHERWISE = {
  sync_and_binmode = { reason = "a socket's bytes have no mode, no terminal "
    .. "and no encoding", ruby = "a, b = UNIXSocket.pair; [a.sync, "
    .. "a.autoclose?]", result = { true, true } },
  recv_buffer_argument = { reason = "a string does not change",
    ruby = "a, b = UNIXSocket.pair; b.write('helloworld'); [a.recv(5, 0), "
      .. "a.recv_nonblock(3, 0)]", result = { "hello", "wor" } },
  recv_encoding = { reason = "a string has no encoding",
    ruby = "a, b = UNIXSocket.pair; b.write('hi there'); [a.recv(1), "
      .. "a.recvfrom(1)[0], a.recvmsg(1)[0], a.read_nonblock(1), a.getc, "
      .. "a.readpartial(2)]", result = { "h", "i", " ", "t", "h", "er" } },
  write_many = { reason = "a nil is no text",
    ruby = "a, b = UNIXSocket.pair; x = e { a.write('a', nil) }; "
      .. "n = a.write('ab', 5, :c, '', 'd'); a.puts('x', ['y', ['z']], nil, "
      .. "1); a.puts; a.print('p', 1); a << 'q' << 2; a.putc('rs'); "
      .. "a.putc(65); a.close; [x, n, b.read]",
    result = { { error = "TypeError", message = "" }, 5,
      "ab5cdx\ny\nz\n\n1\n\np1q2rA" } },
  rights_array_form = { reason = "a Lua file does not tell whether it is "
    .. "closed on exec", ruby = "a, b = UNIXSocket.pair; r, w = IO.pipe; "
    .. "a.sendmsg('x', 0, nil, [:SOCKET, :RIGHTS, [r.fileno].pack('i')]); "
    .. "m = b.recvmsg(scm_rights: true); k = m[3]; x = [m[0], "
    .. "k.cmsg_is?(:SOCKET, :RIGHTS), k.unix_rights.size, "
    .. "k.unix_rights[0].class.to_s]; r.close; w.close; x",
    result = { "x", true, 1, "IO" } },
  recv_io_nil = { reason = "Lua closes no fd by its number but a socket's",
    ruby = "a, b = UNIXSocket.pair; a.send_io(b); f = b.recv_io(nil); "
      .. "x = [f.class.to_s, f > 2]; Socket.for_fd(f).close; x" },
  recv_io_mode = { reason = "no class makes Lua files, they are the default",
    ruby = "a, b = UNIXSocket.pair; r, w = IO.pipe; a.send_io(r); "
      .. "io = b.recv_io; w.write('data'); w.close; x = io.read; io.close; "
      .. "r.close; x" },
  unix_server_loop = { reason = "there are no threads: the peer is a process",
    ruby = "n = []; t = process(\"for i = 0, 1 do local c = attempt("
      .. "Socket.unix, (...)) c:puts(i) c:close() end\", path('s')); "
      .. "Socket.unix_server_loop(path('s')) { |k, ai| n << [k.gets, "
      .. "ai.class.to_s, ai]; k.close; break if n.size == 2 }; t.finish; "
      .. "[n, File.exist?(path('s'))]" },
}

local function run_code(case)
  cases.check(case, OTHERWISE[case.name])
end

local RUNNERS = { script = run, sockopt = run_option, code = run_code }

describe("messages, compared with Ruby,", function()
  local is_known = {}

  for case, name in vectors.cases("messages", name_of) do
    local runner = assert(RUNNERS[case.kind], name)
    local is_ipv6 = case.needs_ipv6
      or (case.sock or ""):find("6", 1, true) ~= nil
    is_known[case.name or ""] = true
    it(name, function()
      if is_ipv6 and not net.has_ipv6() then
        return pending("there is no IPv6")
      end
      runner(case)
    end)
  end

  it("differ in no case that there is not", function()
    for name in pairs(OTHERWISE) do assert.is_true(is_known[name], name) end
  end)
end)
