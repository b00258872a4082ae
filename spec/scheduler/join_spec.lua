-- Tasks: what they give, what they are.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local schedule, sleep = Socket.schedule, Socket.sleep

describe("task:join", function()
  it("gives true and the values", function()
    tasks.run(function()
      local task = schedule(function()
        sleep(0)
        return 1, nil, "x", nil
      end)
      assert.same({ n = 5, true, 1, nil, "x", nil }, table.pack(task:join()))
      local silent = schedule(function() end)
      assert.same({ n = 1, true }, table.pack(silent:join()))
    end)
  end)

  it("gives false and the very value that was raised", function()
    tasks.run(function()
      for _, value in ipairs { "text", {}, 7, Socket.TIMEOUT } do
        local task = schedule(error, value, 0)
        local results = table.pack(task:join())
        assert.equal(2, results.n)
        assert.is_false(results[1])
        assert.is_true(rawequal(value, results[2]))
      end
      assert.same({ n = 2, false, nil }, table.pack(schedule(error):join()))
    end)
  end)

  it("gives false and CANCELED after a cancel", function()
    tasks.run(function()
      local task = tasks.waiting(sleep, 60)
      task:cancel()
      local ok, err = task:join()
      assert.is_false(ok)
      assert.is_true(rawequal(Socket.CANCELED, err))
      assert.is_true(Socket.Error.is(err))
    end)
  end)

  it("gives TIMEOUT when the time is up, and the task goes on", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = schedule(b.gets, b)
      local value, err = task:join(0.005)
      assert.is_nil(value)
      assert.is_true(rawequal(Socket.TIMEOUT, err))
      assert.equal("waiting", task:status())
      a:write("line\n")
      assert.equal("line\n", tasks.result(task))
    end)
  end)

  it("does not wait with a timeout of 0", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = schedule(b.gets, b)
      local value, err = task:join(0)
      assert.is_nil(value)
      assert.is_true(rawequal(Socket.TIMEOUT, err))
      a:write("x\n")
      tasks.wait_until(function() return task:status() == "done" end)
      assert.same({ true, "x\n" }, { task:join(0) })
    end)
  end)

  it("waits for ever without a timeout, or with an infinite one", function()
    tasks.run(function()
      for _, seconds in ipairs { math.huge, false } do
        local task = schedule(function()
          sleep(0.003)
          return "value"
        end)
        assert.same({ true, "value" }, { task:join(seconds or nil) })
      end
    end)
  end)

  it("refuses a timeout that is none", function()
    tasks.run(function()
      local task = schedule(sleep, 0)
      for _, wrong in ipairs { -1, 0 / 0, "soon", { x = 1 } } do
        assert.has_error(function() task:join(wrong) end)
      end
    end)
  end)

  it("gives the same to several who join", function()
    tasks.run(function()
      local task = schedule(function()
        tasks.pause()
        return "value"
      end)
      local joiners = {}
      for i = 1, 10 do
        joiners[i] = schedule(task.join, task)
      end
      for i = 1, 10 do
        assert.same({ true, "value" }, { tasks.result(joiners[i]) })
      end
      assert.same({ true, "value" }, { task:join() })
    end)
  end)

  it("gives an error to several who join", function()
    tasks.run(function()
      local value = {}
      local task = schedule(function()
        tasks.pause()
        error(value)
      end)
      local joiners = {}
      for i = 1, 3 do
        joiners[i] = schedule(task.join, task)
      end
      for i = 1, 3 do
        assert.same({ false, value }, { tasks.result(joiners[i]) })
      end
    end)
  end)

  it("still gives it after the run", function()
    local task
    tasks.run(function()
      task = schedule(function() return "value" end)
    end)
    assert.same({ true, "value" }, { task:join() })
    assert.equal("done", task:status())
  end)

  it("gives it in a generator, too", function()
    tasks.run(function()
      local task = schedule(function()
        tasks.pause()
        return "value"
      end)
      assert.same({ true, "value" }, { coroutine.wrap(task.join)(task) })
    end)
  end)

  it("lets a joiner that is cancelled go, and no other", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = schedule(b.gets, b)
      local first = tasks.waiting(task.join, task)
      local second = tasks.waiting(task.join, task)
      first:cancel()
      assert.same({ false, Socket.CANCELED }, { first:join() })
      a:write("x\n")
      assert.same({ true, "x\n" }, { tasks.result(second) })
      assert.same({ true, "x\n" }, { task:join() })
    end)
  end)

  it("of itself does not hang", function()
    local outcome
    pcall(Socket.run, function()
      local task
      task = schedule(function()
        outcome = table.pack(pcall(task.join, task))
      end)
      task:join()
    end)
    assert.is_true(outcome == nil or not (outcome[1] and outcome[2]))
  end)
