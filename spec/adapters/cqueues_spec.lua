-- cqueues drives this library's sockets: every waiting call, and programs.

local Socket = require "socket"
local cqueues = require "cqueues"
local describe_calls = require "spec.support.foreign_calls"
local describe_loops = require "spec.support.foreign_loops"
local describe_programs = require "spec.support.foreign_programs"
local fibers = require "spec.support.fibers"
local net = require "spec.support.net"
local scheduler = require "socket.adapters.cqueues"
local serve_by_tasks = require "spec.support.task_loop"

-- Calls the function as a coroutine of a controller, until all have ended.
local function run(fn)
  local results = { n = 0 }
  local controller = cqueues.new()
  controller:wrap(function() results = table.pack(fn()) end)
  Socket.set_scheduler(scheduler)
  local ok, err = controller:loop(15)
  Socket.set_scheduler(nil)
  local is_over = controller:empty()
  controller:close()
  if not ok then error(err, 0) end
  assert(is_over, "it does not end")
  return table.unpack(results, 1, results.n)
end

-- The same, which goes on after errors that end coroutines: a list of them,
-- then what the function returned.
local function run_noting(fn)
  local errors, results = {}, { n = 0 }
  local controller = cqueues.new()
  controller:wrap(function() results = table.pack(fn()) end)
  Socket.set_scheduler(scheduler)
  local ok, err
  repeat
    ok, err = controller:loop(15)
    if not ok then errors[#errors + 1] = err end
  until ok or #errors > 20
  Socket.set_scheduler(nil)
  controller:close()
  return errors, table.unpack(results, 1, results.n)
end

describe("under cqueues,", function()
  it("this library is the module that is loaded", function()
    assert.equal(Socket, require "socket")
    assert.equal("lua/socket/adapters/cqueues.lua",
      package.searchpath("socket.adapters.cqueues", package.path):sub(3))
  end)

  describe_calls(run)
  describe_programs(run)
  describe_loops(run, run_noting)

  it("calls outside a controller block", function()
    Socket.set_scheduler(scheduler)
    local a, b, _ <close> = net.pair()
    local value, err = coroutine.wrap(function()
      Socket.sleep(0.001)
      assert.same({ {}, { b }, {} }, { Socket.select({ a }, { b }) })
      return a:recv(1, 0, { timeout = 0.005 })
    end)()
    local ok, problem = pcall(Socket.schedule, print)
    Socket.set_scheduler(nil)
    assert.is_nil(value)
    assert.is_true(err == Socket.TIMEOUT)
    assert.same({ false, "no cqueues controller runs" }, { ok, problem })
  end)

  it("a server loop outside a controller has tasks", function()
    Socket.set_scheduler(scheduler)
    local ok, result = pcall(coroutine.wrap(serve_by_tasks))
    Socket.set_scheduler(nil)
    assert.same({ true, true }, { ok, result })
    run(function() assert.is_true(coroutine.wrap(serve_by_tasks)()) end)
  end)

  it("an error of a coroutine is the controller's", function()
    assert.has_error(function()
      run(function()
        Socket.schedule(error, "problem")
        Socket.sleep(1)
      end)
    end, "problem")
  end)

  it("a controller that is closed leaves nothing behind", function()
    local a, b, _ <close> = net.pair()
    local controller = cqueues.new()
    controller:wrap(function() a:read(4) end)
    Socket.set_scheduler(scheduler)
    assert(controller:step(0))
    controller:close()
    run(function()
      local reader = fibers.start(a.wait_readable, a)
      b:write("x")
      assert.equal(a, fibers.join(reader))
    end)
  end)

  it("a coroutine gets its arguments", function()
    run(function()
      local got
      local function fn(...) got = table.pack(...) end
      local co = Socket.schedule(fn, 1, nil)
      fibers.pause()
      assert.equal("dead", coroutine.status(co))
      assert.same({ 1, nil, n = 2 }, got)
    end)
  end)
end)

describe("a socket that cqueues polls", function()
  -- As a coroutine of a controller, without a scheduler that is set.
  local function run_alone(fn)
    local controller = cqueues.new()
    controller:wrap(fn)
    assert(controller:loop(15))
    assert.is_true(controller:empty())
    controller:close()
  end

  -- Lets the others go on.
  local function pause()
    for _ = 1, 5 do
      cqueues.sleep(0)
    end
  end

  it("waits for what the last call wanted", function()
    local a, b, _ <close> = net.pair()
    assert.equal(a:fileno(), a:pollfd())
    assert.equal("r", a:events())
    local _, err
    repeat
      _, err = a:write_nonblock(("x"):rep(1 << 16))
    until err
    assert.equal(Socket.WAIT_WRITABLE, err)
    assert.equal("w", a:events())
    a:read_nonblock(1)
    assert.equal("r", a:events())
    assert.is_nil(a:timeout())
    b:close()
    assert.is_nil(b:pollfd())
  end)

  it("wakes its coroutine", function()
    run_alone(function()
      local a, b, _ <close> = net.pair()
      local text
      cqueues.running():wrap(function()
        assert.equal(a, cqueues.poll(a))
        text = a:read_nonblock(10)
      end)
      pause()
      assert.is_nil(text)
      b:write("hello")
      pause()
      assert.equal("hello", text)
    end)
  end)

  it("wakes it after its own timeout", function()
    run_alone(function()
      local a, _, _ <close> = net.pair()
      a:set_timeout(0.005)
      assert.equal(a, cqueues.poll(a))
      assert.equal(Socket.WAIT_READABLE, select(2, a:read_nonblock(1)))
    end)
  end)

  it("can be closed, and its fd be used again", function()
    run_alone(function()
      for _ = 1, 5 do
        local a, b, _ <close> = net.pair()
        b:write("x")
        cqueues.poll(a)
        assert.equal("x", a:recv(1))
        a:close()
      end
    end)
  end)

  it("wakes those that poll it when it is closed", function()
    run_alone(function()
      local a, _, _ <close> = net.pair()
      local is_over = false
      cqueues.running():wrap(function()
        cqueues.poll(a)
        is_over = true
      end)
      pause()
      a:close()
      pause()
      assert.is_true(is_over)
    end)
  end)
end)
