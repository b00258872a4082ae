-- Waits where Lua cannot yield, one at a time; and where it can although one
-- might not think so.

local Socket = require "socket"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local places = require "spec.support.no_yield"
local tasks = require "spec.support.tasks"

local is_timeout = failures.is_timeout
local schedule, sleep = Socket.schedule, Socket.sleep

-- A task that reads a line in that place, and comes to wait there.
local function reading(place, sock, ...)
  return tasks.waiting(place.enter, sock.gets, sock, ...)
end

local function describe_waits(place)
  it("ends when its socket is ready, and others go on", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local ticker <close> = tasks.ticker()
      local task = reading(place, b)
      local count = ticker.count
      tasks.pause(5)
      assert.is_true(ticker.count > count)
      assert.equal("waiting", task:status())
      a:write("line\n")
      assert.equal("line\n", tasks.result(task))
    end)
  end)

  it("may be the run's own function", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      schedule(function()
        tasks.pause()
        a:write("line\n")
      end)
      assert.equal("line\n", place.enter(b.gets, b))
    end)
  end)

  it("sleeps", function()
    tasks.run(function()
      assert.is_true(place.enter(sleep, 0))
      assert.is_true(place.enter(sleep, 0.001))
    end)
  end)

  it("waits several times", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = schedule(place.enter, function()
        local lines = {}
        for i = 1, 5 do
          lines[i] = b:gets()
        end
        return table.concat(lines)
      end)
      for i = 1, 5 do
        tasks.pause()
        a:puts(i)
      end
      assert.equal("1\n2\n3\n4\n5\n", tasks.result(task))
    end)
  end)

  it("joins a task", function()
    tasks.run(function()
      local task = schedule(function()
        tasks.pause()
        return "value"
      end)
      assert.same({ true, "value" }, { place.enter(task.join, task) })
    end)
  end)

  it("runs a scheduler of its own", function()
    tasks.run(function()
      local log = {}
      local value = place.enter(Socket.run, function()
        schedule(function()
          tasks.pause()
          log[#log + 1] = "task"
        end)
        sleep(0)
        return "value"
      end)
      assert.equal("value", value)
      assert.same({ "task" }, log)
    end)
  end)
end

local function describe_ends(place)
  it("ends at its deadline", function()
    tasks.run(function()
      local _, b, _ <close> = net.pair()
      local ticker <close> = tasks.ticker()
      is_timeout(place.enter(b.gets, b, { timeout = 0.005 }))
      assert.is_true(ticker.count > 0)
      is_timeout(Socket.with_timeout(0.005, place.enter, sleep, 60))
    end)
  end)

  it("fails when another task closes the socket", function()
    tasks.run(function()
      local _, b, _ <close> = net.pair()
      local task = reading(place, b)
      b:close()
      local value, err = tasks.result(task)
      assert.is_nil(value)
      assert.equal("closed stream", tostring(err))
    end)
  end)

  it("raises CANCELED when its task is cancelled, at each wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local caught, went_on = {}, false
      local task = tasks.waiting(function()
        place.enter(function()
          for i = 1, 3 do
            caught[i] = { pcall(b.gets, b) }
          end
        end)
        sleep(0)
        went_on = true
      end)
      task:cancel()
      assert.same({ false, Socket.CANCELED }, { task:join() })
      local canceled = { false, Socket.CANCELED }
      assert.same({ canceled, canceled, canceled }, caught)
      assert.is_false(went_on)
      a:write("line\n")
      assert.equal("line\n", b:gets())
    end)
  end)

  it("passes an error on", function()
    tasks.run(function()
      local value = {}
      local task = schedule(place.enter, function()
        sleep(0)
        error(value)
      end)
      local ok, err = task:join()
      assert.is_false(ok)
      assert.is_truthy(err)
    end)
  end)
end

for _, place in ipairs(places) do
  describe("a wait in " .. place.name, function()
    describe_waits(place)
    describe_ends(place)

    it("works outside a scheduler", function()
      local a, b, _ <close> = net.pair()
      a:write("line\n")
      assert.equal("line\n", place.enter(b.gets, b))
      is_timeout(place.enter(b.gets, b, { timeout = 0.002 }))
    end)
  end)
end

