-- Making, naming, connecting, closing.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"

local NOWAIT = nowait.NOWAIT

local opening = {}

local function kind(sock)
  local info = sock:info()
  return ("%s %s %s"):format(info.domain, info.type, info.protocol)
end

opening["open/1"] = function()
  local a, b, _ <close> = net.pair()
  local copy = assert(Socket.open(a:fileno()))
  assert.not_equal(a:fileno(), copy:fileno())
  assert(copy:send "x")
  copy:close()
  assert.equal("x", b:recv())
  assert(a:send "y")
  assert.equal("y", b:recv())
end

opening["open/2"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert.equal("inet dgram udp", kind(sock))
  local copy <close> = assert(Socket.open(sock:fileno(), { dup = true,
    domain = "inet", type = "dgram", protocol = "udp", debug = true,
    use_registry = false }))
  assert.equal("inet dgram udp", kind(copy))
  assert.is_true(copy:getopt("otp", "debug"))
  assert.is_false(copy:getopt("otp", "use_registry"))
  local same <close> = assert(Socket.open(sock:fileno(), { dup = false }))
  assert.equal(sock:fileno(), same:fileno())
  local numbers <close> = assert(Socket.open(Socket.AF_INET,
    Socket.SOCK_STREAM))
  assert.equal("inet stream tcp", kind(numbers))
end

opening["open/3"] = function()
  for _, protocol in ipairs { "default", "tcp", Socket.IPPROTO_TCP } do
    local sock <close> = assert(Socket.open("inet", "stream", protocol))
    assert.equal("inet stream tcp", kind(sock))
  end
  local sock <close> = assert(Socket.open("inet", "stream", { debug = true }))
  assert.is_true(sock:getopt("otp", "debug"))
end

-- Other namespaces are the matter of open_spec.lua.
opening["open/4"] = function()
  local options = { debug = true, use_registry = false }
  if Socket.is_supported "netns" then options.netns = "/proc/self/ns/net" end
  local sock, err = Socket.open("local", "stream", "default", options)
  if not sock and options.netns then
    assert.is_truthy(({ EPERM = 1, ENOSYS = 1 })[err.name], tostring(err))
    options.netns = nil
    sock = assert(Socket.open("local", "stream", "default", options))
  end
  local _ <close> = sock
  assert.equal("local stream default", kind(sock))
  assert.is_true(sock:getopt("otp", "debug"))
  assert.is_false(sock:getopt("otp", "use_registry"))
end

opening["bind/2"] = function()
  for name, host in pairs { any = "0.0.0.0", loopback = "127.0.0.1",
    broadcast = "255.255.255.255" } do
    local sock <close> = assert(Socket.open("inet", "dgram"))
    assert.equal(0, sock:bind(name))
    assert.equal(host, sock:sockname().addr)
    assert.is_true(sock:sockname().port > 0)
  end
  local sock <close> = assert(Socket.open("inet", "dgram"))
  assert.equal(0, sock:bind { family = "inet", addr = "loopback", port = 0 })
  local unix <close> = assert(Socket.open("local", "dgram"))
  local ok, err = unix:bind "loopback"
  assert.is_nil(ok)
  assert.equal("EAFNOSUPPORT", err.name)
end

opening["bind/3"] = "several addresses are SCTP's, by a call of its library"

-- Starts a connect to the server, calls finish(sock), and looks at the result.
local function check_started(server, finish)
  local sock <close> = assert(Socket.open("inet", "stream"))
  local info = nowait.start(sock, "connect", server:sockname(), NOWAIT)
  assert.equal("connect", info.op)
  nowait.is_told(info)
  assert.equal(0, finish(sock))
  assert.same(server:sockname(), sock:peername())
end

opening["connect/1"] = function()
  local server <close> = net.listener()
  check_started(server, function(sock) return sock:connect() end)
end

opening["connect/2"] = function()
  local server <close> = net.listener()
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.equal(0, sock:connect(server:sockname()))
  assert.same(server:sockname(), sock:peername())
end

opening["connect/3"] = function()
  local _, address, _, _ <close> = net.full_listener()
  local late <close> = assert(Socket.open("inet", "stream"))
  local ok, err = late:connect(address, { timeout = 0.01 })
  assert.is_nil(ok)
  assert.equal("TimeoutError", err.name)
  local server <close> = net.listener()
  check_started(server, function(sock)
    return sock:connect(server:sockname(), { timeout = 5 })
  end)
end

local function check_listen(...)
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.equal(0, sock:listen(...))
  assert.is_true(sock:sockname().port > 0)
  assert.is_true(sock:getopt("socket", "acceptconn"))
end

opening["listen/1"] = function() check_listen() end
opening["listen/2"] = function() check_listen(7) end

opening["accept/1"] = function()
  local server <close>, address = net.listener()
  local client <close> = assert(Socket.open("inet", "stream"))
  assert(client:connect(address))
  local peer <close> = assert(server:accept())
  assert.same(client:sockname(), peer:peername())
end

opening["accept/2"] = function()
  local server <close>, address = net.listener()
  assert.equal(Socket.TIMEOUT, select(2, server:accept { timeout = 0.01 }))
  assert.equal(Socket.WAIT_READABLE, select(2, server:accept { timeout = 0 }))
  local info = nowait.start(server, "accept", NOWAIT)
  assert.equal("accept", info.op)
  local client <close> = assert(Socket.open("inet", "stream"))
  assert(client:connect(address))
  nowait.is_told(info)
  local peer <close> = assert(server:accept(NOWAIT))
  assert.same(client:sockname(), peer:peername())
end

opening["close/1"] = function()
  local a, b, _ <close> = net.pair()
  local info = nowait.start(a, "recv", NOWAIT)
  assert.is_true(a:close())
  nowait.is_told(info, "abort")
  assert.is_true(a:close()) -- an error there
  assert.same({ n = 1, nil }, table.pack(b:recv()))
end

opening["shutdown/2"] = function()
  for _, how in ipairs { "read", "write", "read_write" } do
    local a, b, _ <close> = net.tcp_pair()
    assert.equal(0, a:shutdown(how))
    local info = a:info()
    assert.equal(how == "write", info.readable)
    assert.equal(how == "read", info.writable)
    if how ~= "read" then
      assert.same({ n = 1, nil }, table.pack(b:recv { timeout = 5 }))
    end
  end
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.equal("ENOTCONN", select(2, sock:shutdown "read").name)
end

opening["sockname/1"] = function()
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert(sock:bind "loopback")
  local name = sock:sockname()
  assert.is_true(name.port > 0)
  assert.same({ family = "inet", addr = "127.0.0.1", port = name.port }, name)
end

opening["peername/1"] = function()
  local a, b, _ <close> = net.tcp_pair()
  assert.same(b:sockname(), a:peername())
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.equal("ENOTCONN", select(2, sock:peername()).name)
end

return opening
