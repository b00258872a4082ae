-- Describes what every waiting call does under another event loop. `run(fn)`
-- calls the function as a coroutine of the loop, with the scheduler set.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local calls = require "spec.support.waiting_writes"
local examples = require "spec.support.call_examples"
local failures = require "spec.support.failures"
local fibers = require "spec.support.fibers"

local describe, it = busted.describe, busted.it

local function check_wait(row, s, ...)
  local fiber = fibers.start(row.call, s, ...)
  fibers.pause()
  assert.is_nil(fiber.results)
  row.release(s)
  row.check(s, fibers.join(fiber))
end

local function describe_call(row, place)
  if row.release then
    examples.done_at_once(row, place)
    examples.done_later(row, place)
  end
  examples.late(row, place)
  examples.ended(row, place)

  it("ends at the deadline of with_timeout", function()
    place.run(function()
      local s <close> = row.open()
      failures.is_timeout(Socket.with_timeout(0.005, row.call, s))
    end)
  end)
end

return function(run)
  local place = {
    run = run,
    start = fibers.start,
    result = fibers.join,
    check_wait = check_wait,
  }
  for _, row in ipairs(calls) do
    describe(row.name, function() describe_call(row, place) end)
  end
end
