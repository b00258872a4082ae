--- A scheduler for `Socket.set_scheduler` whose waits cqueues carries out:
-- those of coroutines that a controller runs. Elsewhere a call blocks the
-- process: outside a controller, and in a coroutine (a generator, say) that the
-- program itself resumes inside one.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local fd_of = require "socket.member"
local native = require "socket.native"
local selection = require "socket.adapters.selection"

local cancel, monotime = cqueues.cancel, cqueues.monotime
local poll, running = cqueues.poll, cqueues.running
local native_poll, native_sleep = native.wait.poll, native.wait.sleep
local flatten, look, sort = selection.flatten, selection.look, selection.sort

-- A controller would take a wait without an end for none.
local LONG = 1e9

local adapter = {}

-- The controller whose coroutine runs; nil in others.
local function own_controller()
  local controller, is_ours = running()
  return is_ours and controller or nil
end

-- Seconds until then; nil is for ever.
local function left(deadline)
  return deadline and math.max(deadline - monotime(), 0)
end

-- A controller must not know an fd twice when it is closed. So one wait for it
-- leads, which polls for all; the others wait to be told.
-- controller -> fd -> the waits for it, the one that leads first
local watches_of = setmetatable({}, { __mode = "k" })

local Wait = {}
Wait.__index = Wait

local function new_wait(controller, owner, fd, events)
  local watches = watches_of[controller]
  if not watches then
    watches = {}
    watches_of[controller] = watches
  end
  local watch = watches[fd]
  if not watch then
    watch = {} -- is_closed: its fd is; is_stale: more is asked for
    watches[fd] = watch
  end
  local wait = setmetatable({
    pollfd = fd, -- as an object that cqueues polls, with the next
    events = events,
    asked = events,
    there = nil, -- what has come of these
    watch = watch,
    watches = watches, -- where that is
    condition = nil, -- of one that does not lead
    is_kept = type(owner) == "userdata" and owner.pollfd ~= nil,
  }, Wait)
  watch[#watch + 1] = wait
  return wait
end

-- The next one leads.
function Wait:__close()
  local watch = self.watch
  for i, other in ipairs(watch) do
    if other == self then table.remove(watch, i) end
  end
  if watch[1] and watch[1].condition then watch[1].condition:signal() end
  if watch[1] or self.watches[self.pollfd] ~= watch then return end
  self.watches[self.pollfd] = nil
  -- what is no socket tells nobody when it is closed
  if not self.is_kept then cancel(self.pollfd) end
end

-- Tells each wait what is there for it.
function Wait:tell()
  local watch, all = self.watch, self.events
  local there = watch.is_closed and all or look(self.pollfd, all, 0)
  watch.is_stale = false
  for _, wait in ipairs(watch) do
    if there & wait.asked ~= 0 then
      wait.there = there & wait.asked
      if wait.condition then wait.condition:signal() end
    end
  end
end

-- Polls for all.
function Wait:lead(deadline)
  local watch, why = self.watch, nil
  self.events = 0
  for _, wait in ipairs(watch) do
    self.events = self.events | wait.asked
  end
  if not watch.is_closed then why = poll(self, left(deadline)) end
  if why == self and self.events & self.events - 1 == 0
    and not watch.is_stale then
    self.there = self.asked -- the only one
  else
    self:tell()
  end
end

-- Is told by the one that leads, which is first told to look what is asked for.
function Wait:follow(deadline)
  if not self.condition then
    self.condition = condition.new()
    self.watch.is_stale = true
    cancel(self.pollfd)
  end
  poll(self.condition, left(deadline))
end

--- Waits for one socket, or a look-up.
function adapter.io_wait(_, sock, events, timeout)
  local fd = fd_of(sock)
  if not fd then return events end
  local controller = own_controller()
  if not controller then
    local there = look(fd, events, timeout)
    return there ~= 0 and there
  end
  local deadline = timeout and monotime() + timeout
  local wait <close> = new_wait(controller, sock, fd, events)
  repeat
    if wait.watch[1] == wait then
      wait:lead(deadline)
    else
      wait:follow(deadline)
    end
  until wait.there or deadline and monotime() >= deadline
  return wait.there or false
end

-- Has the controller wait for any of the fds.
local function poll_all(fds, events, values, seconds)
  local objects = {}
  for i, fd in ipairs(fds) do
    objects[i] = { pollfd = fd, events = events[i] }
  end
  objects[#objects + 1] = seconds
  poll(table.unpack(objects))
  for i, value in ipairs(values) do
    if type(value) ~= "userdata" or not value.pollfd then cancel(fds[i]) end
  end
end

--- Waits for several.
function adapter.io_select(_, read, write, except, timeout)
  local fds, events, values = flatten { read, write, except }
  if not own_controller() then
    return sort(events, values, native_poll(fds, events, timeout) or {})
  end
  local deadline = timeout and monotime() + timeout
  while true do
    poll_all(fds, events, values, left(deadline))
    local ready = native_poll(fds, events, 0)
    if not ready then return nil end
    local r, w, e = sort(events, values, ready)
    if r or deadline and monotime() >= deadline then return r, w, e end
  end
end

--- Lets time pass.
function adapter.kernel_sleep(_, seconds)
  if not own_controller() then return native_sleep(seconds or math.huge) end
  repeat
    poll(seconds or LONG)
  until seconds
end

-- Who waits in `block`: blocker -> its condition.
local blocked = {}

local Blocked = {}

function Blocked:__close()
  blocked[self.blocker] = nil
end

--- Waits until `unblock` is called. Where no controller can let others do that,
-- it does not wait.
function adapter.block(_, blocker, timeout)
  if not own_controller() then return false end
  local entry <close> = setmetatable({
    blocker = blocker,
    condition = condition.new(),
    is_called = false,
  }, Blocked)
  blocked[blocker] = entry
  poll(entry.condition, timeout)
  return entry.is_called
end

--- Lets that coroutine go on.
function adapter.unblock(_, blocker)
  local entry = blocked[blocker]
  if not entry then return end
  entry.is_called = true
  entry.condition:signal()
end

--- Whether this coroutine is a controller's, which can let others go on.
function adapter.can_wait()
  return own_controller() ~= nil
end

--- Attaches a coroutine to the controller that runs, and gives it.
function adapter.fiber(_, fn, ...)
  local controller = running()
  if not controller then error("no cqueues controller runs", 0) end
  local args = table.pack(...)
  local co = coroutine.create(function()
    return fn(table.unpack(args, 1, args.n))
  end)
  controller:attach(co)
  return co
end

--- The fd is about to be closed: who waits for it goes on.
function adapter.io_close(_, fd)
  for _, watches in pairs(watches_of) do
    local watch = watches[fd]
    if watch then watch.is_closed = true end
    watches[fd] = nil
  end
  cancel(fd)
end

return adapter
