-- The tasks of a server loop with `concurrency`: those that accept, and one for
-- each connection. A crew has
--
-- - `gate`, which lets so many handlers in; its end as a <close> variable makes
--   room again
-- - `accept(server)`, which waits as Socket.accept does
-- - `schedule(fn, ...)`, which starts a handler
-- - `crew:start(fn, loop, server)`, which starts one that accepts
-- - `crew:stop()`, which ends all of these
-- - `crew:run(fn)`, which calls the function and returns when all that it has
--   started has ended: true | nil, err, errno
--
-- foreign_crew.lua has the same under another event loop.

local classes = require "socket.class"
local native = require "socket.native"

local Socket = classes.Socket
local run, schedule = Socket.run, Socket.schedule
local new_gate = native.Task.new_gate

local Crew = {
  accept = Socket.accept,
  schedule = schedule,
}
Crew.__index = Crew

function Crew:start(fn, loop, server)
  self.acceptors[#self.acceptors + 1] = schedule(fn, loop, server)
end

function Crew:stop()
  for _, acceptor in ipairs(self.acceptors) do
    acceptor:cancel()
  end
end

function Crew.run(_, fn)
  local _, err, errno = run(fn)
  if err then return nil, err, errno end
  return true
end

local crew = {}

--- A crew that handles at most so many connections at a time.
function crew.new(most)
  return setmetatable({
    gate = new_gate(most),
    acceptors = {}, -- a task for each listening socket
  }, Crew)
end

return crew
