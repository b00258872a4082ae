-- An event loop in pure Lua with the methods of a scheduler, and a list of what
-- it was asked for: `loop.asked` has the names in their order, `loop.last` the
-- arguments of the last call of each.

local Socket = require "socket"
local native = require "socket.native"

local now = native.clock.now

-- A loop that does not come to its end fails.
local MOST_ROUNDS = 100000

local Loop = {}
Loop.__index = Loop

local fake_loop = {}

function fake_loop.new()
  return setmetatable({
    asked = {},
    last = {},
    ready = {}, -- { coroutine, values... }
    waiting = {}, -- coroutine -> what for: sock, events, lists, until
    errors = {}, -- those that ended a coroutine
    count = 0, -- how many coroutines have not ended
    rounds = 0,
  }, Loop)
end

local function note(loop, name, ...)
  assert(coroutine.isyieldable(), name .. " where Lua cannot yield")
  table.insert(loop.asked, name)
  loop.last[name] = table.pack(...)
end

-- Waits until the loop finds that what is waited for has come, or somebody
-- unblocks the coroutine.
local function wait(loop, what, timeout)
  local co = coroutine.running()
  what.till = timeout and now() + timeout or math.huge
  loop.waiting[co] = what
  return coroutine.yield()
end

function Loop:io_wait(sock, events, timeout)
  note(self, "io_wait", sock, events, timeout)
  return wait(self, { sock = sock, events = events }, timeout)
end

function Loop:io_select(read, write, except, timeout)
  note(self, "io_select", read, write, except, timeout)
  return wait(self, { lists = { read, write, except } }, timeout)
end

function Loop:kernel_sleep(seconds)
  note(self, "kernel_sleep", seconds)
  return wait(self, {}, seconds)
end

function Loop:block(blocker, timeout)
  note(self, "block", blocker, timeout)
  return wait(self, { blocker = blocker }, timeout)
end

-- Lets a coroutine go on later.
local function wake(loop, co, ...)
  if not loop.waiting[co] then return end
  loop.waiting[co] = nil
  table.insert(loop.ready, table.pack(co, ...))
end

function Loop:unblock(blocker, co)
  table.insert(self.asked, "unblock")
  self.last.unblock = table.pack(blocker, co)
  wake(self, co, true)
end

local function resume(loop, co, ...)
  local ok, err = coroutine.resume(co, ...)
  if coroutine.status(co) == "dead" then loop.count = loop.count - 1 end
  if not ok then table.insert(loop.errors, err) end
end

function Loop:fiber(fn, ...)
  local co = coroutine.create(fn)
  self.count = self.count + 1
  resume(self, co, ...)
  return co
end

-- The coroutine will not go on any more.
function Loop:forget(co)
  self.waiting[co] = nil
  self.count = self.count - 1
end

-- Which of the events are there; nil for none.
local function look_for(sock, events)
  local lists = {}
  for i, event in ipairs { Socket.READABLE, Socket.WRITABLE, Socket.PRIORITY }
  do
    lists[i] = events & event ~= 0 and { sock } or {}
  end
  local r, w, e = Socket.select(lists[1], lists[2], lists[3], 0)
  return r and (#r * Socket.READABLE | #w * Socket.WRITABLE
    | #e * Socket.PRIORITY)
end

-- Lets a coroutine go on if what it waits for is there, or its time is up.
local function look(loop, co, what)
  if what.sock then
    local events = look_for(what.sock, what.events)
    if events then wake(loop, co, events) end
  elseif what.lists then
    local lists = what.lists
    local r, w, e = Socket.select(lists[1], lists[2], lists[3], 0)
    if r then wake(loop, co, r, w, e) end
  end
  if now() >= what.till then wake(loop, co, nil) end
end

-- One round: everybody goes on who can.
function Loop:step()
  self.rounds = self.rounds + 1
  assert(self.rounds < MOST_ROUNDS, "the loop does not come to its end")
  local ready = self.ready
  self.ready = {}
  for _, one in ipairs(ready) do
    resume(self, table.unpack(one, 1, one.n))
  end
  local list = {}
  for co, what in pairs(self.waiting) do
    list[#list + 1] = { co, what }
  end
  for _, one in ipairs(list) do
    look(self, one[1], one[2])
  end
end

-- Calls the function as a coroutine of the loop, as the scheduler that is set,
-- until all coroutines have ended: what it returned.
function Loop:run(fn, ...)
  local results = { n = 0 }
  Socket.set_scheduler(self)
  local ended = table.pack(pcall(function(...)
    self:fiber(function(...) results = table.pack(fn(...)) end, ...)
    while self.count > 0 do
      self:step()
    end
  end, ...))
  Socket.set_scheduler(nil)
  if not ended[1] then error(ended[2], 0) end
  if self.errors[1] then error(self.errors[1], 0) end
  return table.unpack(results, 1, results.n)
end

return fake_loop
