-- What the specs of the scheduler do with tasks. Nothing here lets time pass:
-- `sleep(0)` lets the other tasks run.

local Socket = require "socket"

-- How often the others run before a task has to be where it is awaited.
local PATIENCE = 2000

local tasks = {}

-- Runs the function as Socket.run does, and fails with the errors of tasks that
-- nobody joined, which would otherwise only be printed.
function tasks.run(fn, ...)
  local lost = {}
  Socket.set_on_error(function(err, traceback)
    lost[#lost + 1] = tostring(err) .. "\n" .. tostring(traceback)
  end)
  local results = table.pack(pcall(Socket.run, fn, ...))
  Socket.set_on_error(nil)
  if not results[1] then error(results[2], 0) end
  if lost[1] then error("lost: " .. table.concat(lost, "\n"), 0) end
  return table.unpack(results, 2, results.n)
end

-- Lets the other tasks run a few times.
function tasks.pause(times)
  for _ = 1, times or 3 do
    Socket.sleep(0)
  end
end

-- Lets the others run until the function gives a true value.
function tasks.wait_until(fn)
  for _ = 1, PATIENCE do
    if fn() then return end
    Socket.sleep(0)
  end
  error("it does not come", 2)
end

-- Starts a task, and lets it come to its first wait.
function tasks.waiting(fn, ...)
  local task = Socket.schedule(fn, ...)
  tasks.pause()
  tasks.wait_until(function() return task:status() == "waiting" end)
  return task
end

local function values(ok, ...)
  if ok then return ... end
  error(("joined: %s, %s"):format(ok, ...), 0)
end

-- What the task returned; it has to end well.
function tasks.result(task)
  return values(task:join())
end

local Ticker = {}
Ticker.__index = Ticker

function Ticker:__close()
  self.task:cancel()
end

-- Counts how often it gets its turn: `count`.
function tasks.ticker()
  local ticker = setmetatable({ count = 0 }, Ticker)
  ticker.task = Socket.schedule(function()
    while true do
      ticker.count = ticker.count + 1
      Socket.sleep(0)
    end
  end)
  return ticker
end

-- 1 to n in an order that looks random and is the same each time.
function tasks.shuffled(n)
  local list, seed = {}, 12345
  for i = 1, n do
    list[i] = i
  end
  for i = n, 2, -1 do
    seed = (seed * 1103515245 + 12345) % (1 << 31)
    local j = seed // 65536 % i + 1
    list[i], list[j] = list[j], list[i]
  end
  return list
end

return tasks
