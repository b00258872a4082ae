-- What the specs of calls that are started with timeout = "nowait" share.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local failures = require "spec.support.failures"
local tasks = require "spec.support.tasks"

local SelectInfo = Socket.SelectInfo
local receive = Socket.receive

local nowait = {
  NOWAIT = { timeout = "nowait" },
  is_nothing = failures.is_timeout,
  is_closed = failures.is_closed,
}

-- Makes the call, which has to be started only -> its SelectInfo.
function nowait.start(sock, method, ...)
  local results = table.pack(sock[method](sock, ...))
  assert.is_nil(results[1])
  assert.equal(3, results.n)
  assert.is_nil(results[3])
  local select = results[2]
  assert.is_true(SelectInfo.is(select), tostring(select))
  assert.equal(sock, select.socket)
  return select
end

-- The next message has to be this one.
function nowait.is_told(select, kind)
  local message = assert(receive(5))
  assert.equal(kind or "select", message.type)
  assert.equal(select.socket, message.socket)
  assert.equal(select.ref, message.ref)
  assert.equal(kind == "abort" and "closed" or nil, message.reason)
end

-- The results have to be those of a cancel that came too late.
function nowait.is_gone(ok, err, errno)
  assert.is_nil(ok)
  assert.equal("EINVAL", err.name)
  assert.equal(Socket.Errno.EINVAL, errno)
end

-- Fills what the socket sends to its peer.
function nowait.fill(sock)
  local total = 0
  while true do
    local count, err = sock:write_nonblock(("x"):rep(1 << 16))
    if not count then
      assert.equal(Socket.WAIT_WRITABLE, err)
      return total
    end
    total = total + count
  end
end

-- Describes what holds in a task and where no scheduler runs.
function nowait.describe(name, examples)
  busted.describe(name .. " outside tasks", function()
    -- Code outside tasks has one mailbox for all examples.
    busted.after_each(function()
      while receive(0) do end
    end)

    examples(function(fn) fn() end)
  end)

  busted.describe(name .. " in a task", function()
    examples(tasks.run)
  end)
end

return nowait
