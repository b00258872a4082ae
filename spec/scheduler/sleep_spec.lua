local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local schedule, sleep = Socket.schedule, Socket.sleep
local clock = require("socket.native").clock.now

describe("Socket.sleep in a task", function()
  it("gives true", function()
    tasks.run(function()
      assert.same({ n = 1, true }, table.pack(sleep(0)))
      assert.same({ n = 1, true }, table.pack(sleep(0.001)))
    end)
  end)

  it("does not end too early", function()
    tasks.run(function()
      for _, seconds in ipairs { 0.0005, 0.002, 0.01 } do
        local before = clock()
        sleep(seconds)
        assert.is_true(clock() - before >= seconds)
      end
    end)
  end)

  it("ends in the order of the times", function()
    local log = {}
    tasks.run(function()
      for _, ms in ipairs { 9, 3, 15, 6, 12 } do
        schedule(function()
          sleep(ms / 1000)
          log[#log + 1] = ms
        end)
      end
    end)
    assert.same({ 3, 6, 9, 12, 15 }, log)
  end)

  it("lets the others run before it goes on", function()
    local log = {}
    tasks.run(function()
      for i = 1, 3 do
        schedule(function()
          for round = 1, 3 do
            log[#log + 1] = round .. "." .. i
            sleep(0)
          end
        end)
      end
    end)
    assert.same({ "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2",
      "3.3" }, log)
  end)

  it("of 0 keeps neither sockets nor times waiting", function()
    local a, b, _ <close> = net.pair()
    tasks.run(function()
      local reader = tasks.waiting(b.gets, b)
      local sleeper = tasks.waiting(sleep, 0.001)
      a:write("line\n")
      local _ <close> = tasks.ticker()
      assert.equal("line\n", tasks.result(reader))
      assert.is_true(tasks.result(sleeper))
    end)
  end)

  it("refuses what is no time", function()
    tasks.run(function()
      for _, wrong in ipairs { -1, -0.001, 0 / 0, "x", {} } do
        assert.error_matches(function() sleep(wrong) end,
          "bad argument #1 to '[%w.]*sleep'")
      end
      assert.has_error(function() sleep() end)
    end)
  end)

  it("takes an infinite time, which a cancel ends", function()
    tasks.run(function()
      local task = tasks.waiting(sleep, math.huge)
      task:cancel()
      assert.same({ false, Socket.CANCELED }, { task:join() })
    end)
  end)

  -- The clock is read a moment before the sleep begins, so that neighbours may
  -- change places.
  it("ends 10,000 sleepers in the order of their times", function()
    local ends, log = {}, {}
    tasks.run(function()
      for _, i in ipairs(tasks.shuffled(10000)) do
        schedule(function()
          local seconds = i / 1e4
          ends[i] = clock() + seconds
          sleep(seconds)
          log[#log + 1] = i
        end)
      end
    end)
    assert.equal(10000, #log)
    local latest = 0
    for _, i in ipairs(log) do
      assert.is_true(ends[i] > latest - 0.25)
      latest = math.max(latest, ends[i])
    end
  end)

  it("leaves no timer behind when it is cancelled", function()
    tasks.run(function()
      local list = {}
      for i = 1, 1000 do
        list[i] = schedule(sleep, 3600)
      end
      tasks.pause()
      for i = 1, 1000 do
        list[i]:cancel()
      end
    end)
  end)
end)
