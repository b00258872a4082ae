-- Waits where Lua cannot yield that stand in each other's way. With a C stack
-- for each there is no such way; without, a clear error takes the place of a
-- deadlock or an overflow.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local has_stacks = not build.is_portable

-- A task that reads a line in a generator, and waits there.
local function reading(sock, fn)
  return tasks.waiting(coroutine.wrap(function()
    local line, err = sock:gets()
    if fn then fn() end
    return line, err
  end))
end

-- That the task has its line, or the error that tells why it could not wait.
local function check(task, line, complaint)
  if has_stacks then
    assert.equal(line, tasks.result(task))
  else
    local ok, err = task:join()
    assert.is_false(ok)
    assert.matches(complaint, err)
  end
end

describe("a wait in a generator", function()
  it("for what the one below it does when it goes on", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local c, d, _ <close> = net.pair()
      local below = reading(b, function() c:puts("then") end)
      local above = reading(d)
      a:puts("first")
      check(above, "then\n", "deadlock: a wait that cannot yield keeps one")
      assert.equal("first\n", tasks.result(below))
      c:puts("later")
      local _ = has_stacks or assert.equal("then\n", d:gets())
      assert.equal("later\n", d:gets())
      local again = reading(b)
      a:puts("again")
      assert.equal("again\n", tasks.result(again))
    end)
  end)

  it("that was cancelled below it", function()
    tasks.run(function()
      local _, b, _ <close> = net.pair()
      local c, d, _ <close> = net.pair()
      local below, above = reading(b), reading(d)
      below:cancel()
      assert.equal("waiting", above:status())
      c:puts("line")
      assert.equal("line\n", tasks.result(above))
      assert.same({ false, Socket.CANCELED }, { below:join() })
    end)
  end)

  it("as one of many", function()
    tasks.run(function()
      local MANY = 60 -- as many as there may be without C stacks
      local closer <close> = setmetatable({}, { __close = function(list)
        for _, sock in ipairs(list) do sock:close() end
      end })
      local list = {}
      for i = 1, MANY do
        local a, b = net.pair()
        table.move({ a, b }, 1, 2, #closer + 1, closer)
        list[i] = { sock = a, task = reading(b) }
      end
      local a, b, _ <close> = net.pair()
      local last = Socket.schedule(coroutine.wrap(b.gets), b)
      Socket.schedule(a.puts, a, "last")
      check(last, "last\n", "too many waits that cannot yield")
      for i = MANY, 1, -1 do
        list[i].sock:puts(i)
        assert.equal(i .. "\n", tasks.result(list[i].task))
      end
    end)
  end)
end)
