-- Receiving, and calls that were started.

local Socket = require "socket"
local assert = require "luassert"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"

local is_timeout = failures.is_timeout

local NOWAIT = nowait.NOWAIT
local SOON = { timeout = 5 }
local EXACT = { exact = true }

local receiving = {}

-- Two UDP sockets, connected, with datagrams on the way to the second.
local function with_datagrams(...)
  local a, b, closer = net.udp_pair()
  for _, bytes in ipairs { ... } do
    assert(a:send(bytes))
  end
  assert(b:wait_readable(5))
  return a, b, closer
end

receiving["recv/1"] = function()
  local a, b, _ <close> = net.pair()
  assert(a:send "hello")
  assert.equal("hello", b:recv())
  a:close()
  assert.same({ n = 1, nil }, table.pack(b:recv())) -- closed, there
end

receiving["recv/2"] = function()
  local a, b, _ <close> = net.pair()
  assert(a:send "hello")
  assert.equal("hello", b:recv(nil, { "peek" }))
  assert.equal("he", b:recv(2))
  assert.equal("llo", b:recv(3, EXACT))
end

receiving["recv/3"] = function()
  local a, b, _ <close> = net.pair()
  assert(a:send "hello")
  assert.equal("he", b:recv(2, { "peek" }))
  assert.equal("hello", b:recv(9, SOON))
  is_timeout(b:recv(9, { timeout = 0.01 }))
  assert.equal(Socket.WAIT_READABLE, select(2, b:recv(9, { timeout = 0 })))
end

receiving["recv/4"] = function()
  local a, b, _ <close> = net.pair()
  assert(a:send "abc")
  local value, err = b:recv(5, 0, { exact = true, timeout = 0.01 })
  is_timeout(value, err)
  assert.equal("abc", err.partial)
  assert(a:send "abc")
  local info = nowait.start(b, "recv", 5, 0,
    { exact = true, timeout = "nowait" })
  assert.equal("recv", info.op)
  assert.equal("abc", info.partial)
  assert(a:send "de")
  nowait.is_told(info)
  assert.equal("de", b:recv(2, 0, { exact = true, timeout = "nowait" }))
  local c, d, _ <close> = with_datagrams("hello", "hello")
  assert.equal("he", d:recv(2))
  assert.equal("hello", d:recv(9, { "trunc" }))
  assert.is_true(c:is_a(Socket))
end

receiving["recvfrom/1"] = function()
  local a, b, _ <close> = with_datagrams "hello"
  local bytes, from = b:recvfrom()
  assert.equal("hello", bytes)
  assert.same(a:sockname(), from:to_table())
end

receiving["recvfrom/2"] = function()
  local _, b, _ <close> = with_datagrams("hello", "world")
  assert.equal("hello", (b:recvfrom(nil, { "peek" })))
  local bytes, _, truncated = b:recvfrom(2)
  assert.equal("he", bytes)
  assert.is_truthy(truncated)
  assert.equal("world", (b:recvfrom(9)))
end

receiving["recvfrom/3"] = function()
  local _, b, _ <close> = with_datagrams "hello"
  assert.equal("he", (b:recvfrom(2, { "peek" })))
  assert.equal("hello", (b:recvfrom(9, SOON)))
  is_timeout(b:recvfrom(9, { timeout = 0.01 }))
end

receiving["recvfrom/4"] = function()
  local a, b, _ <close> = net.udp_pair()
  local info = nowait.start(b, "recvfrom", 9, 0, NOWAIT)
  assert.equal("recvfrom", info.op)
  assert(a:send "hello")
  nowait.is_told(info)
  assert.equal("hello", (b:recvfrom(9, 0, NOWAIT)))
end

-- The keywords with which a message comes as a table.
local function msghdr(timeout)
  return { msghdr = true, timeout = timeout or 5 }
end

receiving["recvmsg/1"] = function()
  local _, b, _ <close> = with_datagrams "hello"
  assert.same({ "hello" }, b:recvmsg({ msghdr = true }).iov)
end

receiving["recvmsg/2"] = function()
  local _, b, _ <close> = with_datagrams "hello"
  assert.same({ "hello" }, b:recvmsg(nil, { "peek" }, nil, msghdr()).iov)
  assert.same({ "hello" }, b:recvmsg(msghdr()).iov)
  is_timeout(b:recvmsg(msghdr(0.01)))
end

receiving["recvmsg/3"] = function()
  local _, b, _ <close> = with_datagrams("hello", "world")
  assert.same({ "hello" }, b:recvmsg(nil, { "peek" }, nil, msghdr(5)).iov)
  assert(b:setopt("ip", "recvttl", true))
  local message = b:recvmsg(2, nil, 0, msghdr())
  assert.same({ "he" }, message.iov)
  table.sort(message.flags)
  assert.same({ "ctrunc", "trunc" }, message.flags)
end

receiving["recvmsg/4"] = function()
  local _, b, _ <close> = with_datagrams "hello"
  assert.same({ "hello" }, b:recvmsg(9, nil, 100, msghdr(5)).iov)
  is_timeout(b:recvmsg(9, nil, 100, msghdr(0.01)))
end

receiving["recvmsg/5"] = function()
  local a, b, _ <close> = net.udp_pair()
  local info = nowait.start(b, "recvmsg", 9, { "peek" }, 100,
    msghdr "nowait")
  assert.equal("recvmsg", info.op)
  assert(a:send "hello")
  nowait.is_told(info)
  local message = b:recvmsg(9, { "peek" }, 100, msghdr "nowait")
  assert.same({ "hello" }, message.iov)
  assert.same(a:sockname(), message.addr)
  assert.same({}, message.ctrl)
  assert.same({}, message.flags)
end

receiving["cancel/2"] = function()
  local a, b, _ <close> = net.pair()
  local first = nowait.start(b, "recv", NOWAIT)
  local behind = nowait.start(b, "recv", NOWAIT)
  assert(a:send "hello")
  assert.is_true(b:cancel(first))
  nowait.is_gone(b:cancel(first))
  nowait.is_told(behind)
  assert.is_true(b:cancel(behind))
  nowait.is_nothing(Socket.receive(0))
end

receiving["MESSAGE select"] = function()
  local a, b, _ <close> = net.pair()
  local info = nowait.start(b, "recv", NOWAIT)
  assert(a:send "hello")
  assert.same({ type = "select", socket = b, ref = info.ref },
    Socket.receive(5))
  nowait.is_nothing(Socket.receive(0))
  assert.equal("hello", b:recv(NOWAIT))
end

receiving["MESSAGE abort"] = function()
  local _, b, _ <close> = net.pair()
  local info = nowait.start(b, "recv", NOWAIT)
  b:close()
  assert.same({ type = "abort", socket = b, ref = info.ref,
    reason = "closed" }, Socket.receive(5))
end

receiving["MESSAGE completion"] = "Windows tells results, Unix readiness"

return receiving
