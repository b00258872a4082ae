-- Tasks that wait for nothing but each other: the run ends with an error.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local run, schedule, sleep = Socket.run, Socket.schedule, Socket.sleep

local function is_deadlock(fn)
  local ok, err = pcall(run, fn)
  assert.is_false(ok)
  assert.matches("deadlock", tostring(err))
end

describe("a deadlock", function()
  it("of two tasks that join each other is an error", function()
    is_deadlock(function()
      local first, second
      first = schedule(function() second:join() end)
      second = schedule(function() first:join() end)
      first:join()
    end)
  end)

  it("of many tasks is an error", function()
    is_deadlock(function()
      local list = {}
      for i = 1, 10 do
        list[i] = schedule(function() list[i % 10 + 1]:join() end)
      end
      list[1]:join()
    end)
  end)

  it("cancels the tasks, whose closers run", function()
    local closed = 0
    local closer = setmetatable({}, { __close = function()
      closed = closed + 1
    end })
    is_deadlock(function()
      local first, second
      first = schedule(function()
        local _ <close> = closer
        second:join()
      end)
      second = schedule(function()
        local _ <close> = closer
        first:join()
      end)
      first:join()
    end)
    assert.equal(2, closed)
  end)

  it("is none as long as a time may end it", function()
    tasks.run(function()
      local first, second
      first = schedule(function() return second:join(0.005) end)
      second = schedule(function() return first:join() end)
      assert.same({ true, nil, Socket.TIMEOUT }, { first:join() })
    end)
  end)

  it("is none as long as somebody sleeps or waits for a socket", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local sleeper = schedule(sleep, 0.005)
      assert.same({ true, true }, { sleeper:join() })
      local reader = schedule(b.gets, b)
      schedule(function()
        sleep(0.002)
        a:puts("x")
      end)
      assert.same({ true, "x\n" }, { reader:join() })
    end)
  end)

  it("is none while a look-up is under way", function()
    tasks.run(function()
      local task = schedule(Socket.getaddrinfo, "localhost", 80)
      assert.is_true((task:join()))
    end)
  end)

  it("leaves another run possible", function()
    is_deadlock(function()
      local first, second
      first = schedule(function()
        sleep(0)
        second:join()
      end)
      second = schedule(function() first:join() end)
    end)
    assert.equal(1, run(function()
      sleep(0)
      return 1
    end))
  end)
end)
