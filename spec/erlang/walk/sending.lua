-- Sending.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"
local paths = require "spec.support.paths"

local NOWAIT = nowait.NOWAIT
local SHORT = { timeout = 0.01 }

local sending = {}

local BIG = ("0123456789abcdef"):rep(1 << 16)

-- A send of BIG whose time is up: it tells what is left.
local function check_rest(ok, err)
  assert.is_nil(ok)
  assert.is_true(err == Socket.TIMEOUT)
  assert.is_true(err.written > 0)
  assert.equal(BIG:sub(err.written + 1), err.rest)
end

-- A send of BIG that was started: it goes on with what is left, by
-- go_on(rest), which starts it again.
local function check_started(b, info, go_on)
  local count = info.written
  local got = assert(b:recv(count, { exact = true }))
  while info do
    assert.equal(BIG:sub(count + 1), info.rest)
    nowait.is_told(info)
    local sent, again = go_on(info.rest)
    local moved = sent or again.written
    got = got .. assert(b:recv(moved, { exact = true }))
    count, info = count + moved, not sent and again
  end
  assert.is_true(BIG == got)
end

-- Two UDP sockets, the second one's address, closer.
local function udp_to()
  local a = assert(Socket.open("inet", "dgram"))
  local b = assert(Socket.open("inet", "dgram"))
  assert(a:bind "loopback")
  assert(b:bind "loopback")
  return a, b, b:sockname(), setmetatable({}, { __close = function()
    a:close()
    b:close()
  end })
end

sending["send/2"] = function()
  local a, b, _ <close> = net.pair()
  assert.equal(5, a:send { "he", { "l", "lo" } })
  assert.equal("hello", b:recv())
end

sending["send/3"] = function()
  local a, b, _ <close> = net.tcp_pair()
  assert(b:setopt("socket", "oobinline", true))
  assert.equal(1, a:send("x", { "oob", "nosignal" }))
  assert.equal("x", b:recv { timeout = 5 })
  local c, _, _ <close> = net.pair()
  check_rest(c:send(BIG, SHORT))
end

sending["send/4"] = function()
  local a, _, _ <close> = net.pair()
  check_rest(a:send(BIG, { "nosignal" }, nil, SHORT))
  local c, d, _ <close> = net.pair()
  check_started(d, nowait.start(c, "send", BIG, 0, nil, NOWAIT),
    function(rest) return c:send(rest, 0, nil, NOWAIT) end)
end

sending["sendto/3"] = function()
  local a, b, there, _ <close> = udp_to()
  assert.equal(5, a:send("hello", 0, there))
  assert.equal("hello", b:recv { timeout = 5 })
end

sending["sendto/4"] = function()
  local a, b, there, _ <close> = udp_to()
  assert.equal(5, a:send("hello", { "dontroute" }, there))
  assert.equal("hello", b:recv { timeout = 5 })
  assert.equal(5, a:send("again", 0, there, { timeout = 5 }))
  assert.equal("again", b:recv { timeout = 5 })
end

sending["sendto/5"] = function()
  local a, b, there, _ <close> = udp_to()
  assert.equal(5, a:send("hello", { "nosignal" }, there, NOWAIT))
  assert.equal("hello", b:recv { timeout = 5 })
end

sending["sendmsg/2"] = function()
  local a, b, there, _ <close> = udp_to()
  assert(b:setopt("ip", "recvttl", true))
  assert.equal(5, a:sendmsg {
    addr = there,
    iov = { "he", "llo" },
    ctrl = { { level = "ip", type = "ttl", value = 7 } },
  })
  local message = assert(b:recvmsg { msghdr = true, timeout = 5 })
  assert.same({ "hello" }, message.iov)
  assert.equal(7, message.ctrl[1].value)
end

sending["sendmsg/3"] = function()
  local a, b, there, _ <close> = udp_to()
  assert.equal(1, a:sendmsg({ iov = { "x" }, addr = there }, { "dontroute" }))
  assert.equal("x", b:recv { timeout = 5 })
  local c, _, _ <close> = net.pair()
  check_rest(c:sendmsg({ iov = { BIG } }, SHORT))
end

sending["sendmsg/4"] = function()
  local a, _, _ <close> = net.pair()
  check_rest(a:sendmsg({ iov = { BIG } }, { "nosignal" }, nil, SHORT))
  local c, d, _ <close> = net.pair()
  check_started(d, nowait.start(c, "sendmsg", { iov = { BIG } }, 0, nil,
    NOWAIT), function(rest)
      return c:sendmsg({ iov = { rest } }, 0, nil, NOWAIT)
    end)
end

sending["sendv/2"] = function()
  local a, b, _ <close> = net.pair()
  assert.equal(5, a:sendv { "he", "l", "lo" })
  assert.equal("hello", b:recv())
end

sending["sendv/3"] = function()
  local a, _, _ <close> = net.pair()
  check_rest(a:sendv({ BIG:sub(1, 9), BIG:sub(10) }, SHORT))
  local c, _, _ <close> = net.pair()
  local info = nowait.start(c, "sendv", { BIG }, NOWAIT)
  assert.equal("sendv", info.op)
  assert.equal(BIG:sub(info.written + 1), info.rest)
  assert.is_true(c:cancel(info))
end

sending["sendv/4"] = function()
  local a, b, _ <close> = net.pair()
  check_started(b, nowait.start(a, "sendv", { BIG }, NOWAIT),
    function(rest) return a:sendv({ rest }, NOWAIT) end)
end

sending["rest_iov/2"] = function()
  assert.same({ "c", "de" }, Socket.rest_iov(2, { "abc", "de" }))
end

-- A file of those bytes.
local function file_of(bytes)
  local path = paths.new()
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  return assert(io.open(path, "rb"))
end

sending["sendfile/2"] = function()
  local a, b, _ <close> = net.pair()
  local file <close> = file_of "hello"
  assert.equal(5, a:sendfile(file))
  assert.equal("hello", b:recv())
  assert.equal(0, file:seek())
end

sending["sendfile/3"] = function()
  local a, _, _ <close> = net.pair()
  local file <close> = file_of(BIG)
  local ok, err = a:sendfile(file, SHORT)
  assert.is_nil(ok)
  assert.is_true(err == Socket.TIMEOUT)
  assert.is_true(err.written > 0 and err.written < #BIG)
end

sending["sendfile/4"] = function()
  local a, b, _ <close> = net.pair()
  local file <close> = file_of "hello world"
  assert.equal(5, a:sendfile(file, 6, 0))
  assert.equal("world", b:recv())
  assert.equal(3, a:sendfile(file, 1, 3))
  assert.equal("ell", b:recv())
end

-- It goes on where the call before it stopped.
sending["sendfile/5"] = function()
  local a, b, _ <close> = net.pair()
  local file <close> = file_of(BIG)
  local offset, got = 0, ""
  local sent, info = a:sendfile(file, 0, 0, NOWAIT)
  while not sent do
    assert.equal("sendfile", info.op)
    got = got .. assert(b:recv(info.written, { exact = true }))
    offset = offset + info.written
    nowait.is_told(info)
    sent, info = a:sendfile(file, offset, #BIG - offset, NOWAIT)
  end
  got = got .. assert(b:recv(sent, { exact = true }))
  assert.is_true(BIG == got)
  nowait.is_nothing(Socket.receive(0))
end

return sending
