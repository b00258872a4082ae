-- What a scheduler does that is tried with failing memory: rows as those of
-- operations.lua, whose functions run as the first task of a run. What ends
-- the others' waits stands in that one, so that nobody waits for ever when it
-- fails.

local Socket = require "socket"
local names = require "spec.support.names"
local net = require "spec.support.net"
local no_yield = require "spec.support.no_yield"

local schedule, sleep = Socket.schedule, Socket.sleep
local BREAK = Socket.BREAK

-- A module's body would leave the function behind when it is not loaded.
local PLACES = {}
for _, place in ipairs(no_yield) do
  if place.name ~= "a module's body" then PLACES[#PLACES + 1] = place end
end

local function nothing() end

-- A task that reads a line, and has come to wait for it.
local function reading(sock, fn)
  local task = schedule(fn or sock.gets, sock)
  sleep(0)
  return task
end

-- A datagram's server and its client, closer.
local function udp_service()
  local list = assert(Socket.udp_server_sockets("127.0.0.1", 0))
  local client = assert(Socket.UDPSocket.new())
  assert(client:connect("127.0.0.1", list[1]:local_address():ip_port()))
  return list, client, setmetatable({}, { __close = function()
    list[1]:close()
    client:close()
  end })
end

local ROWS = {
  { "nothing", nothing, nothing },
  { "tasks", nothing, function()
    local list = {}
    for i = 1, 20 do list[i] = schedule(nothing, i) end
    for i = 1, 20 do list[i]:join() end
  end },
  { "a wait", net.pair, function(a, b)
    local task = reading(b)
    a:puts("line")
    return task:join()
  end },
  { "several waits on one socket", net.pair, function(a, b)
    local first, second = reading(b), reading(b)
    a:puts("line", "another")
    return first:join(), second:join()
  end },
  { "a wait past its deadline", net.pair, function(_, b)
    return b:gets({ timeout = 0.001 })
  end },
  { "sleep", nothing, function() return sleep(0), sleep(0.001) end },
  { "with_timeout", net.pair, function(_, b)
    return Socket.with_timeout(0.001, Socket.with_timeout, 1, b.gets, b)
  end },
  { "select", net.pair, function(a, b)
    local task = reading(b, function()
      return Socket.select({ b }, nil, { b }, 5)
    end)
    a:puts("line")
    return task:join(), Socket.select({ a }, { a }, nil, 0.001)
  end },
  { "wait", net.pair, function(a, b)
    local task = reading(b, function() return b:wait("rw") end)
    return a:puts("line"), task:join(), a:wait_readable(0.001)
  end },
  { "cancel", net.pair, function(_, b)
    local tasks = { reading(b), reading(b), schedule(nothing) }
    for _, task in ipairs(tasks) do task:cancel() end
    return tasks[1]:join()
  end },
  { "closing under a wait", net.pair, function(_, b)
    local task = reading(b)
    b:close()
    return task:join()
  end },
  { "errors of tasks", nothing, function()
    schedule(error, "error")
    return schedule(error, { "error" }):join()
  end },
  { "a deadlock", nothing, function()
    return pcall(Socket.run, function()
      local task
      task = schedule(function() return pcall(task.join, task) end)
    end)
  end },
  { "a run in a run", net.pair, function(a, b)
    return Socket.run(function()
      local task = reading(b)
      a:puts("line")
      return task:join()
    end)
  end },
  { "a wait in a generator", net.pair, function(a, b)
    local task = reading(b, coroutine.wrap(b.gets))
    a:puts("line")
    return task:join()
  end },
  { "a cancelled wait in a generator", net.pair, function(_, b)
    local task = reading(b, coroutine.wrap(b.gets))
    task:cancel()
    return task:join()
  end },
  { "a wait in each place where Lua cannot yield", net.pair, function(a, b)
    for _, place in ipairs(PLACES) do
      local task = schedule(place.enter, b.gets, b)
      sleep(0)
      a:puts("line")
      if not task:join() then return end
    end
  end },
  { "a look-up", nothing, function()
    return Socket.getaddrinfo("localhost", 80)
  end },
  { "look-ups at a time", nothing, function()
    local first = schedule(Socket.getaddrinfo, "localhost", 80)
    local second = schedule(Socket.gethostbyname, "localhost")
    local third = schedule(Socket.getnameinfo, { "INET", 80, "127.0.0.1" })
    sleep(0)
    third:cancel()
    return first:join(), second:join()
  end },
  { "a race", net.listener, function(server)
    local port = server:local_address():ip_port()
    local served <close> = names.serve {
      INET6 = { { "127.0.0.1", 1 } }, INET = { { "127.0.0.1", port } },
    }
    return Socket.tcp("name", port), served
  end },
  { "a race that is cancelled", nothing, function()
    local served <close> = names.serve {
      INET6 = names.NEVER, INET = names.NEVER,
    }
    local task = schedule(Socket.tcp, "name", 1)
    sleep(0)
    task:cancel()
    return task:join(), served
  end },
  { "connect and accept", net.listener, function(server)
    local task = schedule(server.accept, server, { timeout = 0.1 })
    local sock <close> = Socket.new("INET", "STREAM")
    return sock and sock:connect(server:local_address()), task:join()
  end },
  { "accept_loop of tasks", net.listener, function(server)
    local sock <close> = Socket.new("INET", "STREAM")
    if not sock or not sock:connect(server:local_address()) then return end
    server:set_timeout(0.02) -- for when the handler cannot be called
    return Socket.accept_loop(server, { concurrency = 2 }, function(accepted)
      accepted:close()
      return BREAK
    end)
  end },
  { "a datagrams' loop", udp_service, function(list, client)
    local task = schedule(Socket.udp_server_loop_on, list,
      function(message, source)
        source:reply(message)
        return BREAK
      end)
    client:send("message", 0)
    local answer = client:recv(100, 0, { timeout = 0.05 })
    task:cancel()
    return answer
  end },
}

-- What a scheduler is to be good for afterwards.
local function check()
  assert(not pcall(schedule, nothing), "a scheduler is left")
  local a, b, _ <close> = net.pair()
  assert(Socket.run(function()
    local task = schedule(b.gets, b)
    local other = schedule(coroutine.wrap(b.gets), b)
    sleep(0)
    a:puts("one", "two")
    local _, first = task:join()
    local _, second = other:join()
    return first == "one\n" and second == "two\n"
  end), "no scheduler works any more")
end

Socket.set_on_error(nothing)

for _, row in ipairs(ROWS) do
  local fn = row[3]
  row[1] = row[1] .. " in a task"
  row[3] = function(...) return Socket.run(fn, ...) end
  row[4] = check
end

return ROWS
