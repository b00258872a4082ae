-- Every call that waits for a socket, a row each:
--   name
--   open()            what the call needs: `sock`, `peer`, ... Is <close>
--   call(s, opts)     the call; opts may hold a timeout
--   release(s)        makes it come to its end
--   check(s, ...)     whether it gave what it should
--   at_once(s)        prepares it not to wait at all; else `release`
--   leave(s)          the peer goes, and check_left(s, ...); or nil
--   close(s)          closes the socket; else its method does
--   again             false: after a failure it does not simply work again
--   would_block       what a call gives that must not wait
--   own_deadline      false: the socket's own timeout does not bound it

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

local Class = {}
Class.__index = Class

function Class:__close()
  for i = #self.owned, 1, -1 do
    self.owned[i]:close()
  end
end

-- Closes the socket together with the others.
function Class:own(sock)
  self.owned[#self.owned + 1] = sock
  return sock
end

local calls = {}

function calls.state(sock, peer, fields)
  local s = fields or {}
  s.sock, s.peer, s.owned = sock, peer, { sock, peer }
  return setmetatable(s, Class)
end

function calls.add(row)
  calls[#calls + 1] = row
  return row
end

-- The timeout of the keywords, for what takes the number.
local function seconds(opts)
  return opts and opts.timeout
end

local function unix_pair()
  local a, b = net.pair()
  return calls.state(a, b)
end

local function leave(s)
  s.peer:close()
end

-- What the end of the stream gives.
local function nil_alone(_, ...)
  assert.equal(1, select("#", ...))
  assert.is_nil((...))
end

local function end_of_file(_, value, err)
  assert.is_nil(value)
  assert.equal("EOFError", err.name)
end

local function gives(expected)
  return function(_, value)
    assert.same(expected, value)
  end
end

-- A call that reads: what the peer writes for it, what it gives then, and what
-- it gives at the end.
local function reads(name, text, expected, check_left, call)
  return calls.add {
    name = name,
    open = unix_pair,
    call = call,
    release = function(s) assert(s.peer:write(text)) end,
    check = gives(expected),
    leave = leave,
    check_left = check_left,
    would_block = Socket.WAIT_READABLE,
  }
end

reads("recv", "hello", "hello", nil_alone, function(s, opts)
  return s.sock:recv(5, 0, opts)
end)
reads("recv of exactly so many", "hello", "hello", nil_alone,
  function(s, opts)
    return s.sock:recv(5, 0, { exact = true, timeout = seconds(opts) })
  end)
reads("recvv", "hello", { "he", "llo" }, nil_alone, function(s, opts)
  return s.sock:recvv({ 2, 5 }, 0, opts)
end)
reads("recv without a length", "hello", "hello", nil_alone, function(s, opts)
  return s.sock:recv(opts)
end)
reads("recvfrom", "hello", "hello", nil_alone, function(s, opts)
  return s.sock:recvfrom(5, 0, opts)
end)
reads("recvmsg", "hello", "hello", nil_alone, function(s, opts)
  return s.sock:recvmsg(5, 0, nil, opts)
end)
reads("read(n)", "hello", "hello", nil_alone, function(s, opts)
  return s.sock:read(5, opts)
end)
reads('read("l")', "hello\n", "hello", nil_alone, function(s, opts)
  return s.sock:read("l", opts)
end)
reads('read("n")', "12.5 ", 12.5, nil_alone, function(s, opts)
  return s.sock:read("n", opts)
end)
reads("gets", "hello\n", "hello\n", nil_alone, function(s, opts)
  return s.sock:gets(opts)
end)
reads("gets of a paragraph", "a\nb\n\n\nc", "a\nb\n\n", nil_alone,
  function(s, opts) return s.sock:gets("", opts) end)
reads("readline", "hello\n", "hello\n", end_of_file, function(s, opts)
  return s.sock:readline(opts)
end)
reads("readpartial", "hello", "hello", end_of_file, function(s, opts)
  return s.sock:readpartial(100, opts)
end)
reads("sysread", "hello", "hello", end_of_file, function(s, opts)
  return s.sock:sysread(100, opts)
end)
reads("getc", "h", "h", nil_alone, function(s, opts)
  return s.sock:getc(opts)
end)
reads("getbyte", "h", 104, nil_alone, function(s, opts)
  return s.sock:getbyte(opts)
end)
reads("readchar", "h", "h", end_of_file, function(s, opts)
  return s.sock:readchar(opts)
end)
reads("readbyte", "h", 104, end_of_file, function(s, opts)
  return s.sock:readbyte(opts)
end)
reads("is_eof", "h", false, gives(true), function(s, opts)
  return s.sock:is_eof(opts)
end)

-- These read to the end, which the peer therefore makes.
local function reads_all(name, expected, at_end, call)
  local row = reads(name, "one\ntwo", expected, gives(at_end), call)
  function row.release(s)
    assert(s.peer:write("one\ntwo"))
    assert(s.peer:close_write())
  end
end

reads_all("read()", "one\ntwo", "", function(s, opts)
  return s.sock:read(nil, opts)
end)
reads_all("readlines", { "one\n", "two" }, {}, function(s, opts)
  return s.sock:readlines(opts)
end)
reads_all("gets(false)", "one\ntwo", nil, function(s, opts)
  return s.sock:gets(false, opts)
end)

-- These tell that something is there.
local function tells(name, call)
  local row = reads(name, "h", nil, nil, call)
  function row.check(s, value)
    assert.equal(s.sock, value)
  end
  row.check_left = row.check
  row.would_block = Socket.TIMEOUT
  return row
end

tells("wait_readable", function(s, opts)
  return s.sock:wait_readable(seconds(opts))
end)
tells("wait", function(s, opts) return s.sock:wait("read", opts) end)
tells("select", function(s, opts)
  local readable, err = Socket.select({ s.sock }, nil, nil, seconds(opts))
  return readable and readable[1], err
end).own_deadline = false

-- Datagrams, between sockets of UDP or unix.
local function datagrams(name, open, call)
  calls.add {
    name = name,
    open = open,
    call = call,
    release = function(s) assert(s.peer:send("hello", 0)) end,
    check = gives "hello",
    would_block = Socket.WAIT_READABLE,
  }
end

local function udp_pair()
  local a, b = net.udp_pair()
  return calls.state(a, b)
end

local function unix_datagrams()
  local a, b = net.pair("DGRAM")
  return calls.state(a, b)
end

local function udpsocket_pair()
  local a = assert(Socket.UDPSocket.new())
  local b = assert(Socket.UDPSocket.new())
  assert(a:bind("127.0.0.1", 0))
  assert(b:connect("127.0.0.1", a:addr()[2]))
  return calls.state(a, b)
end

for name, open in pairs { UDP = udp_pair, ["unix datagrams"] = unix_datagrams }
do
  datagrams("recv of " .. name, open, function(s, opts)
    return s.sock:recv(100, 0, opts)
  end)
  datagrams("recvfrom of " .. name, open, function(s, opts)
    return s.sock:recvfrom(nil, 0, opts)
  end)
  datagrams("recvmsg of " .. name, open, function(s, opts)
    return s.sock:recvmsg(nil, 0, nil, opts)
  end)
end
datagrams("UDPSocket:recvfrom", udpsocket_pair, function(s, opts)
  return s.sock:recvfrom(100, 0, opts)
end)

-- A descriptor that comes with a byte.
calls.add {
  name = "recv_io",
  open = function()
    local a, b = Socket.UNIXSocket.pair()
    return calls.state(assert(a), b)
  end,
  call = function(s, opts) return s.sock:recv_io(nil, opts) end,
  release = function(s) assert(s.peer:send_io(s.peer)) end,
  check = function(_, fd)
    local copy <close> = Socket.UNIXSocket.for_fd(fd)
    assert.is_true(copy:is_a(Socket.UNIXSocket))
  end,
  would_block = Socket.WAIT_READABLE,
}

-- Connections. The state's `connect` makes the client.
local function tcp_server()
  local server, address = net.listener()
  local s = calls.state(server)
  function s.connect()
    local client = s:own(assert(Socket.new("INET", "STREAM")))
    assert(client:connect(address))
  end
  return s
end

local function of_class(class, ...)
  local server = assert(class.new(...))
  local s = calls.state(server)
  local address = assert(server:getsockname())
  local domain = class == Socket.TCPServer and "INET" or "UNIX"
  function s.connect()
    local client = s:own(assert(Socket.new(domain, "STREAM")))
    assert(client:connect(address))
  end
  return s
end

local function accepts(name, open, call)
  calls.add {
    name = name,
    open = open,
    call = call,
    release = function(s) s.connect() end,
    check = function(_, sock)
      local _ <close> = assert(sock)
      assert.is_truthy(sock:getpeername())
    end,
    would_block = Socket.WAIT_READABLE,
  }
end

local function accept(s, opts)
  return s.sock:accept(opts)
end

accepts("Socket:accept", tcp_server, accept)
accepts("TCPServer:accept", function()
  return of_class(Socket.TCPServer, "127.0.0.1", 0)
end, accept)
accepts("UNIXServer:accept", function()
  return of_class(Socket.UNIXServer, net.path())
end, accept)
accepts("sysaccept", tcp_server, function(s, opts)
  local fd, err, errno = s.sock:sysaccept(opts)
  if not fd then return nil, err, errno end
  return Socket.for_fd(fd)
end)

-- From one pair into another.
calls.add {
  name = "copy_stream",
  open = function()
    local s = unix_pair()
    local a, b = net.pair()
    s.target = s:own(a)
    s:own(b)
    return s
  end,
  call = function(s, opts)
    return Socket.copy_stream(s.sock, s.target, 5, opts)
  end,
  release = function(s) assert(s.peer:write("hello")) end,
  check = gives(5),
  leave = leave,
  check_left = gives(0),
  would_block = Socket.WAIT_READABLE,
}

return calls
