-- What is open, and who is told when it closes.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

local registry = {}

local function has(list, value)
  for _, element in ipairs(list) do
    if rawequal(element, value) then return true end
  end
  return false
end

registry["info/0"] = function()
  local info = Socket.info()
  assert.is_true(info.counters.num_sockets >= 0)
  assert.is_true(info.iov_max >= 16)
  assert.is_true(info.use_registry)
  assert.is_string(info.io_backend.name)
end

-- Its fields are rows of the types.
registry["info/1"] = function()
  local a, b, _ <close> = net.pair()
  assert(a:send "hello")
  assert.equal(5, a:info().counters.write_byte)
  assert.equal("local", b:info().domain)
end

registry["number_of/0"] = function()
  collectgarbage()
  collectgarbage()
  local before = Socket.number_of()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert.equal(before + 1, Socket.number_of())
  sock:close()
  assert.equal(before, Socket.number_of())
end

registry["which_sockets/0"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert.is_true(has(Socket.which_sockets(), sock))
end

registry["which_sockets/1"] = function()
  local tcp <close> = assert(Socket.open("inet", "stream", "tcp"))
  local a, _, _ <close> = net.pair("SEQPACKET")
  local udp <close> = assert(Socket.open("inet", "dgram", "udp"))
  for filter, expected in pairs { inet = { true, false, true },
    inet6 = { false, false, false }, ["local"] = { false, true, false },
    vsock = { false, false, false }, stream = { true, false, false },
    dgram = { false, false, true }, seqpacket = { false, true, false },
    sctp = { false, false, false }, tcp = { true, false, false },
    udp = { false, false, true } } do
    for i, sock in ipairs { tcp, a, udp } do
      assert.equal(expected[i], has(Socket.which_sockets(filter), sock),
        filter)
    end
  end
  local owner = {}
  assert(udp:setopt("otp", "controlling_process", owner))
  assert.same({ udp }, Socket.which_sockets(owner))
  assert.same({ a }, Socket.which_sockets(function(_, sock)
    return sock == a
  end))
  assert.error_matches(function() Socket.which_sockets "no such" end,
    "unknown filter")
end

registry["use_registry/1"] = function()
  assert.is_true(Socket.use_registry(false))
  local hidden <close> = Socket.open("inet", "dgram")
  assert.is_true(Socket.use_registry(true))
  assert.is_false(has(Socket.which_sockets(), hidden))
  assert.is_false(hidden:getopt("otp", "use_registry"))
end

-- What Socket.i prints.
local function printed(...)
  local file <close> = assert(io.tmpfile())
  local before = io.output()
  io.output(file)
  local ok, err = pcall(Socket.i, ...)
  io.output(before)
  assert(ok, err)
  file:seek("set", 0)
  return file:read "a"
end

registry["i/0"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert(sock:bind "loopback")
  local text = printed()
  assert.matches("Domain +Type +Protocol +Fd", text)
  assert.matches("127.0.0.1:" .. sock:sockname().port, text, 1, true)
end

registry["i/1"] = function()
  local a, _, _ <close> = net.pair()
  assert.matches("local +STREAM", printed "local")
  assert.matches("^Fd Sent\n", printed { "fd", "sent" })
  assert.is_false(a:is_closed())
end

registry["i/2"] = function()
  local a, _, _ <close> = net.pair()
  assert.matches("^Domain Fd\n", printed("local", { "domain", "fd" }))
  assert.is_false(a:is_closed())
end

registry["monitor/1"] = function()
  local a, _, _ <close> = net.pair()
  local called
  local monitor = a:monitor(function(...) called = { ... } end)
  assert.is_nil(called)
  a:close()
  assert.same({ a, "closed", monitor }, called)
end

registry["cancel_monitor/1"] = function()
  local a, _, _ <close> = net.pair()
  local called
  local monitor = a:monitor(function() called = true end)
  assert.is_true(Socket.cancel_monitor(monitor))
  assert.is_false(Socket.cancel_monitor(monitor))
  a:close()
  assert.is_nil(called)
end

registry["MESSAGE DOWN"] = function()
  local a, _, _ <close> = net.pair()
  a:close()
  local reason
  a:monitor(function(_, why) reason = why end) -- at once, as nosock there
  assert.equal("closed", reason)
end

local NO_COUNT = "undocumented there; who monitors is a function here, and "
  .. "its program knows it"

registry["number_of_monitors/0"] = NO_COUNT
registry["number_of_monitors/1"] = NO_COUNT
registry["which_monitors/1"] = NO_COUNT
registry["monitored_by/1"] = NO_COUNT

registry["to_list/1"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert.equal("#<Socket:fd " .. sock:fileno() .. ">", tostring(sock))
end

registry["which_socket_kind/1"] = "Erlang has two implementations"
registry["debug/1"] = "prints what Erlang's C code does; see the option debug"
registry["socket_debug/1"] = registry["debug/1"]

return registry
