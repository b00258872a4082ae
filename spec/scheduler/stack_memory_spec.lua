-- A wait that cannot yield takes a C stack. When the process may have no more
-- memory it fails, and the others go on.

local build = require "spec.support.build"

local SCRIPT = [[
local Socket = require "socket"
local function wait()
  return pcall(coroutine.wrap(Socket.sleep), math.huge)
end
Socket.run(function()
  local list, why = {}, nil
  while not why and #list < 5000 do
    local task = Socket.schedule(wait)
    Socket.sleep(0)
    if task:status() == "done" then
      why = select(3, task:join())
    else
      list[#list + 1] = task
    end
  end
  assert(why == "no memory for a wait that cannot yield", why)
  assert(#list > 0)
  for _, task in ipairs(list) do
    task:cancel()
    assert(not task:join())
  end
  assert(coroutine.wrap(Socket.sleep)(0.001))
end)
]]

local function run(script)
  return build.run(("ulimit -v 300000 && timeout -s KILL 15 %s -e %s"):format(
    build.command(), build.quote(script)))
end

describe("a wait that cannot yield, without memory for it,", function()
  if build.is_portable then return pending("takes C stacks") end
  if not select(2, run "") then return pending("takes a bound of memory") end

  it("fails, and the others go on", function()
    local output, ok = run(SCRIPT)
    assert.equal("", output)
    assert.is_true(ok)
  end)
end)
