-- Connecting to a host at several of its addresses at a time. The race says
-- what is next; here it is done, and all that has not won is closed.

local connect = require "socket.connect"
local native = require "socket.native"
local race = require "socket.race"

local now, poll = native.clock.now, native.wait.poll
local READABLE, WRITABLE = native.wait.READABLE, native.wait.WRITABLE
local WAIT_READABLE = native.Socket.WAIT_READABLE

local eyeballs = {}

local Contest = {}
Contest.__index = Contest

function Contest:__close()
  for _, entry in ipairs(self.entries) do
    entry.resource:close()
  end
end

function Contest:add(entry)
  self.entries[#self.entries + 1] = entry
end

function Contest:remove(entry)
  for i, other in ipairs(self.entries) do
    if other == entry then return table.remove(self.entries, i) end
  end
end

function Contest:tell_result(family, list, err)
  if list then
    self.race:resolved(family, list, now())
  else
    self.race:refused(family, err)
  end
end

-- Starts to look up the host's addresses of a family.
function Contest:look_up(family, start, at)
  local lookup, err = start(at.host, at.port, family, "STREAM")
  if not lookup then return self.race:refused(family, err) end
  local wanted = lookup:wanted()
  if wanted then
    return self:add { resource = lookup, family = family, fd = wanted,
      events = READABLE }
  end
  local _ <close> = lookup
  self:tell_result(family, lookup:result())
end

-- The result of a look-up that may have one now.
function Contest:settle_lookup(entry)
  local list, err = entry.resource:result()
  if err == WAIT_READABLE then return end
  self:remove(entry)
  entry.resource:close()
  self:tell_result(entry.family, list, err)
end

-- The outcome of an attempt: the socket if it is connected.
function Contest:settle_attempt(entry)
  local ok, err = connect.outcome(entry.resource, entry.to)
  self:remove(entry)
  if ok then return entry.resource end
  entry.resource:close()
  self.race:failed(err)
end

-- The local address to bind for a remote one.
function Contest:from(to)
  return self.locals[to:is_ipv6() and "INET6" or "INET"]
end

-- Starts an attempt: the socket if it is connected at once.
function Contest:start(to)
  local sock, result = connect.start(self.make, to, self:from(to))
  if not sock then return self.race:failed(result) end
  if result then return sock end
  self:add { resource = sock, to = to, fd = sock:fileno(), events = WRITABLE }
end

-- The last attempt, when no other goes on, needs no race.
function Contest:start_alone(to)
  local timeout = self.race:time_left(now())
  local sock, err = connect.attempt(self.make, to, self:from(to), timeout)
  if sock then return sock end
  self.race:failed(err)
  return connect.fail_all(self.race.causes)
end

-- What goes on and still matters, with the fds (or look-ups) and events to wait
-- for, and what those belong to.
function Contest:waiting()
  local waiting, fds, events, owners = {}, {}, {}, {}
  for _, entry in ipairs(self.entries) do
    if not entry.family or self.race:is_pending(entry.family) then
      waiting[#waiting + 1] = entry
      fds[#waiting], events[#waiting] = entry.fd, entry.events
      owners[#waiting] = entry.resource
    end
  end
  return waiting, fds, events, owners
end

-- Waits for that, at most until then: the socket if one is connected, nothing
-- if not, or a failure.
function Contest:wait(time)
  local waiting, fds, events, owners = self:waiting()
  local seconds = time < math.huge and math.max(time - now(), 0) or nil
  local ready, err, errno = poll(fds, events, seconds, owners)
  if not ready then return connect.fail(err, errno) end
  for i, entry in ipairs(waiting) do
    local settle = entry.family and self.settle_lookup or self.settle_attempt
    local sock = ready[i] ~= 0 and settle(self, entry)
    if sock then return sock end
  end
end

-- What remains when there is nothing more to do.
function Contest:fail(is_late)
  local causes = self.race.causes
  if is_late then
    local _, err = connect.fail_late()
    causes[#causes + 1] = err
  end
  if causes[1] then return connect.fail_all(causes) end
  return nil, self.race.refusal, self.race.refusal.errno
end

function Contest:run()
  while true do
    local sock, err, errno
    local action, subject, is_alone = self.race:step(now())
    if is_alone then return self:start_alone(subject) end
    if action == "start" then
      sock = self:start(subject)
    elseif action == "wait" then
      sock, err, errno = self:wait(subject)
    else
      return self:fail(action == "late")
    end
    if sock or err then return sock, err, errno end
  end
end

--- Connects to a host's addresses of the families, in turns. `at` names `host`
-- and `port`; `locals` has the Addrinfo to bind to by family, where there is
-- one; `limits` are those of `race.new`; `start` begins a look-up.
-- connect(make, at, families, locals, limits, start)
--   -> socket | nil, err, errno
function eyeballs.connect(make, at, families, locals, limits, start)
  local contest <close> = setmetatable({
    make = make,
    locals = locals,
    race = race.new(families, now(), limits),
    entries = {}, -- look-ups and attempts that go on
  }, Contest)
  for _, family in ipairs(families) do
    contest:look_up(family, start, at)
  end
  return contest:run()
end

return eyeballs
