local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local schedule, sleep = Socket.schedule, Socket.sleep

-- What calls fn when it is closed.
local function closer(fn)
  return setmetatable({}, { __close = fn })
end

local function is_canceled(task)
  assert.same({ false, Socket.CANCELED }, { task:join() })
  assert.equal("canceled", task:status())
end

describe("task:cancel", function()
  it("keeps a task from beginning", function()
    local began = false
    tasks.run(function()
      local task = schedule(function() began = true end)
      assert.is_true(task:cancel())
      is_canceled(task)
    end)
    assert.is_false(began)
  end)

  it("ends the task at its wait", function()
    local before, after = false, false
    tasks.run(function()
      local task = tasks.waiting(function()
        before = true
        sleep(60)
        after = true
      end)
      assert.is_true(task:cancel())
      is_canceled(task)
    end)
    assert.is_true(before)
    assert.is_false(after)
  end)

  it("runs the <close> variables, the last one first", function()
    local log = {}
    local function log_closer(name)
      return closer(function(_, err) log[#log + 1] = { name, err } end)
    end
    tasks.run(function()
      local task = tasks.waiting(function()
        local _ <close> = log_closer "first"
        local _ <close> = log_closer "second"
        for _ in function() return 1 end, nil, nil, log_closer "loop" do
          sleep(60)
        end
      end)
      task:cancel()
      is_canceled(task)
    end)
    assert.same({ { "loop" }, { "second" }, { "first" } }, log)
  end)

  it("is not caught by pcall and its like", function()
    local log = {}
    tasks.run(function()
      local task = tasks.waiting(function()
        local _ <close> = closer(function() log[#log + 1] = "closed" end)
        pcall(pcall, xpcall, sleep, function() log[#log + 1] = "handled" end,
          60)
        log[#log + 1] = "went on"
      end)
      task:cancel()
      is_canceled(task)
    end)
    assert.same({ "closed" }, log)
  end)

  it("closes sockets held in <close> variables", function()
    local sock, peer, _ <close> = net.pair()
    tasks.run(function()
      local task = tasks.waiting(function()
        local owned <close> = sock
        owned:recv(1)
      end)
      task:cancel()
      is_canceled(task)
      assert.is_true(sock:is_closed())
      assert.is_nil(peer:recv(1))
    end)
  end)

  it("lets closers wait", function()
    local log = {}
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = tasks.waiting(function()
        local _ <close> = closer(function()
          log[#log + 1] = "slept: " .. tostring(sleep(0.001))
          log[#log + 1] = b:gets()
        end)
        sleep(60)
      end)
      schedule(function()
        tasks.pause(10)
        a:write("line\n")
      end)
      task:cancel()
      is_canceled(task)
    end)
    assert.same({ "slept: true", "line\n" }, log)
  end)

  it("lets other tasks go on while a closer waits", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = tasks.waiting(function()
        local _ <close> = closer(function() b:gets() end)
        sleep(60)
      end)
      local ticker <close> = tasks.ticker()
      local canceler = schedule(task.cancel, task)
      tasks.wait_until(function() return ticker.count > 5 end)
      a:write("line\n")
      canceler:join()
      is_canceled(task)
    end)
  end)

  it("tells the error of a closer", function()
    tasks.run(function()
      local value = {}
      local task = tasks.waiting(function()
        local _ <close> = closer(function() error(value) end)
        sleep(60)
      end)
      local joiner = tasks.waiting(task.join, task)
      task:cancel()
      assert.same({ false, value }, { tasks.result(joiner) })
      assert.same({ false, value }, { task:join() })
      assert.equal("failed", task:status())
    end)
  end)

  it("of itself ends the task by its next wait", function()
    local log = {}
    tasks.run(function()
      local task
      task = schedule(function()
        local _ <close> = closer(function() log[#log + 1] = "closed" end)
        task:cancel()
        sleep(0)
        log[#log + 1] = "went on"
      end)
      is_canceled(task)
    end)
    assert.same({ "closed" }, log)
  end)

  it("does nothing to a task that has ended", function()
    tasks.run(function()
      local done = schedule(function() return "value" end)
      done:join()
      local failed = schedule(error, "oh")
      failed:join()
      done:cancel()
      failed:cancel()
      assert.same({ true, "value" }, { done:join() })
      assert.same({ false, "oh" }, { failed:join() })
      assert.equal("done", done:status())
      assert.equal("failed", failed:status())
    end)
  end)

  it("does nothing more the second time", function()
    local count = 0
    tasks.run(function()
      local task = tasks.waiting(function()
        local _ <close> = closer(function() count = count + 1 end)
        sleep(60)
      end)
      task:cancel()
      task:cancel()
      is_canceled(task)
      task:cancel()
      is_canceled(task)
    end)
    assert.equal(1, count)
  end)

  it("does nothing more while a closer waits", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local got
      local task = tasks.waiting(function()
        local _ <close> = closer(function() got = b:gets() end)
        sleep(60)
      end)
      local first = schedule(task.cancel, task)
      tasks.pause(5)
      local second = schedule(task.cancel, task)
      tasks.pause(5)
      a:write("line\n")
      first:join()
      second:join()
      is_canceled(task)
      assert.equal("line\n", got)
    end)
  end)

  it("wakes those who join the task", function()
    tasks.run(function()
      local task = tasks.waiting(sleep, 60)
      local joiners = {}
      for i = 1, 3 do
        joiners[i] = tasks.waiting(task.join, task)
      end
      task:cancel()
      for i = 1, 3 do
        assert.same({ false, Socket.CANCELED }, { tasks.result(joiners[i]) })
      end
    end)
  end)

  it("ends a task that joins another, which goes on", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local other = schedule(b.gets, b)
      local task = tasks.waiting(other.join, other)
      task:cancel()
      is_canceled(task)
      assert.equal("waiting", other:status())
      a:write("line\n")
      assert.equal("line\n", tasks.result(other))
    end)
  end)

  it("ends a task that has just been woken, and loses nothing", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = tasks.waiting(b.gets, b)
      a:write("line\n")
      task:cancel()
      is_canceled(task)
      assert.equal("line\n", b:gets())
    end)
  end)

  it("ends a task in a sleep that is over", function()
    tasks.run(function()
      local task = schedule(sleep, 0)
      sleep(0)
      task:cancel()
      local ok, err = task:join()
      assert.is_true(ok or err == Socket.CANCELED)
    end)
  end)

  it("ends a task that is inside with_timeout", function()
    tasks.run(function()
      local task = tasks.waiting(Socket.with_timeout, 60, sleep, 60)
      task:cancel()
      is_canceled(task)
    end)
  end)

  it("ends a look-up", function()
    tasks.run(function()
      local task = schedule(function()
        while true do
          Socket.getaddrinfo("localhost", 80)
        end
      end)
      tasks.pause()
      task:cancel()
      is_canceled(task)
    end)
  end)

  it("ends a task in an iterator of lines", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local seen = {}
      local task = tasks.waiting(function()
        for line in b:lines() do
          seen[#seen + 1] = line
        end
      end)
      a:write("one\ntwo\nthr")
      tasks.wait_until(function() return #seen == 2 end)
      task:cancel()
      is_canceled(task)
      a:write("ee\n")
      assert.equal("three\n", b:gets())
    end)
  end)

  it("works from a generator, and on many tasks", function()
    tasks.run(function()
      local list = {}
      for i = 1, 1000 do
        list[i] = schedule(sleep, 60 + i)
      end
      tasks.pause()
      coroutine.wrap(function()
        for _, i in ipairs(tasks.shuffled(1000)) do
          list[i]:cancel()
          if i % 10 == 0 then sleep(0) end
        end
      end)()
      for i = 1, 1000 do
        is_canceled(list[i])
      end
    end)
  end)

  it("of a task by another that it joins in its closer", function()
    tasks.run(function()
      local inner
      local outer = tasks.waiting(function()
        inner = schedule(sleep, 60)
        local _ <close> = closer(function()
          inner:cancel()
          inner:join()
        end)
        sleep(60)
      end)
      outer:cancel()
      is_canceled(outer)
      is_canceled(inner)
    end)
  end)
end)

describe("the end of a run", function()
  it("cancels tasks whose closers wait", function()
    local log = {}
    local ok, err = pcall(Socket.run, function()
      for i = 1, 3 do
        schedule(function()
          local _ <close> = closer(function()
            sleep(0.001)
            log[#log + 1] = i
          end)
          sleep(60)
        end)
      end
      tasks.pause()
      error("oh", 0)
    end)
    assert.is_false(ok)
    assert.equal("oh", err)
    table.sort(log)
    assert.same({ 1, 2, 3 }, log)
  end)
end)
