--- What the adapters share: a look by poll(2) at what is there, and the lists
-- that `Socket.select` gives them as what is to be polled for, and back.

local fd_of = require "socket.member"
local native = require "socket.native"

local poll = native.wait.poll
local READABLE, WRITABLE = native.wait.READABLE, native.wait.WRITABLE
local PRIORITY = native.wait.PRIORITY

-- What poll(2) tells of an fd unasked: an error, a hang-up, that it is closed.
local ENDED = ~(READABLE | WRITABLE | PRIORITY)

-- What the members of each list are waited for.
local LISTS = { READABLE, WRITABLE, PRIORITY }

local selection = {}

--- Which of the events are there; 0: none. Blocks the process for the seconds.
function selection.look(fd, events, seconds)
  local ready = poll({ fd }, { events }, seconds)
  ready = ready and ready[1] or 0
  return ready & ENDED ~= 0 and events or ready & events
end

--- The three lists as fds and events, with the values.
function selection.flatten(lists)
  local fds, events, values = {}, {}, {}
  for i = 1, #LISTS do
    for _, value in ipairs(lists[i] or {}) do
      local at = #fds + 1
      fds[at], events[at], values[at] = fd_of(value) or -1, LISTS[i], value
    end
  end
  return fds, events, values
end

--- The three lists of those that are ready; nil for none.
function selection.sort(events, values, ready)
  if not ready then return nil end
  local results, any = { {}, {}, {} }, false
  for at, value in ipairs(values) do
    if ready[at] ~= 0 then
      any = true
      for i, event in ipairs(LISTS) do
        if events[at] == event then table.insert(results[i], value) end
      end
    end
  end
  if any then return table.unpack(results) end
end

return selection
