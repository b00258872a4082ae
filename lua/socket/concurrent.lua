-- A server loop that handles several connections at a time, each in a task.

local classes = require "socket.class"
local guard = require "socket.guard"
local native = require "socket.native"
local verdict_on = require "socket.verdict"

local Socket = classes.Socket
local accept, run, schedule = Socket.accept, Socket.run, Socket.schedule
local new_gate = native.Task.new_gate

-- One loop. Its first outcome holds, and ends the accepting.
local Loop = {}
Loop.__index = Loop

local function new_loop(most, fn, is_break)
  return setmetatable({
    gate = new_gate(most), -- lets so many handlers in
    fn = fn, -- the handler
    is_break = is_break, -- whether its value ends the loop
    acceptors = {}, -- a task for each listening socket
    outcome = nil, -- true, or nil, err, errno; packed
  }, Loop)
end

function Loop:finish(...)
  if self.outcome then return end
  self.outcome = table.pack(...)
  for _, acceptor in ipairs(self.acceptors) do
    acceptor:cancel()
  end
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
-- handled at a time; returns when the handlers have ended, too.
-- concurrent(list, most, fn, is_break) -> true | nil, err, errno
return function(list, most, fn, is_break)
  local loop = new_loop(most, fn, is_break)
  run(function()
    for i, server in ipairs(list) do
      loop.acceptors[i] = schedule(accept_from, loop, server)
    end
  end)
  local outcome = loop.outcome or { true, n = 1 }
  return table.unpack(outcome, 1, outcome.n)
end
