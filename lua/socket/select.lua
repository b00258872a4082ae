-- Socket.select: which of several sockets, files and fds are ready.

local classes = require "socket.class"
local fd_of = require "socket.member"
local keywords = require "socket.keywords"
local native = require "socket.native"

local Errno = native.Errno
local failure = native.failure
local poll, events_of = native.wait.poll, native.wait
local masks = native.select

local Socket = classes.Socket

-- The arguments in their order: what each is waited for, and what tells that it
-- has come.
local LISTS = {
  { wanted = events_of.READABLE, mask = masks.READABLE },
  { wanted = events_of.WRITABLE, mask = masks.WRITABLE },
  { wanted = events_of.PRIORITY, mask = masks.EXCEPTIONAL },
}

-- Adds the members of one list to what is polled. Gives what is wrong with it:
-- "closed", or a complaint.
local function add(set, list, number)
  for i, value in ipairs(list) do
    local fd, is_buffered = fd_of(value)
    if fd == nil then
      return ("element %d: socket, file or fd expected, got %s"):format(i,
        type(value))
    end
    if not fd then return "closed" end
    local at = #set.fds + 1
    set.fds[at], set.events[at] = fd, LISTS[number].wanted
    set.values[at], set.lists[at] = value, number
    if is_buffered and number == 1 then
      set.buffered[at], set.has_buffered = true, true
    end
  end
end

-- The three lists of those that are ready, or nil if none is; "invalid" when
-- one is no open fd.
local function sort(set, ready)
  local results, any = { {}, {}, {} }, false
  for i, value in ipairs(set.values) do
    local number = set.lists[i]
    if ready[i] & masks.INVALID ~= 0 then return "invalid" end
    if ready[i] & LISTS[number].mask ~= 0 or set.buffered[i] then
      table.insert(results[number], value)
      any = true
    end
  end
  return any and results or nil
end

-- One of the members is no open fd, maybe since the wait began.
local function fail_invalid(set)
  for _, value in ipairs(set.values) do
    if fd_of(value) == false then
      return failure.named("IOError", "closed stream")
    end
  end
  return failure.system("select(2)", Errno.EBADF)
end

-- Polls until something is ready or the time is up.
local function wait_for(set, seconds)
  local ready, err, errno = poll(set.fds, set.events, seconds, set.values)
  if not ready then return nil, err, errno end
  local results = sort(set, ready)
  if results == "invalid" then return fail_invalid(set) end
  if not results then return nil, Socket.TIMEOUT end
  return results[1], results[2], results[3]
end

local function check_list(list, arg)
  if list ~= nil and type(list) ~= "table" then
    error(("bad argument #%d to 'select' (table expected, got %s)"):format(arg,
      type(list)), 3)
  end
end

local function check_seconds(value)
  local seconds = tonumber(value)
  if value == nil or seconds and seconds >= 0 then return seconds end
  local why = seconds and "timeout must not be negative or NaN"
    or "number expected, got " .. type(value)
  error(("bad argument #4 to 'select' (%s)"):format(why), 3)
end

--- Waits until one of the members is ready. A member is a socket, a Lua file,
-- an fd, or an object with a method `getfd` or `fileno`; a socket with bytes in
-- its buffer is readable. Fd numbers have no limit. Answers to Ruby's
-- `IO.select`.
-- @function Socket.select
-- @tparam[opt] table read to be read
-- @tparam[opt] table write to be written
-- @tparam[opt] table except with urgent data to be read
-- @tparam[opt] number timeout in seconds; nil: for ever
-- @treturn table those that can be read, in the order given
-- @treturn table those that can be written
-- @treturn table those with urgent data
-- @error nil, `Socket.TIMEOUT`; nil, err, errno
function Socket.select(read, write, except, timeout)
  check_list(read, 1)
  check_list(write, 2)
  check_list(except, 3)
  local seconds = check_seconds(timeout)
  local set = {
    fds = {}, -- these five have an element for each member
    events = {},
    values = {},
    lists = {},
    buffered = {},
    has_buffered = false,
  }
  local lists = { read, write, except }
  for number = 1, #LISTS do
    local complaint = add(set, lists[number] or {}, number)
    if complaint == "closed" then
      return failure.named("IOError", "closed stream")
    elseif complaint then
      keywords.complain(number, "select", complaint)
    end
  end
  return wait_for(set, set.has_buffered and 0 or seconds)
end
