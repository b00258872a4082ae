-- What is told of a socket, and of calls that were started.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"

local NOWAIT = nowait.NOWAIT

local states = {}

-- Starts the call on the socket: its SelectInfo has the method's name.
local function check_tag(sock, method, ...)
  local info = nowait.start(sock, method, ...)
  assert.equal(method, info.op)
  assert.is_true(sock:cancel(info))
end

states["select_info tag"] = function()
  local server <close>, address = net.listener()
  check_tag(server, "accept", NOWAIT)
  local client <close> = assert(Socket.open("inet", "stream"))
  check_tag(client, "connect", address, NOWAIT)
  local a, b, _ <close> = net.udp_pair()
  check_tag(a, "recv", NOWAIT)
  check_tag(a, "recvfrom", NOWAIT)
  check_tag(a, "recvmsg", NOWAIT)
  check_tag(b, "recvv", { 5 }, NOWAIT)
  local c, _, _ <close> = net.pair()
  nowait.fill(c)
  check_tag(c, "send", "x", 0, nil, NOWAIT)
  check_tag(c, "sendmsg", { iov = "x" }, NOWAIT)
  check_tag(c, "sendv", { "x" }, NOWAIT)
  local file <close> = assert(io.open "README.md")
  check_tag(c, "sendfile", file, NOWAIT)
end

states["select_info ref"] = function()
  local a, b, _ <close> = net.pair()
  local info, other = nowait.start(b, "recv", NOWAIT),
    nowait.start(a, "recv", NOWAIT)
  assert.not_equal(info.ref, other.ref)
  assert(a:send "x")
  assert.equal(info.ref, Socket.receive(5).ref)
  assert.is_true(a:cancel(other))
end

-- What a scenario has counted on a socket.
local function reader()
  local a, b, _ <close> = net.pair()
  assert.equal(Socket.WAIT_READABLE, select(2, b:recv(9, { timeout = 0 })))
  assert(a:send "hello")
  assert(b:recv(9))
  assert(a:send "you")
  assert(b:recv(9))
  a:close()
  assert.is_nil(b:recv(9))
  return b:info().counters
end

local function writer()
  local a, b, _ <close> = net.pair()
  assert(a:send "hello")
  assert(a:send "you")
  assert(b:recv(9))
  b:close()
  assert.is_nil(a:send "x")
  return a:info().counters
end

local function full_writer()
  local a, _, _ <close> = net.pair()
  nowait.fill(a)
  local before = a:info().counters.write_waits
  assert.equal(Socket.WAIT_WRITABLE, select(2, a:send("x", 0, nil,
    { timeout = 0 })))
  return { write_waits = a:info().counters.write_waits - before }
end

local function acceptor()
  local server <close>, address = net.listener()
  assert.is_nil(server:accept { timeout = 0 })
  local client <close> = assert(Socket.open("inet", "stream"))
  assert(client:connect(address))
  server:accept():close()
  return server:info().counters
end

local function failed_acceptor()
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.is_nil(sock:accept())
  return sock:info().counters
end

-- The counter has that value after the scenario.
local function counts(name, scenario, value)
  states["socket_counters " .. name] = function()
    assert.equal(value, scenario()[name])
  end
end

counts("read_byte", reader, 8)
counts("read_fails", reader, 1)
counts("read_pkg", reader, 2)
counts("read_pkg_max", reader, 5)
counts("read_tries", reader, 4)
counts("read_waits", reader, 1)
counts("write_byte", writer, 8)
counts("write_fails", writer, 1)
counts("write_pkg", writer, 2)
counts("write_pkg_max", writer, 5)
counts("write_tries", writer, 3)
counts("write_waits", full_writer, 1)
counts("acc_success", acceptor, 1)
counts("acc_fails", failed_acceptor, 1)
counts("acc_tries", acceptor, 2)
counts("acc_waits", acceptor, 1)

states["socket_counters sendfile, sendfile_byte, sendfile_fails, sendfile_max, "
  .. "sendfile_pkg, sendfile_pkg_max, sendfile_tries, sendfile_waits"] =
  function()
    local counters = reader()
    for _, name in ipairs { "sendfile", "sendfile_byte", "sendfile_fails",
      "sendfile_max", "sendfile_pkg", "sendfile_pkg_max", "sendfile_tries",
      "sendfile_waits" } do
      assert.equal(0, counters[name], name)
    end
  end

local function info_field(name, check)
  states["socket_info " .. name] = function()
    local a, b, _ <close> = net.tcp_pair()
    check(a, b)
  end
end

local function has_value(name, value)
  info_field(name, function(sock)
    assert.equal(value, sock:info()[name])
  end)
end

has_value("domain", "inet")
has_value("type", "stream")
has_value("protocol", "tcp")

info_field("ctrl", function(sock)
  assert.is_nil(sock:info().owner)
  local owner = {}
  assert(sock:setopt("otp", "controlling_process", owner))
  assert.equal(owner, sock:info().owner)
end)

info_field("ctype", function(sock)
  assert.equal("normal", sock:info().ctype)
  local copy <close> = assert(Socket.open(sock:fileno()))
  assert.same({ "fromfd", sock:fileno() }, copy:info().ctype)
  local same <close> = assert(Socket.open(sock:fileno(), { dup = false }))
  assert.equal("fromfd", same:info().ctype)
end)

info_field("counters", function(sock)
  local count = 0
  for _ in pairs(sock:info().counters) do count = count + 1 end
  assert.equal(24, count)
end)

info_field("num_readers", function(sock)
  local first = nowait.start(sock, "recv", NOWAIT)
  local second = nowait.start(sock, "recv", NOWAIT)
  assert.equal(2, sock:info().num_readers)
  assert.is_true(sock:cancel(first) and sock:cancel(second))
  assert.equal(0, sock:info().num_readers)
end)

info_field("num_writers", function(sock)
  nowait.fill(sock)
  local select = nowait.start(sock, "send", "x", 0, nil, NOWAIT)
  assert.equal(1, sock:info().num_writers)
  assert.is_true(sock:cancel(select))
end)

info_field("num_acceptors", function()
  local server <close> = net.listener()
  local select = nowait.start(server, "accept", NOWAIT)
  assert.equal(1, server:info().num_acceptors)
  assert.is_true(server:cancel(select))
end)

info_field("writable", function(sock)
  assert.is_true(sock:info().writable)
  sock:close_write()
  assert.is_false(sock:info().writable)
end)

info_field("readable", function(sock)
  assert.is_true(sock:info().readable)
  sock:close_read()
  assert.is_false(sock:info().readable)
end)

info_field("rstates, wstates", function(sock)
  assert.same({ "bound" }, sock:info().rstates)
  assert.same({ "connected" }, sock:info().wstates)
  sock:close()
  assert.same({ "closed" }, sock:info().rstates)
end)

return states
