-- A server loop that handles several connections at a time, each in a task, or
-- in a coroutine of another event loop.

local builtin_crew = require "socket.crew"
local foreign_crew = require "socket.foreign_crew"
local guard = require "socket.guard"
local verdict_on = require "socket.verdict"

-- One loop. Its first outcome holds, and ends the accepting.
local Loop = {}
Loop.__index = Loop

local function new_loop(crew, fn, is_break)
  return setmetatable({
    crew = crew, -- who accepts and handles
    gate = crew.gate, -- lets so many handlers in
    fn = fn, -- the handler
    is_break = is_break, -- whether its value ends the loop
    outcome = nil, -- true, or nil, err, errno; packed
  }, Loop)
end

function Loop:finish(...)
  if self.outcome then return end
  self.outcome = table.pack(...)
  self.crew:stop()
end

-- Handles one connection, in a task of its own.
local function handle(loop, sock, peer)
  local _ <close> = loop.gate
  local owned <close> = guard.owned(sock)
  local result = loop.fn(sock, peer)
  owned:release()
  if loop.is_break(result) then loop:finish(true) end
end

-- Takes connections until the socket is closed or fails. The connection is
-- owned while it waits for its place.
local function accept_from(loop, server)
  local gate = loop.gate
  local accept, schedule = loop.crew.accept, loop.crew.schedule
  while true do
    gate:pass()
    local sock, peer, errno = accept(server)
    if sock then
      if not gate:try_enter() then -- another acceptor was faster
        local owned <close> = guard.owned(sock)
        gate:enter()
        owned:release()
      end
      schedule(handle, loop, sock, peer)
    else
      local verdict, err
      verdict, err, errno = verdict_on(peer, errno)
      if verdict == "closed" then return end
      if not verdict then return loop:finish(nil, err, errno) end
    end
  end
end

--- Accepts from all of the sockets, and has at most so many connections
-- handled at a time; returns when the handlers have ended, too. Under another
-- event loop a with_timeout that is late ends the accepting alone.
-- concurrent(list, most, fn, is_break) -> true | nil, err, errno
return function(list, most, fn, is_break)
  local crews = foreign_crew.is_due() and foreign_crew or builtin_crew
  local crew = crews.new(most)
  local loop = new_loop(crew, fn, is_break)
  local ended = table.pack(crew:run(function()
    for _, server in ipairs(list) do
      crew:start(accept_from, loop, server)
    end
  end))
  local outcome = loop.outcome or ended
  return table.unpack(outcome, 1, outcome.n)
end
