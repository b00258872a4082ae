-- What every waiting call does where no scheduler runs.

local calls = require "spec.support.waiting_writes"
local examples = require "spec.support.call_examples"
local failures = require "spec.support.failures"

local SHORT = { timeout = 0.01 }
local LONG = examples.LONG
local HERE = { run = function(fn) fn() end }

for _, row in ipairs(calls) do
  describe(row.name, function()
    if row.at_once or row.release then examples.done_at_once(row, HERE) end
    examples.late(row, HERE)
    examples.bounded(row, HERE)
    examples.closed(row, HERE)

    if row.again ~= false and row.release then
      it("works again after its deadline", function()
        local s <close> = row.open()
        failures.is_timeout(row.call(s, SHORT))
        row.release(s)
        row.check(s, row.call(s, LONG))
      end)
    end

    if row.check_left then
      it("ends when the peer has gone", function()
        local s <close> = row.open()
        row.leave(s)
        row.check_left(s, row.call(s, LONG))
      end)
    end
  end)
end
