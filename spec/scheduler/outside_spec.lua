-- What every waiting call does where no scheduler runs.

local calls = require "spec.support.waiting_writes"
local failures = require "spec.support.failures"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout

local SHORT = { timeout = 0.01 }
local LONG = { timeout = 15 }

for _, row in ipairs(calls) do
  describe(row.name, function()
    local prepare = row.at_once or row.release

    if prepare then
      it("is done at once", function()
        local s <close> = row.open()
        prepare(s)
        row.check(s, row.call(s, LONG))
      end)
    end

    it("ends at its deadline", function()
      local s <close> = row.open()
      is_timeout(row.call(s, SHORT))
    end)

    if row.own_deadline ~= false then
      it("ends at the socket's own deadline", function()
        local s <close> = row.open()
        s.sock:set_timeout(0.01)
        is_timeout(row.call(s))
      end)
    end

    if row.would_block then
      it("does not wait when it must not", function()
        local s <close> = row.open()
        local value, err = row.call(s, { timeout = 0 })
        assert.is_nil(value)
        assert.is_true(err == row.would_block, tostring(err))
      end)
    end

    if row.again ~= false and row.release then
      it("works again after its deadline", function()
        local s <close> = row.open()
        is_timeout(row.call(s, SHORT))
        row.release(s)
        row.check(s, row.call(s, LONG))
      end)
    end

    it("fails on a closed socket", function()
      local s <close> = row.open()
      s.sock:close()
      is_closed(row.call(s, LONG))
    end)

    if row.check_left then
      it("ends when the peer has gone", function()
        local s <close> = row.open()
        row.leave(s)
        row.check_left(s, row.call(s, LONG))
      end)
    end

    if row.partial then
      it("tells what it had moved at its deadline", function()
        local s <close> = row.open()
        local _, err = row.call(s, SHORT)
        assert.is_true(err.written > 0)
        assert.is_true(s.data:sub(err.written + 1) == err.rest)
        assert.is_true(s.peer:read(err.written) == s.data:sub(1, err.written))
      end)
    end
  end)
end
