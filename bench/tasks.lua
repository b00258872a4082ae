-- What tasks cost, in ns: creating and joining 100,000 of them, a switch by
-- sleep(0), and a wait for another task's message, as it is and inside a
-- generator, where the wait cannot yield to the scheduler.

local Socket = require "socket"

local TASKS = 100000
local SWITCHES = 1000000
local ROUNDS = 50000

-- Processor time, since nothing here waits for anything else.
local function timed(fn, ...)
  local start = os.clock()
  fn(...)
  return (os.clock() - start) * 1e9
end

local function nothing() end

local function create()
  local tasks = {}
  for i = 1, TASKS do
    tasks[i] = Socket.schedule(nothing)
  end
  for i = 1, TASKS do
    tasks[i]:join()
  end
end

-- Two tasks that give way to each other.
local function switch()
  local function give_way()
    for _ = 1, SWITCHES // 2 do
      Socket.sleep(0)
    end
  end
  local one, other = Socket.schedule(give_way), Socket.schedule(give_way)
  one:join()
  other:join()
end

local function receive(sock)
  return sock:recv(64)
end

-- Receives for ever, in a coroutine that lives as long.
local function generator(sock)
  return coroutine.wrap(function()
    while true do
      coroutine.yield(sock:recv(64))
    end
  end)
end

-- A message goes to and fro between two tasks, each of which waits for it.
local function play(get_a, a, get_b, b)
  local answering = Socket.schedule(function()
    for _ = 1, ROUNDS do
      b:send(get_b(b))
    end
  end)
  for _ = 1, ROUNDS do
    a:send("x")
    get_a(a)
  end
  answering:join()
end

-- For one wait.
local function measure_waits(is_inside)
  local a, b = Socket.pair("UNIX", "STREAM", 0)
  local get_a = is_inside and generator(a) or receive
  local get_b = is_inside and generator(b) or receive
  return timed(play, get_a, a, get_b, b) / ROUNDS / 2
end

Socket.run(function()
  local direct, inside = measure_waits(false), measure_waits(true)
  print(("create=%.0f switch=%.1f direct=%.1f inside=%.1f times=%.2f"):format(
    timed(create), timed(switch) / SWITCHES, direct, inside, inside / direct))
end)
