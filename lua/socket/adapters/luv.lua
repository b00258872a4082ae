--- A scheduler for `Socket.set_scheduler` whose waits luv carries out: those of
-- coroutines, while `uv.run` runs. Start them by `Socket.schedule`. A coroutine
-- (a generator, say) that the program itself resumes inside one of those blocks
-- the process when it waits.

local fd_of = require "socket.member"
local native = require "socket.native"
local selection = require "socket.adapters.selection"
local uv = require "luv"

local close, create = coroutine.close, coroutine.create
local resume, running = coroutine.resume, coroutine.running
local status, yield = coroutine.status, coroutine.yield
local native_poll, native_sleep = native.wait.poll, native.wait.sleep
local READABLE, WRITABLE = native.wait.READABLE, native.wait.WRITABLE
local PRIORITY = native.wait.PRIORITY
local flatten, sort = selection.flatten, selection.sort

-- The longest time of a timer, in milliseconds.
local LONG = 1 << 50

local adapter = {}

--- Is told of an error that has ended a coroutine which `Socket.schedule` has
-- started: prints it, unless the program puts a function of its own here.
function adapter.on_error(err, traceback)
  io.stderr:write(tostring(err), "\n", traceback, "\n")
end

-- The coroutine that the adapter has resumed; nil in the program's own.
local current

local function go_on(co, ...)
  local outer = current
  current = co
  local ok, err = resume(co, ...)
  current = outer
  if ok then return end
  local traceback = debug.traceback(co)
  close(co) -- what it holds
  adapter.on_error(err, traceback)
end

-- Whether a wait would yield to a program that does not know of it.
local function is_nested()
  return current ~= nil and current ~= running()
end

-- Timers are used again: luv would close each in a round of its own.
local idle_timers = {}

-- The time that libuv counts from is cut to a millisecond: without one more the
-- timer could end early.
local function milliseconds(seconds)
  if seconds <= 0 then return 0 end
  return math.min(math.ceil(seconds * 1000) + 1, LONG)
end

local function start_timer(seconds, fn)
  local timer = table.remove(idle_timers) or assert(uv.new_timer())
  uv.update_time()
  timer:start(milliseconds(seconds), 0, fn)
  return timer
end

