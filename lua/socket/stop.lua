-- The server loops that run, so that the interpreter sockeye can end them when
-- the process is to end: their sockets are closed.

local native = require "socket.native"

local count = native.stop.count
local is_wanted = native.stop.is_wanted

local stop = {}

-- What is closed to end a loop: entry -> true. An entry lives as long as the
-- variable that its loop holds.
local running = setmetatable({}, { __mode = "k" })

local Entry = {}

-- Tells how many loops run.
local function recount()
  local loops = 0
  for _ in pairs(running) do
    loops = loops + 1
  end
  count(loops)
end

function Entry:__close()
  running[self] = nil
  recount()
end

-- The coroutine of a loop was dropped.
Entry.__gc = Entry.__close

--- A resource (anything with a method `close`, which may be called twice) that
-- is closed when the process is to end, while the result is held in a `<close>`
-- variable.
function stop.ending(resource)
  local entry = setmetatable({ resource = resource }, Entry)
  running[entry] = true
  recount()
  if is_wanted() then resource:close() end
  return entry
end

-- Closing may wake others, who begin or end loops.
native.stop.set(function()
  local list = {}
  for entry in pairs(running) do
    list[#list + 1] = entry.resource
  end
  for _, resource in ipairs(list) do
    resource:close()
  end
end)

return stop
