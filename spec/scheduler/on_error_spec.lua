-- Errors of tasks are never lost.

local Socket = require "socket"
local build = require "spec.support.build"
local tasks = require "spec.support.tasks"

local run, schedule, sleep = Socket.run, Socket.schedule, Socket.sleep

-- Runs the function with on_error set -> what on_error was called with.
local function noted(fn, on_error)
  local calls = {}
  Socket.set_on_error(function(...)
    calls[#calls + 1] = table.pack(...)
    if on_error then on_error(...) end
  end)
  local ok, err = pcall(run, fn)
  Socket.set_on_error(nil)
  if not ok then error(err, 0) end
  return calls
end

local function fail(value)
  sleep(0)
  error(value, 0)
end

-- What a script prints to its standard error, whether it ended well.
local function stderr_of(script)
  return build.run(("(%s -e %s 2>&1 >/dev/null)"):format(build.command(),
    build.quote('local Socket = require "socket"\n' .. script)))
end

describe("an error of a task", function()
  it("is told to on_error: the error, a traceback, the task", function()
    local task
    local value = {}
    local calls = noted(function()
      task = schedule(function() fail(value) end)
    end)
    assert.equal(1, #calls)
    assert.equal(value, calls[1][1])
    assert.matches("on_error_spec.lua:%d+", calls[1][2])
    assert.matches("stack traceback", calls[1][2])
    assert.equal(task, calls[1][3])
  end)

  it("is told at once", function()
    local seen = {}
    noted(function()
      schedule(fail, "oh")
      tasks.pause()
      assert.equal("oh", seen[1])
    end, function(err) seen[#seen + 1] = err end)
  end)

  it("does not disturb the other tasks, nor the run's results", function()
    local went_on = false
    local calls = noted(function()
      schedule(fail, "one")
      schedule(function()
        tasks.pause()
        went_on = true
      end)
      schedule(fail, "two")
    end)
    assert.is_true(went_on)
    assert.equal(2, #calls)
    Socket.set_on_error(function() end)
    assert.equal("result", run(function()
      schedule(fail, "three")
      return "result"
    end))
    Socket.set_on_error(nil)
  end)

  it("is told also when it is nil or false", function()
    local calls = noted(function()
      schedule(error, nil)
      schedule(error, false)
    end)
    assert.equal(2, #calls)
    assert.is_nil(calls[1][1])
    assert.is_false(calls[2][1])
  end)

  it("is not told when somebody joins", function()
    local calls = noted(function()
      local task = schedule(fail, "oh")
      assert.same({ false, "oh" }, { task:join() })
    end)
    assert.same({}, calls)
  end)

  it("is told when the one who joined has gone", function()
    local calls = noted(function()
      local task = schedule(function()
        sleep(0.005)
        error("oh", 0)
      end)
      task:join(0.001)
      local joiner = tasks.waiting(task.join, task)
      joiner:cancel()
      sleep(0.006)
      tasks.wait_until(function() return task:status() == "failed" end)
    end)
    assert.equal(1, #calls)
    assert.equal("oh", calls[1][1])
  end)

  it("is there for a later join, too", function()
    local calls = noted(function()
      local task = schedule(fail, "oh")
      tasks.pause(5)
      assert.equal("failed", task:status())
      assert.same({ false, "oh" }, { task:join() })
    end)
    assert.equal(1, #calls)
  end)

  it("in its closer is told", function()
    local calls = noted(function()
      schedule(function()
        local _ <close> = setmetatable({}, { __close = function()
          error("closer", 0)
        end })
        sleep(0)
      end)
    end)
    assert.equal(1, #calls)
    assert.equal("closer", calls[1][1])
  end)

  it("in its closer is told when the task was cancelled", function()
    local calls = noted(function()
      local task = tasks.waiting(function()
        local _ <close> = setmetatable({}, { __close = function()
          error("closer", 0)
        end })
        sleep(60)
      end)
      task:cancel()
    end)
    assert.equal(1, #calls)
    assert.equal("closer", calls[1][1])
  end)

  it("in its closer is told when a wait that cannot yield was cancelled",
    function()
      local calls = noted(function()
        local task = tasks.waiting(function()
          local _ <close> = setmetatable({}, { __close = function()
            error("closer", 0)
          end })
          coroutine.wrap(sleep)(60)
        end)
        task:cancel()
      end)
      assert.equal(1, #calls)
      assert.equal("closer", calls[1][1])
    end)

  it("is told although the run ends with an error", function()
    local calls = {}
    Socket.set_on_error(function(err) calls[#calls + 1] = err end)
    local ok, err = pcall(run, function()
      schedule(fail, "one")
      schedule(function()
        local _ <close> = setmetatable({}, { __close = function()
          error("two", 0)
        end })
        sleep(60)
      end)
      sleep(0)
      sleep(0)
      error("three", 0)
    end)
    Socket.set_on_error(nil)
    assert.is_false(ok)
    assert.equal("three", err)
    table.sort(calls)
    assert.same({ "one", "two" }, calls)
  end)

  it("that is a cancel is none", function()
    assert.same({}, noted(function()
      local first = tasks.waiting(sleep, 60)
      first:cancel()
      local second = tasks.waiting(coroutine.wrap(sleep), 60)
      second:cancel()
      schedule(sleep, 0):cancel()
    end))
  end)

  it("of a nested run's task goes the same way", function()
    local calls = noted(function()
      run(function() schedule(fail, "oh") end)
    end)
    assert.equal(1, #calls)
    assert.equal("oh", calls[1][1])
  end)

  it("has the traceback of a generator's wait", function()
    local calls = noted(function()
      schedule(coroutine.wrap(function() fail("oh") end))
    end)
    assert.equal("oh", calls[1][1])
    assert.is_string(calls[1][2])
  end)
end)

describe("on_error itself", function()
  it("may start tasks and look at the task", function()
    local started, status = false, nil
    noted(function()
      schedule(fail, "oh")
    end, function(_, _, task)
      status = task:status()
      schedule(function() started = true end)
    end)
    assert.is_true(started)
    assert.equal("failed", status)
  end)

  it("may wait", function()
    local slept
    noted(function()
      schedule(fail, "oh")
      tasks.pause(10)
    end, function() slept = sleep(0) end)
    assert.is_true(slept)
  end)

  it("may wait when the task was cancelled", function()
    local slept
    noted(function()
      local task = tasks.waiting(function()
        local _ <close> = setmetatable({}, { __close = function()
          error("closer", 0)
        end })
        sleep(60)
      end)
      task:cancel()
    end, function() slept = sleep(0) end)
    assert.is_true(slept)
  end)

  it("does not end the run by raising", function()
    local output, ok = stderr_of [[
      Socket.set_on_error(function(err) error("in on_error: " .. err, 0) end)
      Socket.run(function()
        Socket.schedule(error, "oh")
        Socket.sleep(0.001)
        io.stderr:write("went on\n")
      end)
    ]]
    assert.is_true(ok, output)
    assert.matches("went on", output)
    assert.matches("in on_error", output)
  end)

  it("has to be a function, or nil for the default", function()
    for _, wrong in ipairs { 5, "x" } do
      assert.error_matches(function() Socket.set_on_error(wrong) end,
        "bad argument #1 to '[%w.]*set_on_error'")
    end
    Socket.set_on_error(nil)
  end)
end)

describe("the default on_error", function()
  it("prints the error and its traceback, and the run goes on", function()
    local output, ok = stderr_of [[
      local function culprit()
        Socket.sleep(0)
        error("what went wrong")
      end
      Socket.run(function()
        Socket.schedule(function() culprit() end)
        Socket.sleep(0.001)
        io.stderr:write("went on\n")
      end)
    ]]
    assert.is_true(ok, output)
    assert.matches("what went wrong", output)
    assert.matches("stack traceback", output)
    assert.matches("culprit", output)
    assert.matches("went on\n", output)
  end)

  it("prints errors that are no strings", function()
    local output, ok = stderr_of [[
      Socket.run(function()
        Socket.schedule(error, setmetatable({}, {
          __tostring = function() return "an object" end }))
        Socket.schedule(error, {})
        Socket.schedule(error, nil)
        Socket.schedule(error, Socket.TIMEOUT)
      end)
    ]]
    assert.is_true(ok, output)
    assert.matches("an object", output)
    assert.matches("table", output)
    assert.matches("nil", output)
    assert.matches(tostring(Socket.TIMEOUT), output, 1, true)
  end)

  it("does not print what was joined", function()
    local output, ok = stderr_of [[
      Socket.run(function()
        Socket.schedule(error, "oh"):join()
        Socket.schedule(Socket.sleep, 60):cancel()
      end)
    ]]
    assert.is_true(ok)
    assert.equal("", output)
  end)
end)
