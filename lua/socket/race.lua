-- Which of a host's addresses to try next, and when: RFC 8305, "Happy
-- Eyeballs". A race knows neither sockets nor clocks. It is told what happens
-- and what time it is, in seconds, and says what is to be done.

local race = {}

-- How long an IPv4 address waits for the look-up of IPv6 ones, and each attempt
-- for the one before (sections 3 and 5).
local RESOLUTION_DELAY = 0.05
local ATTEMPT_DELAY = 0.25

local NEVER = math.huge
local min = math.min

local OTHER = { INET6 = "INET", INET = "INET6" }

local Race = {}
Race.__index = Race

local function after(now, seconds)
  return seconds and now + seconds or NEVER
end

--- A race that begins now, with a look-up of each of the families ("INET6",
-- "INET"). Of `limits`, which all may be nil, `resolv_timeout` seconds bound
-- the look-ups, `connect_timeout` seconds the attempts, counted from the start
-- of the last one, and the time `deadline` everything.
function race.new(families, now, limits)
  local pending = {}
  for _, family in ipairs(families) do
    pending[family] = true
  end
  return setmetatable({
    pending = pending, -- the families that are being looked up
    addresses = { INET6 = {}, INET = {} }, -- found and not yet tried
    turn = "INET6", -- the family whose address is next, if it has one
    running = 0, -- how many attempts go on
    causes = {}, -- how the others ended, in that order
    refusal = nil, -- what the resolver said last
    gave_up = false, -- whether look-ups took too long
    start_at = 0, -- the next attempt may start then
    wait_at = 0, -- IPv4 waits until then for a pending look-up
    connect_timeout = limits.connect_timeout,
    connect_at = NEVER,
    resolv_at = after(now, limits.resolv_timeout),
    open_at = limits.deadline or NEVER,
  }, Race)
end

--- Whether the look-up of that family still matters.
function Race:is_pending(family)
  return self.pending[family] or false
end

--- The look-up of a family has found these addresses.
function Race:resolved(family, addresses, now)
  if not self.pending[family] then return end
  self.pending[family] = nil
  self.addresses[family] = table.move(addresses, 1, #addresses, 1, {})
  self.wait_at = now + RESOLUTION_DELAY
end

--- The look-up of a family has failed. That a host has no address of a family
-- says less than any other failure.
function Race:refused(family, err)
  self.pending[family] = nil
  if err.code ~= "EAI_ADDRFAMILY" or not self.refusal then
    self.refusal = err
  end
end

--- An attempt has failed: the next one need not wait for it.
function Race:failed(err)
  self.running = self.running - 1
  self.start_at = 0
  self.causes[#self.causes + 1] = err
end

-- The families take turns, as long as both have addresses (section 4).
local function take(self, now)
  local family = self.turn
  if not self.addresses[family][1] then family = OTHER[family] end
  self.turn = OTHER[family]
  self.running = self.running + 1
  self.start_at = now + ATTEMPT_DELAY
  self.connect_at = after(now, self.connect_timeout)
  return table.remove(self.addresses[family], 1)
end

-- When the next address may be tried; nil without one.
local function next_start(self)
  if self.addresses.INET6[1] then return self.start_at end
  if not self.addresses.INET[1] then return nil end
  if not self.pending.INET6 then return self.start_at end
  return math.max(self.start_at, self.wait_at)
end

local function give_up_names(self)
  self.gave_up = next(self.pending) ~= nil
  self.pending, self.resolv_at = {}, NEVER
end

-- What is to be done when there is no address to try.
local function step_without_address(self, now)
  if next(self.pending) then
    return "wait", min(self.resolv_at, self.open_at)
  end
  if self.running == 0 then return self.gave_up and "late" or "fail" end
  if now >= self.connect_at then return "late" end
  return "wait", min(self.connect_at, self.open_at)
end

--- What is to be done now, to be asked again after it:
--
-- - `"start", address, is_alone` try that address; nothing else goes on or
--   comes after it if it is alone
-- - `"wait", time` until something happens, or until then (`math.huge`: ever)
-- - `"fail"` everything has failed: see `causes`, or `refusal` without any
-- - `"late"` the time is up
function Race:step(now)
  if now >= self.open_at then return "late" end
  if now >= self.resolv_at then give_up_names(self) end
  local start = next_start(self)
  if not start then return step_without_address(self, now) end
  if now < start then
    return "wait", min(start, self.resolv_at, self.open_at)
  end
  local address = take(self, now)
  return "start", address, self:is_alone()
end

--- How many seconds the attempt that was started last may take, if it is alone;
-- nil for ever.
function Race:time_left(now)
  local time = min(self.connect_at, self.open_at)
  return time < NEVER and math.max(time - now, 0) or nil
end

--- Whether one attempt goes on, and nothing can come after it.
function Race:is_alone()
  return self.running == 1 and next_start(self) == nil
    and next(self.pending) == nil
end

return race
