-- A child process leaves its parent's scheduler alone, and can have its own.

local forks = require "spec.support.forks"

local run = forks.runner [[
-- Runs the function in a child process, and waits for its end.
local function in_child(fn)
  local id = fork.fork()
  if id == 0 then
    local ok, err = xpcall(fn, debug.traceback)
    if not ok then io.stdout:write("child: ", tostring(err), "\n") end
    io.stdout:flush()
    fork.exit(ok and 0 or 1)
  end
  local status = fork.wait(id)
  assert(status == 0, "the child ended with " .. tostring(status))
end

-- A task that waits for a line, and what has to be true of it later on.
local function waiting_pair()
  local a, b = net.pair()
  local task = tasks.waiting(b.gets, b)
  return a, b, task
end

local function answer(a, task, text)
  a:puts(text)
  local line = tasks.result(task)
  assert(line == text .. "\n", line)
end
]]

if not forks.are_there then
  pending("a module that forks is built by `make specs`")
  return
end

describe("a child process", function()
  it("may close the parent's sockets", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        in_child(function()
          a:close()
          b:close()
        end)
        answer(a, task, "still there")
      end)
    ]]
  end)

  it("may go on with the tasks it has copies of", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        local other = tasks.waiting(Socket.sleep, 0.001)
        in_child(function()
          assert(tasks.result(other) == true)
          answer(a, task, "in the child")
        end)
        answer(a, task, "in the parent")
      end)
    ]]
  end)

  it("may wait on sockets of its own with the same numbers", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        in_child(function()
          task:cancel()
          a:close()
          b:close()
          for _ = 1, 5 do
            local c, d, own = waiting_pair()
            answer(c, own, "the child's own")
            c:close()
            d:close()
          end
        end)
        answer(a, task, "line")
        local c, d, own = waiting_pair()
        answer(c, own, "another")
      end)
    ]]
  end)

  it("may run a scheduler when the parent ran one before", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        answer(a, task, "before")
      end)
      in_child(function()
        tasks.run(function()
          local a, b, task = waiting_pair()
          answer(a, task, "in the child")
        end)
      end)
      tasks.run(function()
        local a, b, task = waiting_pair()
        answer(a, task, "after")
      end)
    ]]
  end)

  it("may go on in a wait that cannot yield", function()
    run [[
      tasks.run(function()
        local a, b = net.pair()
        local task = tasks.waiting(coroutine.wrap(b.gets), b)
        in_child(function() answer(a, task, "in the child") end)
        answer(a, task, "in the parent")
      end)
    ]]
  end)

  it("may look up names when the parent did before", function()
    run [[
      tasks.run(function()
        assert(Socket.getaddrinfo("localhost", 80))
        in_child(function()
          assert(Socket.getaddrinfo("localhost", 80))
        end)
        assert(Socket.getaddrinfo("localhost", 80))
      end)
    ]]
  end)

  it("may wait before its copies of the tasks go on", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        in_child(function()
          local c, d = net.pair()
          Socket.schedule(function() c:puts("own") end)
          assert(d:gets() == "own\n")
          answer(a, task, "in the child")
        end)
        answer(a, task, "in the parent")
      end)
    ]]
  end)

  it("is told that its parent's look-ups are not its own", function()
    run [[
      local function look_up()
        local list = {}
        for i = 1, 40 do
          list[i] = Socket.schedule(Socket.getaddrinfo, "localhost", 80)
        end
        Socket.sleep(0)
        return list
      end
      tasks.run(function()
        local list = look_up()
        in_child(function()
          for _, task in ipairs(list) do
            local ok, found, err = task:join(10)
            assert(ok and (found or err.code == "EAI_AGAIN"), err)
          end
          for _, task in ipairs(look_up()) do assert(tasks.result(task)) end
        end)
        for _, task in ipairs(list) do assert(tasks.result(task)) end
      end)
    ]]
  end)

  it("may live on while the parent waits", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        local id = fork.fork()
        if id == 0 then
          Socket.sleep(0.02)
          a:puts("from the child")
          fork.exit(0)
        end
        assert(tasks.result(task) == "from the child\n")
        assert(fork.wait(id) == 0)
      end)
    ]]
  end)

  it("that runs another program has none of the fds", function()
    run [[
      tasks.run(function()
        local a, b, task = waiting_pair()
        local pipe = io.popen("ls -l /proc/self/fd </dev/null 2>/dev/null")
        local list = pipe:read("a")
        pipe:close()
        assert(not list:find("socket:", 1, true), list)
        assert(not list:find("eventpoll", 1, true), list)
        assert(not list:find("eventfd", 1, true), list)
        assert(os.execute("true"))
        answer(a, task, "line")
      end)
    ]]
  end)
end)
