-- How calls fail in the usual ways: each function takes a call's results, which
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

return failures
