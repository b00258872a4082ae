-- Many waits where Lua cannot yield at once: they end in any order, and those
-- that wait for each other all go on.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local schedule, sleep = Socket.schedule, Socket.sleep

if build.is_portable then
  pending("waits that cannot yield end in any order only with C stacks")
  return
end

-- Ways to call a function from where it cannot yield.
local WAYS = {
  generator = function(fn) return coroutine.wrap(fn)() end,
  sort = function(fn)
    local result
    table.sort({ 2, 1 }, function(a, b)
      result = result or fn()
      return a < b
    end)
    return result
  end,
  gsub = function(fn) return (("x"):gsub("x", fn)) end,
  tostring = function(fn)
    return tostring(setmetatable({}, { __tostring = fn }))
  end,
  pcall = function(fn) return select(2, pcall(coroutine.wrap(fn))) end,
  plain = function(fn) return fn() end,
}

-- A pair of tasks of which each answers the other `rounds` times.
local function start_pair(first, second, rounds)
  local a, b = net.pair()
  local function answer()
    local _ <close> = b
    for i = 1, rounds do
      assert(second(function() return (b:gets()) end) == i .. "\n")
      b:puts(-i)
    end
    return "answered"
  end
  local function ask()
    local _ <close> = a
    for i = 1, rounds do
      a:puts(i)
      assert(first(function() return (a:gets()) end) == -i .. "\n")
    end
    return "asked"
  end
  return { schedule(answer), schedule(ask) }
end

local function finish(pair)
  assert.equal("answered", tasks.result(pair[1]))
  assert.equal("asked", tasks.result(pair[2]))
end

describe("two tasks that answer each other", function()
  local names = { "generator", "sort", "gsub", "tostring", "pcall", "plain" }
  for i, first in ipairs(names) do
    for j = i, #names do
      local second = names[j]
      it(("go on: %s and %s"):format(first, second), function()
        tasks.run(function()
          finish(start_pair(WAYS[first], WAYS[second], 10))
          finish(start_pair(WAYS[second], WAYS[first], 10))
        end)
      end)
    end
  end
end)

describe("tasks that wait in generators", function()
  it("end in whatever order they are answered: 500 of them", function()
    local count = 500
    tasks.run(function()
      local sender <close> = assert(Socket.new("INET", "DGRAM"))
      local order, list, addresses = {}, {}, {}
      for i = 1, count do
        local sock = assert(Socket.new("INET", "DGRAM"))
        assert(sock:bind { family = "inet", addr = "127.0.0.1", port = 0 })
        addresses[i] = assert(sock:getsockname())
        list[i] = schedule(function()
          local _ <close> = sock
          local message = coroutine.wrap(sock.recv)(sock, 10)
          order[#order + 1] = i
          return message
        end)
      end
      tasks.pause()
      local shuffled = tasks.shuffled(count)
      for place, i in ipairs(shuffled) do
        sender:send(i, 0, addresses[i])
        tasks.wait_until(function() return #order == place end)
      end
      for i = 1, count do
        assert.equal(tostring(i), tasks.result(list[i]))
      end
      assert.same(shuffled, order)
    end)
  end)

  it("end in the order of their times", function()
    tasks.run(function()
      local log = {}
      for _, ms in ipairs { 15, 5, 20, 10 } do
        schedule(function()
          coroutine.wrap(sleep)(ms / 1000)
          log[#log + 1] = ms
        end)
      end
      coroutine.wrap(sleep)(0.03)
      assert.same({ 5, 10, 15, 20 }, log)
    end)
  end)

  it("can be cancelled in any order", function()
    tasks.run(function()
      local list = {}
      for i = 1, 100 do
        list[i] = schedule(coroutine.wrap(sleep), 60)
      end
      tasks.pause()
      for _, i in ipairs(tasks.shuffled(100)) do
        list[i]:cancel()
      end
      for i = 1, 100 do
        assert.same({ false, Socket.CANCELED }, { list[i]:join() })
      end
    end)
  end)

  it("are cancelled when the run raises", function()
    local caught = 0
    local ok, err = pcall(Socket.run, function()
      for _ = 1, 20 do
        schedule(coroutine.wrap(function()
          local ok, err = pcall(sleep, 60)
          assert(not ok and err == Socket.CANCELED)
          caught = caught + 1
        end))
      end
      tasks.pause()
      error("oh", 0)
    end)
    assert.is_false(ok)
    assert.equal("oh", err)
    assert.equal(20, caught)
  end)

  it("may wait at any depth", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local function deep(n)
        if n == 0 then return b:gets() end
        return coroutine.wrap(deep)(n - 1)
      end
      local list = {}
      for i = 1, 5 do
        list[i] = tasks.waiting(deep, 20 * i)
      end
      for i = 1, 5 do
        a:puts(i)
      end
      for i = 1, 5 do
        assert.equal(i .. "\n", tasks.result(list[i]))
      end
    end)
  end)

  it("may be nested runs that wait for each other", function()
    tasks.run(function()
      local function nested(first)
        return function(fn)
          return Socket.run(function() return first(fn) end)
        end
      end
      local pair = start_pair(nested(WAYS.sort), nested(WAYS.generator), 10)
      finish(pair)
    end)
  end)
end)

describe("1,000 pairs", function()
  it("all go on with the collector stepping", function()
    local names = { "generator", "sort", "gsub", "tostring", "pcall" }
    tasks.run(function()
      local left = 1000
      -- A few hundred fds at a time.
      local function work()
        while left > 0 do
          left = left - 1
          local first = WAYS[names[left % #names + 1]]
          local second = WAYS[names[left // #names % #names + 1]]
          finish(start_pair(first, second, 3))
          collectgarbage("step")
        end
      end
      local workers = {}
      for i = 1, 100 do
        workers[i] = schedule(work)
      end
      for i = 1, 100 do
        tasks.result(workers[i])
      end
    end)
  end)
end)
