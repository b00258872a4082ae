-- What the specs of other event loops do with coroutines, under a scheduler
-- that is set. Nothing here lets time pass: `sleep(0)` lets the others run.

local Socket = require "socket"

-- How often the others run before something has to have come.
local PATIENCE = 5000

local fibers = {}

-- Lets the others run a few times.
function fibers.pause(times)
  for _ = 1, times or 3 do
    Socket.sleep(0)
  end
end

-- Lets the others run until the function gives a true value.
function fibers.wait_until(fn)
  for _ = 1, PATIENCE do
    if fn() then return end
    Socket.sleep(0.001)
  end
  error("it does not come", 2)
end

-- Starts a coroutine, and lets it come to its first wait.
function fibers.start(fn, ...)
  local fiber = { results = nil } -- what it returned, or false and its error
  Socket.schedule(function(...)
    fiber.results = table.pack(pcall(fn, ...))
  end, ...)
  fibers.pause()
  return fiber
end

-- What it returned, once it has.
function fibers.join(fiber)
  for _ = 1, PATIENCE do
    if fiber.results then
      if not fiber.results[1] then error(fiber.results[2], 0) end
      return table.unpack(fiber.results, 2, fiber.results.n)
    end
    Socket.sleep(0.001)
  end
  error("it does not come", 2)
end

return fibers
