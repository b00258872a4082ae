local Socket = require "socket"
local example = require "spec.support.example"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local CLIENTS = 50
local BIG = ("0123456789abcdef"):rep(100000)

describe("examples/tcp_proxy.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  -- A connection through a proxy to this process: the proxy, both ends, and
  -- what closes them.
  local function connection()
    local server <close>, _, target_port = net.listener()
    local proxy, port = example.start(15, "tcp_proxy", "127.0.0.1",
      target_port, 0)
    local client = example.connect(port)
    local target = assert(server:accept { timeout = 10 })
    target:set_timeout(10)
    return proxy, client, target, setmetatable({}, {
      __close = function()
        client:close()
        target:close()
        local _ <close> = proxy
      end,
    })
  end

  local function check_end(proxy)
    local output, ok = proxy:stop()
    assert.is_true(ok, output)
    assert.equal("", (output:gsub("listening on [^\n]*\n", "")))
  end

  it("hands on bytes and each side's end", function()
    local proxy, client, target, _ <close> = connection()
    assert(client:puts("a question"))
    assert.equal("a question\n", target:gets())
    client:close_write()
    assert.is_nil((target:gets()))
    assert(target:puts("an answer"))
    assert.equal("an answer\n", client:gets())
    assert(target:puts("more of it"))
    target:close_write()
    assert.equal("more of it\n", client:read())
    check_end(proxy)
  end)

  it("hands on the target's end first", function()
    local proxy, client, target, _ <close> = connection()
    target:close_write()
    assert.equal("", client:read())
    assert(client:write("still heard"))
    client:close_write()
    assert.equal("still heard", target:read())
    check_end(proxy)
  end)

  -- Resets each side in turn, by the function, and checks that the other side
  -- is told.
  local function check_resets(reset)
    for _, is_client in ipairs { true, false } do
      local proxy, client, target, _ <close> = connection()
      local one, other = client, target
      if not is_client then one, other = target, client end
      reset(one, other, proxy)
      local bytes, err = other:read(1)
      assert.is_nil(bytes)
      assert.equal("ECONNRESET", err and err.name)
      check_end(proxy)
    end
  end

  it("hands on a reset, in both directions", function()
    check_resets(function(one, other)
      assert(other:write("in vain"))
      assert(one:write("the last words"))
      assert.equal("the last words", other:read(14))
      example.reset(one)
    end)
  end)

  -- The proxy is held up, so that it writes to the side that is gone before it
  -- reads from it.
  it("hands on a reset that a write meets first", function()
    check_resets(function(one, other, proxy)
      assert(one:write("there"))
      assert.equal("there", other:read(5))
      assert(other:write("back"))
      assert.equal("back", one:read(4))
      proxy:signal("STOP")
      assert(other:write("in vain"))
      example.reset(one)
      proxy:signal("CONT")
    end)
  end)

  it("delivers what a side says before it closes with bytes unread", function()
    local proxy, client, target, _ <close> = connection()
    assert(client:write("too much"))
    assert(target:wait_readable())
    assert(target:write("go away\n"))
    target:close()
    assert.equal("go away\n", client:gets())
    client:close()
    check_end(proxy)
  end)

  it("closes its clients where the target does not accept", function()
    local target_port, keeper = net.closed_port()
    local _ <close> = keeper
    local proxy <close>, port = example.start(15, "tcp_proxy", "127.0.0.1",
      target_port, 0)
    for _ = 1, 2 do
      local client <close>, err = Socket.tcp("127.0.0.1", port)
      if client then
        err = select(2, client:read(1, { timeout = 10 }))
      end
      assert.equal("ECONNRESET", err and err.name)
      proxy:await "^127%.0%.0%.1:%d+: Connection refused"
    end
    check_end(proxy)
  end)

  it("serves many at a time, through another example", function()
    local echo <close>, target_port = example.start(20, "echo_server", 0)
    local proxy <close>, port = example.start(20, "tcp_proxy", "localhost",
      target_port, 0, "127.0.0.1")
    local idle <close> = example.connect(port)
    tasks.run(function()
      for i = 1, CLIENTS do
        Socket.schedule(function()
          local sock <close> = example.connect(port)
          assert(sock:puts("client " .. i))
          assert.equal(("client %d\n"):format(i), sock:gets())
          local writer = Socket.schedule(function()
            assert(sock:write(BIG))
            sock:close_write()
          end)
          assert.is_true(BIG == sock:read())
          tasks.result(writer)
        end)
      end
    end)
    idle:close()
    check_end(proxy)
    check_end(echo)
  end)

  it("needs a target", function()
    local output, _, status = example.run("tcp_proxy", "localhost")
    assert.equal(2, status)
    assert.matches("^usage: ", output)
  end)

  it("refuses a port that is none", function()
    local output, ok = example.run("tcp_proxy", "localhost", 1, "70000")
    assert.is_false(ok)
    assert.matches("70000", output)
  end)
end)
