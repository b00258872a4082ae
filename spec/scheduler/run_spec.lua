local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local run, schedule, sleep = Socket.run, Socket.schedule, Socket.sleep

describe("Socket.run", function()
  it("passes its arguments on and returns what the function returns", function()
    local results = table.pack(run(function(...)
      sleep(0)
      return select("#", ...), ...
    end, 1, nil, "x", nil))
    assert.same({ n = 5, 4, 1, nil, "x", nil }, results)
  end)

  it("returns nothing for a function that returns nothing", function()
    assert.equal(0, select("#", run(function() end)))
    assert.equal(0, select("#", run(function() sleep(0) end)))
  end)

  it("takes a C function", function()
    assert.equal(2, run(math.max, 1, 2))
  end)

  it("refuses what is no function", function()
    for _, wrong in ipairs { 5, "x", {} } do
      assert.error_matches(function() run(wrong) end,
        "bad argument #1 to '[%w.]*run'")
    end
    assert.error_matches(function() run() end, "bad argument #1 to '[%w.]*run'")
  end)

  it("waits for what was scheduled", function()
    local log = {}
    local result = run(function()
      schedule(function()
        tasks.pause()
        log[#log + 1] = "first"
        schedule(function()
          sleep(0.002)
          log[#log + 1] = "second"
        end)
      end)
      log[#log + 1] = "main"
      return "result"
    end)
    assert.equal("result", result)
    assert.same({ "main", "first", "second" }, log)
  end)

  it("passes results on across the waits of others", function()
    assert.same({ 1, 2, 3 }, { run(function()
      schedule(sleep, 0.005)
      return 1, 2, 3
    end) })
  end)

  it("can be called again and again", function()
    for i = 1, 100 do
      assert.equal(i, run(function()
        sleep(0)
        return i
      end))
    end
  end)

  it("keeps a socket usable for the next run, and outside", function()
    local a, b, _ <close> = net.pair()
    for i = 1, 3 do
      run(function()
        local task = tasks.waiting(b.gets, b)
        a:write(i, "\n")
        assert.equal(i .. "\n", tasks.result(task))
      end)
      a:write("outside\n")
      assert.equal("outside\n", b:gets())
    end
  end)

  it("runs in a coroutine of its own", function()
    local outside = coroutine.running()
    run(function()
      local inside, is_main = coroutine.running()
      assert.is_false(is_main)
      assert.are_not.equal(outside, inside)
      assert.is_true(coroutine.isyieldable())
    end)
  end)

  it("works inside a plain coroutine", function()
    local co = coroutine.wrap(function()
      local value = coroutine.yield(run(function()
        sleep(0)
        return "one"
      end))
      return run(function()
        sleep(0)
        return value
      end)
    end)
    assert.equal("one", co())
    assert.equal("two", co("two"))
  end)
end)

describe("an error in Socket.run", function()
  local function raised(value)
    local ok, err = pcall(run, function()
      sleep(0)
      error(value, 0)
    end)
    assert.is_false(ok)
    return err
  end

  it("is raised again unchanged", function()
    local object = setmetatable({}, { __tostring = function() return "x" end })
    assert.equal("text", raised "text")
    assert.equal(object, raised(object))
    assert.equal(false, raised(false))
    assert.equal(7, raised(7))
    assert.is_nil(raised(nil))
    local err = Socket.TIMEOUT
    assert.is_true(rawequal(err, raised(err)))
  end)

  it("is raised also before any wait", function()
    local value = {}
    local ok, err = pcall(run, error, value)
    assert.is_false(ok)
    assert.equal(value, err)
  end)

  it("has its position", function()
    local ok, err = pcall(run, function() error("oh") end)
    assert.is_false(ok)
    assert.matches("run_spec.lua:%d+: oh$", err)
  end)

  it("first cancels the other tasks, whose closers run", function()
    local closed, went_on = {}, false
    local ok, err = pcall(run, function()
      for i = 1, 3 do
        schedule(function()
          local _ <close> = setmetatable({}, { __close = function()
            closed[#closed + 1] = i
          end })
          sleep(60)
          went_on = true
        end)
      end
      tasks.pause()
      error("oh", 0)
    end)
    assert.is_false(ok)
    assert.equal("oh", err)
    table.sort(closed)
    assert.same({ 1, 2, 3 }, closed)
    assert.is_false(went_on)
  end)

  it("keeps tasks from beginning", function()
    local began = false
    pcall(run, function()
      schedule(function() began = true end)
      error("oh")
    end)
    assert.is_false(began)
  end)

  it("leaves another run possible", function()
    pcall(run, error, "oh")
    assert.equal(1, run(function()
      sleep(0)
      return 1
    end))
    assert.has_error(function() schedule(print) end)
  end)
end)

describe("a nested Socket.run", function()
  it("ends when what it started has ended", function()
    local log = {}
    run(function()
      schedule(function()
        tasks.pause(20)
        log[#log + 1] = "outer task"
      end)
      local value = run(function()
        schedule(function()
          tasks.pause(3)
          log[#log + 1] = "inner task"
        end)
        return "value"
      end)
      log[#log + 1] = value
    end)
    assert.same({ "inner task", "value", "outer task" }, log)
  end)

  it("lets the tasks outside go on meanwhile", function()
    local a, b, _ <close> = net.pair()
    run(function()
      schedule(function()
        tasks.pause()
        a:write("line\n")
      end)
      assert.equal("line\n", run(function() return b:gets() end))
    end)
  end)

  it("raises its error to its caller alone", function()
    local value, ended = {}, false
    run(function()
      schedule(function()
        tasks.pause(10)
        ended = true
      end)
      local ok, err = pcall(run, function()
        schedule(sleep, 60)
        sleep(0)
        error(value)
      end)
      assert.is_false(ok)
      assert.equal(value, err)
    end)
    assert.is_true(ended)
  end)

  it("waits for tasks that its tasks start", function()
    local log = {}
    run(function()
      run(function()
        schedule(function()
          sleep(0)
          schedule(function()
            sleep(0)
            log[#log + 1] = "deep"
          end)
        end)
      end)
      log[#log + 1] = "after"
    end)
    assert.same({ "deep", "after" }, log)
  end)

  it("does so at any depth, and in several tasks at once", function()
    local function deep(n)
      sleep(0)
      if n == 0 then return 0 end
      return 1 + run(deep, n - 1)
    end
    run(function()
      local list = {}
      for i = 1, 5 do
        list[i] = schedule(run, deep, 10)
      end
      for i = 1, 5 do
        assert.equal(10, tasks.result(list[i]))
      end
    end)
  end)

  it("is cancelled with the task around it", function()
    local closed = {}
    local function closer(name)
      return setmetatable({}, { __close = function()
        closed[#closed + 1] = name
      end })
    end
    run(function()
      local task = tasks.waiting(function()
        local _ <close> = closer "outer"
        run(function()
          local _ <close> = closer "inner"
          sleep(60)
        end)
      end)
      task:cancel()
      assert.same({ false, Socket.CANCELED }, { task:join() })
    end)
    assert.same({ "inner", "outer" }, closed)
  end)

  it("cancels its own tasks when it is cancelled", function()
    local went_on = false
    run(function()
      local inner
      local task = tasks.waiting(function()
        run(function()
          inner = schedule(function()
            sleep(60)
            went_on = true
          end)
          sleep(60)
        end)
      end)
      tasks.wait_until(function() return inner:status() == "waiting" end)
      task:cancel()
      assert.same({ false, Socket.CANCELED }, { task:join() })
      assert.same({ false, Socket.CANCELED }, { inner:join() })
    end)
    assert.is_false(went_on)
  end)
end)

describe("Socket.schedule", function()
  it("raises outside a run", function()
    assert.has_error(function() schedule(function() end) end)
    run(function() end)
    assert.has_error(function() schedule(function() end) end)
  end)

  it("refuses what is no function", function()
    run(function()
      for _, wrong in ipairs { 5, "x", {} } do
        assert.error_matches(function() schedule(wrong) end,
          "bad argument #1 to '[%w.]*schedule'")
      end
    end)
  end)

  it("passes its arguments on", function()
    run(function()
      local results = table.pack(schedule(function(...)
        return select("#", ...), ...
      end, nil, 2, nil):join())
      assert.same({ n = 5, true, 3, nil, 2, nil }, results)
    end)
  end)

  it("lets tasks begin in order, after the one that schedules", function()
    local log = {}
    run(function()
      for i = 1, 5 do
        schedule(function() log[#log + 1] = i end)
      end
      log[#log + 1] = "main"
    end)
    assert.same({ "main", 1, 2, 3, 4, 5 }, log)
  end)

  it("works in a generator inside a task", function()
    run(function()
      local task = coroutine.wrap(function()
        return schedule(function() return "value" end)
      end)()
      assert.equal("value", tasks.result(task))
    end)
  end)

  it("starts many tasks", function()
    local count = 0
    run(function()
      for _ = 1, 20000 do
        schedule(function()
          sleep(0)
          count = count + 1
        end)
      end
    end)
    assert.equal(20000, count)
  end)
end)
