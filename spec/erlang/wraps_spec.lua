-- The option iow: a message tells of a counter that begins anew at 0.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local path = build.program("spec/counters.so")
if not path then
  pending("a module that fills counters is built by `make specs`")
  return
end

local counters = assert(package.loadlib(path, "luaopen_counters"))()

local function wrapped(sock, name, message)
  assert.same({ socket = sock, type = "counter_wrap", counter = name },
    message)
  assert.equal(sock, message.socket)
end

-- No message has come.
local function silent()
  local message, err = Socket.receive(0)
  assert.is_nil(message)
  assert.equal(Socket.TIMEOUT, err)
end

-- Both ends, the counters of which are told here.
local function informing_pair()
  local a, b, closer = net.pair()
  assert.is_true(a:setopt("otp", "iow", true))
  assert.is_true(b:setopt("otp", "iow", true))
  return a, b, closer
end

describe("the option iow", function()
  it("tells of packages", function()
    local a, b, _ <close> = informing_pair()
    assert(a:send "x")
    assert(b:recv(1))
    silent()
    counters.fill(a, "write_pkg")
    assert(a:send "x")
    assert.equal(0, a:info().counters.write_pkg)
    wrapped(a, "write_pkg", Socket.receive(0))
    counters.fill(b, "read_pkg")
    assert(b:recv(1))
    wrapped(b, "read_pkg", Socket.receive())
    silent()
  end)

  it("tells of waits and fails", function()
    local a, b, _ <close> = informing_pair()
    counters.fill(b, "read_waits")
    assert.is_nil((b:recv_nonblock(1)))
    wrapped(b, "read_waits", Socket.receive(0))
    counters.fill(b, "read_fails")
    assert(a:close())
    assert.is_nil((b:recv(1)))
    wrapped(b, "read_fails", Socket.receive(0))
    counters.fill(b, "write_fails")
    assert(b:shutdown("WR"))
    assert.is_nil((b:send "x"))
    wrapped(b, "write_fails", Socket.receive(0))
    silent()
  end)

  it("tells of each counter of each socket once", function()
    local a, b, _ <close> = informing_pair()
    for _ = 1, 2 do
      counters.fill(a, "write_pkg")
      counters.fill(b, "read_pkg")
      assert(a:send "x")
      assert(b:recv(1))
    end
    counters.fill(b, "read_waits")
    assert.is_nil((b:recv_nonblock(1)))
    local told = {}
    for _ = 1, 3 do
      local message = Socket.receive(0)
      told[message.counter] = message.socket
    end
    assert.same({ write_pkg = a, read_pkg = b, read_waits = b }, told)
    silent()
  end)

  it("tells of accepts, and of what is accepted", function()
    local server <close>, _, port = net.listener()
    assert.is_true(server:setopt("otp", "iow", true))
    assert.is_nil((server:accept_nonblock()))
    counters.fill(server, "acc_success")
    local client <close> = assert(Socket.tcp("127.0.0.1", port))
    local accepted <close> = assert(server:accept())
    wrapped(server, "acc_success", Socket.receive(0))
    assert.is_true(accepted:getopt("otp", "iow"))
    counters.fill(accepted, "write_pkg")
    assert(accepted:send "x")
    wrapped(accepted, "write_pkg", Socket.receive(0))
    assert.is_false(client:getopt("otp", "iow"))
  end)

  it("tells of sendfile", function()
    local a, b, _ <close> = informing_pair()
    local file <close> = assert(io.tmpfile())
    assert(file:write "hello")
    assert(file:flush())
    local name = build.is_portable and "write_pkg" or "sendfile_pkg"
    if not build.is_portable then assert(a:sendfile(file, 0, 5)) end
    counters.fill(a, name)
    assert(a:sendfile(file, 0, 5))
    wrapped(a, name, Socket.receive(0))
    assert.matches("^hello", b:recv())
  end)

  it("tells nobody without it, or no more", function()
    local a, b, _ <close> = net.pair()
    counters.fill(a, "write_pkg")
    assert(a:send "x")
    silent()
    assert.is_true(b:setopt("otp", "iow", true))
    assert.is_true(b:setopt("otp", "iow", false))
    counters.fill(b, "read_pkg")
    assert(b:recv(1))
    silent()
  end)

  it("wakes the task that has set it, and tells no other", function()
    local a, b, _ <close> = net.pair()
    local message
    tasks.run(function()
      local task = Socket.schedule(function()
        assert.is_true(a:setopt("otp", "iow", true))
        message = Socket.receive()
      end)
      Socket.sleep(0)
      counters.fill(a, "write_pkg")
      assert(a:send "x")
      silent()
      assert(task:join())
    end)
    wrapped(a, "write_pkg", message)
    assert(b:recv(1))
  end)

  it("forgets a task that has ended, and a socket that is collected",
    function()
    local a, b, _ <close> = net.pair()
    tasks.run(function() assert(a:setopt("otp", "iow", true)) end)
    collectgarbage()
    counters.fill(a, "write_pkg")
    assert(a:send "x")
    silent()
    assert(b:recv(1))
    do
      local c, d, _ <close> = informing_pair()
      counters.fill(c, "write_pkg")
      assert(c:send "x")
      assert(d:recv(1))
    end
    collectgarbage()
    collectgarbage()
    silent()
  end)
end)
