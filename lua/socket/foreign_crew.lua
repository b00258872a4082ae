-- The coroutines of a server loop with `concurrency` under another event loop:
-- what crew.lua describes. That loop starts them, and none can be cancelled
-- from outside; one that accepts is woken instead, and told to end by an error.

local classes = require "socket.class"
local guard = require "socket.guard"
local native = require "socket.native"

local Socket = classes.Socket
local accept_nonblock, schedule = Socket.accept_nonblock, Socket.schedule
local wait_readable = classes.BasicSocket.wait_readable
local asks, block = native.scheduler.asks, native.scheduler.block
local get, wake = native.scheduler.get, native.scheduler.wake

-- The error that ends a coroutine which accepts.
local STOPPED = setmetatable({}, {
  __name = "socket.STOPPED",
  __tostring = function()
    return "stopped"
  end,
})

-- One who waits for a signal.
local Waiter = {}

-- Its coroutine may be closed in its wait, or be late.
function Waiter:__close()
  for i, other in ipairs(self.signal) do
    if other == self then return table.remove(self.signal, i) end
  end
end

-- Lets coroutines wait until they are called: a list of them.
local Signal = {}
Signal.__index = Signal

local function new_signal(scheduler)
  return setmetatable({
    scheduler = scheduler, -- it lets them wait and go on
  }, Signal)
end

-- true; false, to wait again; or nil, err: a with_timeout is late
function Signal:wait()
  local waiter <close> = setmetatable({
    signal = self,
    coroutine = coroutine.running(),
    is_called = false,
  }, Waiter)
  self[#self + 1] = waiter
  local ok, err, errno = block(waiter)
  if waiter.is_called then return true end
  if ok then error("the scheduler cannot wait here", 0) end
  return ok, err, errno
end

-- Lets all of them go on, later.
function Signal:call()
  while self[1] do
    local waiter = table.remove(self, 1)
    waiter.is_called = true
    self.scheduler:unblock(waiter, waiter.coroutine)
  end
end

local Gate = {}
Gate.__index = Gate

local function new_gate(most, scheduler)
  return setmetatable({
    room = most,
    is_shut = false, -- those who come are to end
    changed = new_signal(scheduler), -- there is room, or it was shut
  }, Gate)
end

-- Raises when the gate is shut.
function Gate:check()
  if self.is_shut then error(STOPPED, 0) end
end

-- Waits until there is room.
function Gate:pass()
  self:check()
  while self.room == 0 do
    if self.changed:wait() == nil then error(STOPPED, 0) end
    self:check()
  end
end

-- Takes room if there is some: whether it did.
function Gate:try_enter()
  local has_room = self.room > 0
  if has_room then self.room = self.room - 1 end
  return has_room
end

-- Waits until there is room, and takes it.
function Gate:enter()
  self:pass()
  self.room = self.room - 1
end

-- Makes room.
function Gate:__close()
  self.room = self.room + 1
  self.changed:call()
end

function Gate:shut()
  self.is_shut = true
  self.changed:call()
end

-- Waits for a connection, and then takes it without waiting: who is woken can
-- be told to end.
local function accept_within(gate, server)
  while true do
    local sock, peer, errno = accept_nonblock(server)
    if sock or not peer.wait then return sock, peer, errno end
    local ready, err
    ready, err, errno = wait_readable(server)
    gate:check()
    if not ready then return nil, err, errno end
  end
end

-- What a coroutine does for its crew, which is told once when it has ended.
local Work = {}
Work.__index = Work

function Work:close()
  local crew = self.crew
  if not crew then return end
  self.crew = nil
  crew.running = crew.running - 1
  if crew.running == 0 then crew.ended:call() end
end

Work.__close = Work.close

-- A coroutine that an error ends need not be closed by its loop: what the
-- function holds is closed before that gets the error.
local function do_work(work, fn, ...)
  local _ <close> = work
  local ok, err = pcall(fn, ...)
  work:close()
  if not ok and not rawequal(err, STOPPED) then error(err, 0) end
end

local Crew = {}
Crew.__index = Crew

local function start(crew, fn, ...)
  local work = setmetatable({ crew = crew }, Work)
  crew.running = crew.running + 1
  local starting <close> = guard.owned(work)
  schedule(do_work, work, fn, ...)
  starting:release()
end

-- Those started before may have stopped the crew.
function Crew:start(fn, loop, server)
  if self.gate.is_shut then return end
  self.servers[#self.servers + 1] = server
  start(self, fn, loop, server)
end

function Crew:stop()
  if self.gate.is_shut then return end
  self.gate:shut()
  for _, server in ipairs(self.servers) do
    wake(server)
  end
end

-- The coroutine that waits for the others may be closed, or be late.
Crew.__close = Crew.stop

function Crew:run(fn)
  local _ <close> = self
  fn()
  while self.running > 0 do
    local ok, err, errno = self.ended:wait()
    if ok == nil then return nil, err, errno end
  end
  return true
end

local foreign_crew = {}

--- Whether waits are another event loop's here.
function foreign_crew.is_due()
  if not asks() then return false end
  local scheduler = get()
  return not scheduler.can_wait or scheduler:can_wait()
end

--- As crew.new.
function foreign_crew.new(most)
  local scheduler = get()
  local gate = new_gate(most, scheduler)
  local crew = setmetatable({
    gate = gate,
    accept = nil, -- with the next one set below
    schedule = nil,
    servers = {}, -- those that are accepted from
    running = 0, -- how many coroutines have not ended
    ended = new_signal(scheduler), -- all have
  }, Crew)
  function crew.accept(server) return accept_within(gate, server) end
  function crew.schedule(...) return start(crew, ...) end
  return crew
end

return foreign_crew
