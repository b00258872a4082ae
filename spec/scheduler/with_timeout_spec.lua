local Socket = require "socket"
local calls = require "spec.support.waiting_writes"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local is_timeout = failures.is_timeout

local TIMEOUT = Socket.TIMEOUT
local schedule, sleep, with_timeout =
  Socket.schedule, Socket.sleep, Socket.with_timeout

-- What holds in a task and where no scheduler runs.
local function examples(run)
  it("returns what the function returns", function()
    run(function()
      local results = table.pack(with_timeout(15, function(...)
        return select("#", ...), ...
      end, nil, "x", nil))
      assert.same({ n = 4, 3, nil, "x", nil }, results)
      assert.equal(0, select("#", with_timeout(15, function() end)))
    end)
  end)

  it("raises what the function raises", function()
    run(function()
      for _, value in ipairs { "text", {}, TIMEOUT } do
        local ok, err = pcall(with_timeout, 15, error, value, 0)
        assert.is_false(ok)
        assert.is_true(rawequal(value, err))
      end
      assert.same({ n = 2, false, nil },
        table.pack(pcall(with_timeout, 15, error)))
    end)
  end)

  it("gives TIMEOUT in the wait in progress and in each later one", function()
    run(function()
      local _, b, _ <close> = net.pair()
      local result = with_timeout(0.01, function()
        is_timeout(b:gets())
        is_timeout(b:recv(1))
        is_timeout(sleep(60))
        is_timeout(Socket.select({ b }))
        is_timeout(b:wait_readable(60))
        return "result"
      end)
      assert.equal("result", result)
    end)
  end)

  it("does not fail what need not wait", function()
    run(function()
      local a, b, _ <close> = net.pair()
      with_timeout(0.01, function()
        is_timeout(b:gets())
        assert.equal(5, a:write("line\n"))
        assert.equal("line\n", b:gets())
      end)
    end)
  end)

  it("ends with its function", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(0.005, function() is_timeout(b:gets()) end)
      assert.is_true(sleep(0.01))
      pcall(with_timeout, 0.005, error)
      assert.is_true(sleep(0.01))
      is_timeout(b:recv(1, { timeout = 0.001 }))
    end)
  end)

  it("holds the shorter time: the inner one's", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(60, function()
        with_timeout(0.005, function() is_timeout(b:gets()) end)
        assert.is_true(sleep(0.001))
      end)
    end)
  end)

  it("holds the shorter time: the outer one's", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(0.005, function()
        with_timeout(60, function() is_timeout(b:gets()) end)
        is_timeout(sleep(60))
        with_timeout(60, function() is_timeout(sleep(60)) end)
      end)
      assert.is_true(sleep(0.001))
    end)
  end)

  it("holds the shorter time: the call's, the socket's", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(60, function()
        is_timeout(b:gets({ timeout = 0.001 }))
        b:set_timeout(0.001)
        is_timeout(b:gets())
        assert.is_true(sleep(0.001))
      end)
      with_timeout(0.001, function()
        is_timeout(b:gets({ timeout = 60 }))
        b:set_timeout(60)
        is_timeout(b:gets())
      end)
    end)
  end)

  it("is over after an error in the inner one", function()
    run(function()
      with_timeout(60, function()
        pcall(with_timeout, 0.001, function()
          is_timeout(sleep(60))
          error("oh")
        end)
        assert.is_true(sleep(0.002))
      end)
    end)
  end)

  it("does not wait at all with 0", function()
    run(function()
      local a, b, _ <close> = net.pair()
      with_timeout(0, function()
        local value, err = b:gets()
        assert.is_nil(value)
        assert.is_true(err == TIMEOUT or err == Socket.WAIT_READABLE)
        a:write("line\n")
        assert.equal("line\n", b:gets())
      end)
    end)
  end)

  it("waits for ever with an infinite time", function()
    run(function()
      with_timeout(math.huge, function()
        assert.is_true(sleep(0.001))
      end)
    end)
  end)

  it("refuses what is no time, or no function", function()
    run(function()
      for _, wrong in ipairs { -1, 0 / 0, "soon", {} } do
        assert.error_matches(function() with_timeout(wrong, print) end,
          "bad argument #1 to '[%w.]*with_timeout'")
      end
      for _, wrong in ipairs { 5, "x", {} } do
        assert.error_matches(function() with_timeout(1, wrong) end,
          "bad argument #2 to '[%w.]*with_timeout'")
      end
      assert.has_error(function() with_timeout(1) end)
      assert.has_error(function() with_timeout() end)
    end)
  end)

  it("keeps what had been read", function()
    run(function()
      local a, b, _ <close> = net.pair()
      a:write("half")
      with_timeout(0.005, function()
        is_timeout(b:gets())
        is_timeout(b:read(10))
      end)
      assert.equal("half", b:readpartial(10))
    end)
  end)

  it("bounds waits in a generator", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(0.005, function()
        coroutine.wrap(function()
          is_timeout(b:gets())
          is_timeout(sleep(60))
        end)()
      end)
    end)
  end)

  it("bounds waits where Lua cannot yield", function()
    run(function()
      local _, b, _ <close> = net.pair()
      with_timeout(0.005, function()
        table.sort({ 2, 1 }, function(x, y)
          is_timeout(b:gets())
          return x < y
        end)
        local text = ("x"):gsub("x", function()
          is_timeout(sleep(60))
          return "y"
        end)
        assert.equal("y", text)
      end)
    end)
  end)

  it("does not bound those who resume a generator that yields out", function()
    run(function()
      local generator = coroutine.wrap(function()
        with_timeout(0.005, function()
          is_timeout(sleep(60))
          coroutine.yield("out")
          is_timeout(sleep(60))
        end)
        assert.is_true(sleep(0.001))
        return "end"
      end)
      assert.equal("out", generator())
      assert.is_true(sleep(0.001))
      assert.equal("end", generator())
      assert.is_true(sleep(0.001))
    end)
  end)

  it("may be left by the closing of its generator", function()
    run(function()
      local co = coroutine.create(function()
        with_timeout(0.001, coroutine.yield)
      end)
      coroutine.resume(co)
      assert.is_true(sleep(0.005))
      assert.is_true(coroutine.close(co))
      assert.is_true(sleep(0.005))
    end)
  end)

  it("bounds a loop of calls as a whole", function()
    run(function()
      local count = with_timeout(0.02, function()
        local rounds = 0
        while sleep(0.001) do rounds = rounds + 1 end
        return rounds
      end)
      assert.is_true(count <= 20)
    end)
  end)

  for _, row in ipairs(calls) do
    it("bounds " .. row.name, function()
      run(function()
        local s <close> = row.open()
        is_timeout(with_timeout(0.005, row.call, s))
      end)
    end)
  end
