-- An echo server: sends back what it gets, one connection after the other.
--
--   echo_server.lua [PORT [CONNECTIONS]]
--
-- It ends after that many connections, or never.

local Socket = require "socket"

local port = arg[1] or "7777"
local left = tonumber(arg[2]) or math.huge

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    print("listening on " .. sock:local_address():inspect_sockaddr())
  end
  io.stdout:flush()
end

local function echo(sock)
  repeat
    local bytes = sock:recv()
  until not bytes or not sock:write(bytes)
end

assert(Socket.tcp_server_loop(port, { listening = announce }, function(sock)
  local _ <close> = sock
  echo(sock)
  left = left - 1
  if left <= 0 then return Socket.BREAK end
end))
