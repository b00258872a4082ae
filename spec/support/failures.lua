-- How calls fail in the usual ways: most functions take a call's results, which
-- have to be those.

local Socket = require "socket"
local assert = require "luassert"

local failures = {}

-- Its time was up.
function failures.is_timeout(value, err)
  assert.is_nil(value)
  assert.is_true(err == Socket.TIMEOUT, tostring(err))
end

-- Its socket was closed, before or meanwhile.
function failures.is_closed(value, err)
  assert.is_nil(value)
  assert.equal("IOError", err.name)
  assert.equal("closed stream", err.message)
end

-- What a call that has to raise raises.
function failures.message_of(fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok)
  return message
end

return failures
