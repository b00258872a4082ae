-- A call that looks again from time to time (a unix server's queue that is full
-- tells nobody when there is room) took the end of the first pause for its own
-- deadline in a task. It keeps its own.

local Socket = require "socket"
local calls = require "spec.support.waiting_writes"
local tasks = require "spec.support.tasks"

local function row_of(name)
  for _, row in ipairs(calls) do
    if row.name == name then return row end
  end
end

describe("a connect to a full queue", function()
  it("waits for longer than one pause", function()
    local row = row_of "connect"
    tasks.run(function()
      local s <close> = row.open()
      local task = tasks.waiting(row.call, s, { timeout = 15 })
      Socket.sleep(0.02)
      assert.equal("waiting", task:status())
      row.release(s)
      row.check(s, tasks.result(task))
    end)
  end)
end)
