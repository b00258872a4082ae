-- An echo server without a scheduler, as one is written in Erlang: it starts
-- calls on all its sockets, and waits for the messages that tell which of them
-- can go on.
--
--   message_server.lua [PORT [HOST]]

local Socket = require "socket"

local SelectInfo = Socket.SelectInfo
local NOWAIT = { timeout = "nowait" }

local port, host = arg[1] or "7777", arg[2] or "127.0.0.1"

local server = assert(Socket.TCPServer.new(host, port))
print("listening on " .. server:local_address():inspect_sockaddr())
io.stdout:flush()

local unsent = {} -- by socket: the bytes that its client has yet to take

-- Sends what is left, then what comes, as far as that goes without a wait:
-- false when the client has gone.
local function echo(sock)
  while true do
    local done, why
    if unsent[sock] then
      done, why = sock:send(unsent[sock], 0, nil, NOWAIT)
      unsent[sock] = not done and (why.rest or unsent[sock]) or nil
    else
      done, why = sock:recv(NOWAIT)
      unsent[sock] = done
    end
    if not done then return SelectInfo.is(why) end
  end
end

local function serve(sock)
  if echo(sock) then return end
  unsent[sock] = nil
  sock:close()
end

local function accept()
  local sock, why = server:accept(NOWAIT)
  while sock do
    serve(sock)
    sock, why = server:accept(NOWAIT)
  end
  assert(SelectInfo.is(why), why)
end

accept()
while true do
  local message = assert(Socket.receive())
  if message.socket == server then
    accept()
  elseif message.type == "select" then
    serve(message.socket)
  end
end