describe("an error after a wait", function()
  it("leaves a sort, and what is around it works on", function()
    tasks.run(function()
      local value = {}
      local ok, err = pcall(table.sort, { 2, 1 }, function()
        sleep(0)
        error(value)
      end)
      assert.is_false(ok)
      assert.equal(value, err)
      assert.is_true(sleep(0))
    end)
  end)

  it("leaves a generator, which is dead then", function()
    tasks.run(function()
      local co = coroutine.create(function()
        sleep(0)
        error("oh", 0)
      end)
      assert.same({ false, "oh" }, { coroutine.resume(co) })
      assert.equal("dead", coroutine.status(co))
    end)
  end)

  it("of a task is its own alone", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local good = tasks.waiting(coroutine.wrap(b.gets), b)
      local bad = schedule(coroutine.wrap(function()
        sleep(0)
        error("oh", 0)
      end))
      assert.same({ false, "oh" }, { bad:join() })
      a:write("line\n")
      assert.equal("line\n", tasks.result(good))
    end)
  end)
end)

describe("a generator inside a task", function()
  it("yields its own values to who resumes it", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local lines = coroutine.wrap(function()
        for line in b:lines() do
          coroutine.yield(line)
        end
      end)
      schedule(function()
        for i = 1, 5 do
          a:puts(i)
          tasks.pause()
        end
        a:close()
      end)
      local seen = {}
      for line in lines do
        seen[#seen + 1] = line
      end
      assert.same({ "1", "2", "3", "4", "5" }, seen)
    end)
  end)

  it("may be handed from task to task", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local lines = coroutine.wrap(function()
        while true do
          coroutine.yield((b:gets()))
        end
      end)
      for i = 1, 5 do
        local task = tasks.waiting(lines)
        a:puts(i)
        assert.equal(i .. "\n", tasks.result(task))
      end
    end)
  end)

  it("waits in its status: normal code sees it suspended or normal", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local co = coroutine.create(function() return b:gets() end)
      local task = tasks.waiting(coroutine.resume, co)
      assert.are_not.equal("dead", coroutine.status(co))
      a:write("line\n")
      assert.same({ true, "line\n" }, { tasks.result(task) })
      assert.equal("dead", coroutine.status(co))
    end)
  end)

  it("cannot be resumed by another task while it waits", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local co = coroutine.create(function() return b:gets() end)
      local task = tasks.waiting(coroutine.resume, co)
      assert.is_false((coroutine.resume(co)))
      a:write("line\n")
      assert.same({ true, "line\n" }, { tasks.result(task) })
    end)
  end)
end)

describe("a wait in a finalizer", function()
  local function finalize(fn)
    setmetatable({}, { __gc = fn })
    collectgarbage()
    collectgarbage()
  end

  it("works, and blocks the process", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      a:write("line\n")
      local line, slept, late
      finalize(function()
        line = b:gets()
        slept = sleep(0.001)
        late = { b:gets({ timeout = 0.001 }) }
      end)
      assert.equal("line\n", line)
      assert.is_true(slept)
      is_timeout(table.unpack(late, 1, 2))
    end)
  end)

  it("works outside a scheduler", function()
    local a, b, _ <close> = net.pair()
    a:write("line\n")
    local line
    finalize(function() line = b:gets() end)
    assert.equal("line\n", line)
  end)
end)

describe("what can yield", function()
  it("goes on after waits in metamethods, iterators and closers", function()
    tasks.run(function()
      local log = {}
      local function note(name)
        return function()
          sleep(0)
          log[#log + 1] = name
          return 1
        end
      end
      local object = setmetatable({}, {
        __index = note "index", __add = note "add", __concat = note "concat",
        __eq = note "eq", __lt = note "lt", __le = note "le",
        __call = note "call", __len = note "len", __close = note "close",
        __newindex = note "newindex", __unm = note "unm",
      })
      local other = setmetatable({}, getmetatable(object))
      assert.equal(1, object.x)
      assert.equal(1, #object)
      assert.same({ 1, 1 }, { object + 1, object .. "" })
      assert.is_true(object == other)
      assert.is_true(object < other)
      assert.is_true(object <= other)
      object()
      object.x = -object
      do
        local _ <close> = object
      end
      table.sort(log)
      assert.same({ "add", "call", "close", "concat", "eq", "index", "le",
        "len", "lt", "newindex", "unm" }, log)
    end)
  end)

  it("goes on after waits under pcall, xpcall and dofile", function()
    tasks.run(function()
      assert.same({ true, true }, { pcall(sleep, 0) })
      assert.same({ true, true }, { xpcall(sleep, print, 0) })
      assert.same({ false, "oh!" }, { xpcall(function()
        sleep(0)
        error("oh", 0)
      end, function(err) return err .. "!" end) })
      local seen = 0
      for _ in function() return sleep(0) and seen < 3 or nil end do
        seen = seen + 1
      end
      assert.equal(3, seen)
    end)
  end)
end)
