-- Describes what every waiting call does under another event loop. `run(fn)`
-- calls the function as a coroutine of the loop, with the scheduler set.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local calls = require "spec.support.waiting_writes"
local failures = require "spec.support.failures"
local fibers = require "spec.support.fibers"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout
local describe, it = busted.describe, busted.it

local LONG = { timeout = 15 }

-- Whether the call waits, others go on meanwhile, and it then gives what it
-- should.
local function check_wait(row, s, ...)
  local fiber = fibers.start(row.call, s, ...)
  fibers.pause()
  assert.is_nil(fiber.results)
  row.release(s)
  row.check(s, fibers.join(fiber))
end

local function describe_success(row, run)
  it("is done at once", function()
    run(function()
      local s <close> = row.open();
      (row.at_once or row.release)(s)
      row.check(s, row.call(s, LONG))
    end)
  end)

  it("is done after waiting", function()
    run(function()
      local s <close> = row.open()
      check_wait(row, s)
    end)
  end)

  it("is done after waiting under a deadline", function()
    run(function()
      local s <close> = row.open()
      check_wait(row, s, LONG)
    end)
  end)

  it("is done after waiting under with_timeout", function()
    run(function()
      local s <close> = row.open()
      check_wait({
        call = function(...) return Socket.with_timeout(15, row.call, ...) end,
        release = row.release,
        check = row.check,
      }, s)
    end)
  end)
end

local function describe_failure(row, run)
  it("ends at its deadline", function()
    run(function()
      local s <close> = row.open()
      is_timeout(row.call(s, { timeout = 0.005 }))
    end)
  end)

  it("ends at the deadline of with_timeout", function()
    run(function()
      local s <close> = row.open()
      is_timeout(Socket.with_timeout(0.005, row.call, s))
    end)
  end)

  it("fails when another coroutine closes the socket", function()
    run(function()
      local s <close> = row.open()
      local fiber = fibers.start(row.call, s, LONG)
      local close = row.close or function() s.sock:close() end
      close(s)
      is_closed(fibers.join(fiber))
    end)
  end)

  if row.check_left then
    it("ends when the peer goes", function()
      run(function()
        local s <close> = row.open()
        local fiber = fibers.start(row.call, s)
        row.leave(s)
        row.check_left(s, fibers.join(fiber))
      end)
    end)
  end
end

return function(run)
  for _, row in ipairs(calls) do
    describe(row.name, function()
      if row.release then describe_success(row, run) end
      describe_failure(row, run)
    end)
  end
end
