-- Calls that were started before a fork: the child process is told of them, and
-- so is its parent.

local forks = require "spec.support.forks"

local runs = forks.runner [[
local NOWAIT = { timeout = "nowait" }

-- Both processes are told of the same call; each gets one of two datagrams.
local function share(run)
  run(function()
    local a, b = net.pair("DGRAM")
    local _, select = b:recv(NOWAIT)
    local id = fork.fork()
    if id > 0 then
      assert(fork.wait(id) == 0)
      assert(Socket.receive(0) == nil)
    end
    a:send("datagram")
    local message = assert(Socket.receive(5))
    assert(message.ref == select.ref)
    assert(b:recv(NOWAIT) == "datagram")
    if id == 0 then
      local inner = Socket.SelectInfo.is(select)
      fork.exit(inner and 0 or 1)
    end
  end)
end
]]

if not forks.are_there then
  pending("a module that forks is built by `make specs`")
  return
end

describe("nowait and fork", function()
  it("work together outside tasks", function()
    runs "share(function(fn) fn() end)"
  end)

  it("work together in a task", function()
    runs "share(tasks.run)"
  end)
end)