local function stop_timer(timer)
  timer:stop()
  idle_timers[#idle_timers + 1] = timer
end

-- Fds that are waited for, and those that were: a handle that is stopped is
-- none to luv, and serves the next socket with this number.
local watches = {} -- fd -> Watch

local Watch = {}
Watch.__index = Watch

local function new_watch(fd)
  local watch = setmetatable({
    fd = fd,
    handle = assert(uv.new_poll(fd)),
    mode = "", -- what the handle waits for
    places = {}, -- one of each wait that is for this fd
    is_busy = false, -- its waits are being told
    is_kept = true, -- io_close tells when the fd is closed
  }, Watch)
  watches[fd] = watch
  return watch
end

local function mode_of(events)
  return (events & READABLE ~= 0 and "r" or "")
    .. (events & WRITABLE ~= 0 and "w" or "")
    .. (events & PRIORITY ~= 0 and "p" or "")
end

local function events_of(mode)
  return (mode:find "r" and READABLE or 0) | (mode:find "w" and WRITABLE or 0)
    | (mode:find "p" and PRIORITY or 0)
end

-- Has the handle wait for what is asked for now: while waits are told, the same
-- one is likely to come back soon.
function Watch:update()
  if self.is_busy and self.is_kept then return end
  local events = 0
  for _, place in ipairs(self.places) do
    events = events | place.events
  end
  local mode = mode_of(events)
  if mode == self.mode then return end
  self.mode = mode
  if mode == "" then
    self.handle:stop()
  else
    assert(self.handle:start(mode, function(err, there)
      self:tell(err, there)
    end))
  end
end

function Watch:remove(place)
  for i, other in ipairs(self.places) do
    if other == place then
      table.remove(self.places, i)
      return self:update()
    end
  end
end

-- Who waits in `block`, and is called by its blocker; or in a wait for a
-- socket, and is called when that is closed.
local blocked = {} -- blocker -> Wait

-- A wait: a coroutine, and what it waits for.
local Wait = {}
Wait.__index = Wait

local function new_wait()
  return setmetatable({
    coroutine = running(),
    places = {}, -- in watches
    timer = nil,
    blocker = nil, -- of one in `block`
    is_over = false, -- the coroutine goes on, or will
  }, Wait)
end

-- Of several fds it is the wait's one with that number.
function Wait:watch(owner, fd, events, number)
  local watch = watches[fd] or new_watch(fd)
  watch.is_kept = type(owner) == "userdata" and owner.pollfd ~= nil
  local place = { wait = self, watch = watch, events = events, number = number }
  self.places[#self.places + 1] = place
  table.insert(watch.places, place)
  watch:update()
end

-- Takes it out of everything.
function Wait:stop()
  self.is_over = true
  for _, place in ipairs(self.places) do
    place.watch:remove(place)
  end
  if self.timer then stop_timer(self.timer) end
  self.timer = nil
end

-- The coroutine may be closed in its wait.
function Wait:__close()
  self:stop()
  if self.blocker then blocked[self.blocker] = nil end
end

-- Waits for the seconds at the most.
function Wait:wait(seconds)
  if seconds then
    self.timer = start_timer(seconds, function()
      self:wake(nil)
    end)
  end
  return yield()
end

-- Lets the coroutine go on, now.
function Wait:wake(...)
  if self.is_over then return end
  self:stop()
  go_on(self.coroutine, ...)
end

-- Those who are to go on in luv's next round. A timer that starts in a timer's
-- callback could end in the same one, before luv looks at any fd.
local ready = {}
local idle

local function resume_ready()
  local list = ready
  ready = {}
  idle:stop()
  for _, one in ipairs(list) do
    if status(one[1]) ~= "dead" then go_on(table.unpack(one, 1, one.n)) end
  end
end

function Wait:wake_later(...)
  if self.is_over then return end
  self:stop()
  idle = idle or assert(uv.new_idle())
  if not ready[1] then idle:start(resume_ready) end
  ready[#ready + 1] = table.pack(self.coroutine, ...)
end

-- Tells those whose events have come. At an error luv has stopped the handle.
function Watch:tell(err, there)
  local events = err and -1 or events_of(there)
  local list = {}
  for _, place in ipairs(self.places) do
    if place.events & events ~= 0 then list[#list + 1] = place end
  end
  if err then self.mode = "" end
  self.is_busy = true
  for _, place in ipairs(list) do
    place.wait:wake(place.events & events, place.number)
  end
  self.is_busy = false
  self:update()
end

--- Waits for one socket, or a look-up.
function adapter.io_wait(_, sock, events, timeout)
  local fd = fd_of(sock)
  if not fd then return events end
  if is_nested() then
    local there = selection.look(fd, events, timeout)
    return there ~= 0 and there
  end
  local wait <close> = new_wait()
  wait:watch(sock, fd, events)
  return (wait:wait(timeout)) or false
end

--- Waits for several.
function adapter.io_select(_, read, write, except, timeout)
  local fds, events, values = flatten { read, write, except }
  if is_nested() then
    return sort(events, values, native_poll(fds, events, timeout))
  end
  local wait <close> = new_wait()
  for i, fd in ipairs(fds) do
    if fd >= 0 then wait:watch(values[i], fd, events[i], i) end
  end
  local came, number = wait:wait(timeout)
  local there = native_poll(fds, events, 0)
  if came and there then there[number] = there[number] | came end
  return sort(events, values, there)
end

--- Lets time pass.
function adapter.kernel_sleep(_, seconds)
  if is_nested() then return native_sleep(seconds or math.huge) end
  local wait <close> = new_wait()
  if seconds and seconds <= 0 then
    wait:wake_later()
    yield()
  else
    wait:wait(seconds or math.huge)
  end
end

--- Waits until `unblock` is called. Where nobody could do that, it does not
-- wait.
function adapter.block(_, blocker, timeout)
  if is_nested() then return false end
  local wait <close> = new_wait()
  wait.blocker = blocker
  blocked[blocker] = wait
  return (wait:wait(timeout)) or false
end

--- Lets that coroutine go on.
function adapter.unblock(_, blocker)
  if blocked[blocker] then blocked[blocker]:wake_later(true) end
end

--- Whether this coroutine can let others go on.
function adapter.can_wait()
  return not is_nested()
end

--- Starts a coroutine, and gives it.
function adapter.fiber(_, fn, ...)
  local co = create(fn)
  go_on(co, ...)
  return co
end

--- The fd is about to be closed: who waits for it goes on.
function adapter.io_close(_, fd)
  local watch = watches[fd]
  if not watch then return end
  for _, place in ipairs(table.move(watch.places, 1, #watch.places, 1, {})) do
    place.wait:wake_later(place.events, place.number)
  end
  if watch.mode ~= "" then watch.handle:stop() end
  watch.mode = ""
end

return adapter