end

describe("Socket.with_timeout in a task", function()
  examples(tasks.run)

  it("bounds its own task alone", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local other
      with_timeout(0.005, function()
        other = schedule(function() return b:gets() end)
        is_timeout(sleep(60))
      end)
      sleep(0.001)
      assert.equal("waiting", other:status())
      a:write("line\n")
      assert.equal("line\n", tasks.result(other))
    end)
  end)

  it("bounds a join", function()
    tasks.run(function()
      local task = schedule(sleep, 60)
      is_timeout(with_timeout(0.005, task.join, task))
      task:cancel()
    end)
  end)

  it("bounds a nested run's function", function()
    tasks.run(function()
      with_timeout(0.005, function()
        Socket.run(function() is_timeout(sleep(60)) end)
      end)
    end)
  end)

  it("bounds a nested run's other tasks, and ends them", function()
    tasks.run(function()
      local is_ended, other = false, nil
      is_timeout(with_timeout(0.005, Socket.run, function()
        other = schedule(function()
          local _ <close> = setmetatable({}, {
            __close = function() is_ended = true end,
          })
          sleep(60)
        end)
      end))
      assert.is_true(is_ended)
      assert.equal("canceled", other:status())
    end)
  end)

  it("does not hide a nested run's error", function()
    tasks.run(function()
      local ok, err = pcall(with_timeout, 0.005, Socket.run, function()
        schedule(pcall, function()
          table.sort({ 1, 2 }, function() sleep(60) end)
        end)
        sleep(0)
        error("why", 0)
      end)
      assert.is_false(ok)
      assert.equal("why", err)
    end)
  end)

  it("bounds a server loop of many tasks, and ends its handlers", function()
    tasks.run(function()
      local server <close>, _, port = net.listener()
      local client <close> = assert(Socket.tcp("127.0.0.1", port))
      is_timeout(with_timeout(0.02, Socket.accept_loop, server,
        { concurrency = 2 }, function(sock) sock:gets() end))
      assert.is_nil((client:gets { timeout = 10 }))
    end)
  end)

  it("bounds many at once", function()
    tasks.run(function()
      local list = {}
      for i = 1, 1000 do
        list[i] = schedule(with_timeout, 0.001 + i / 1e5, sleep, 60)
      end
      for i = 1, 1000 do
        is_timeout(tasks.result(list[i]))
      end
    end)
  end)
end)

describe("Socket.with_timeout outside a scheduler", function()
  examples(function(fn) fn() end)
end)