end)

describe("task:status", function()
  it("tells how far the task is", function()
    tasks.run(function()
      local task, during
      task = schedule(function()
        during = task:status()
        sleep(0.001)
      end)
      assert.equal("ready", task:status())
      sleep(0)
      assert.equal("running", during)
      assert.equal("waiting", task:status())
      task:join()
      assert.equal("done", task:status())
    end)
  end)

  it("tells how the task has ended", function()
    tasks.run(function()
      local failed = schedule(error, "oh")
      failed:join()
      assert.equal("failed", failed:status())
      local canceled = schedule(sleep, 60)
      canceled:cancel()
      canceled:join()
      assert.equal("canceled", canceled:status())
    end)
  end)
end)

describe("a task", function()
  it("has a text that tells what it is", function()
    tasks.run(function()
      local task = schedule(sleep, 0)
      assert.matches("[Tt]ask", tostring(task))
      local other = schedule(sleep, 0)
      assert.are_not.equal(tostring(task), tostring(other))
      assert.equal(tostring(task), tostring(task))
    end)
  end)

  it("refuses to be something else", function()
    tasks.run(function()
      local task = schedule(sleep, 0)
      for _, name in ipairs { "join", "cancel", "status" } do
        for _, wrong in ipairs { {}, "x", io.stdout } do
          assert.has_error(function() task[name](wrong) end)
        end
      end
    end)
  end)

  it("goes on when nobody holds it", function()
    local ended = 0
    tasks.run(function()
      for _ = 1, 100 do
        schedule(function()
          sleep(0.001)
          ended = ended + 1
        end)
      end
      collectgarbage()
      collectgarbage()
    end)
    assert.equal(100, ended)
  end)

  it("is collected once it has ended", function()
    local weak = setmetatable({}, { __mode = "v" })
    tasks.run(function()
      for i = 1, 10 do
        weak[i] = schedule(function()
          sleep(0)
          return {}
        end)
      end
      tasks.pause(5)
      collectgarbage()
      collectgarbage()
      assert.is_nil(next(weak))
    end)
  end)

  it("does not outlive its run, nor what it held", function()
    local weak = setmetatable({}, { __mode = "v" })
    pcall(Socket.run, function()
      for i = 1, 10 do
        schedule(function()
          local object = {}
          weak[i] = object
          sleep(60)
          return object
        end)
      end
      tasks.pause()
      error("oh")
    end)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("keeps values across waits, whatever the collector does", function()
    tasks.run(function()
      local list = {}
      for i = 1, 50 do
        list[i] = schedule(function(object)
          for _ = 1, 20 do
            sleep(0)
            collectgarbage("step")
          end
          return object[1]
        end, { i })
      end
      for i = 1, 50 do
        assert.equal(i, tasks.result(list[i]))
      end
    end)
  end)

  it("is many: 20,000 are created and joined", function()
    tasks.run(function()
      local list = {}
      for i = 1, 20000 do
        list[i] = schedule(function() return i end)
      end
      local sum = 0
      for i = 1, 20000 do
        sum = sum + tasks.result(list[i])
      end
      assert.equal(20000 * 20001 // 2, sum)
    end)
  end)
end)
