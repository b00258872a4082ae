-- Examples of what a waiting call does, wherever it is made. Each takes a row
-- of waiting_calls.lua and the place, which has
--   run(fn)            calls the function there
-- and, where others can go on meanwhile,
--   start(fn, ...)     has another call the function, up to its first wait
--   result(started)    what that has returned, once it has
--   check_wait(row, s, ...)  whether the call waits, others go on meanwhile,
--                      and it then gives what it should

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local failures = require "spec.support.failures"

local it = busted.it
local is_closed, is_timeout = failures.is_closed, failures.is_timeout

local examples = { LONG = { timeout = 15 } }

function examples.done_at_once(row, place)
  it("is done at once", function()
    place.run(function()
      local s <close> = row.open()
      local prepare = row.at_once or row.release
      prepare(s)
      row.check(s, row.call(s, examples.LONG))
    end)
  end)
end

function examples.done_later(row, place)
  it("is done after waiting", function()
    place.run(function()
      local s <close> = row.open()
      place.check_wait(row, s)
    end)
  end)

  it("is done after waiting under a deadline", function()
    place.run(function()
      local s <close> = row.open()
      place.check_wait(row, s, examples.LONG)
    end)
  end)

  it("is done after waiting under with_timeout", function()
    place.run(function()
      local s <close> = row.open()
      place.check_wait({
        call = function(...) return Socket.with_timeout(15, row.call, ...) end,
        release = row.release,
        check = row.check,
      }, s)
    end)
  end)
end

function examples.late(row, place)
  it("ends at its deadline", function()
    place.run(function()
      local s <close> = row.open()
      is_timeout(row.call(s, { timeout = 0.005 }))
    end)
  end)
end

-- What else bounds a call, and what it tells then.
function examples.bounded(row, place)
  if row.own_deadline ~= false then
    it("ends at the socket's own deadline", function()
      place.run(function()
        local s <close> = row.open()
        s.sock:set_timeout(0.005)
        is_timeout(row.call(s))
      end)
    end)
  end

  if row.would_block then
    it("does not wait when it must not", function()
      place.run(function()
        local s <close> = row.open()
        local value, err = row.call(s, { timeout = 0 })
        assert.is_nil(value)
        assert.is_true(err == row.would_block, tostring(err))
      end)
    end)
  end

  if row.partial then
    it("tells what it had moved at its deadline", function()
      place.run(function()
        local s <close> = row.open()
        local _, err = row.call(s, { timeout = 0.005 })
        assert.is_true(err.written > 0)
        assert.is_true(s.data:sub(err.written + 1) == err.rest)
        local written = s.data:sub(1, err.written)
        assert.is_true(s.peer:read(err.written) == written)
      end)
    end)
  end
end

function examples.closed(row, place)
  it("fails on a closed socket", function()
    place.run(function()
      local s <close> = row.open()
      s.sock:close()
      is_closed(row.call(s, examples.LONG))
    end)
  end)
end

-- What ends a wait from outside.
function examples.ended(row, place)
  it("fails when another closes the socket", function()
    place.run(function()
      for _, opts in ipairs { false, examples.LONG } do
        local s <close> = row.open()
        local started = place.start(row.call, s, opts or nil)
        local close = row.close or function() s.sock:close() end
        close(s)
        is_closed(place.result(started))
      end
    end)
  end)

  if row.check_left then
    it("ends when the peer goes", function()
      place.run(function()
        local s <close> = row.open()
        local started = place.start(row.call, s)
        row.leave(s)
        row.check_left(s, place.result(started))
      end)
    end)
  end
end

return examples
