-- An echo server: sends back what it gets, to many clients at a time.
--
--   echo_server.lua [PORT [HOST]]
--
-- At port 0 the system chooses one; without a host it listens at all addresses
-- of this machine.

local Socket = require "socket"

local MOST = 500 -- clients at a time; who comes then waits for one to go
local PATIENCE = 300 -- seconds that a client may stay silent, or not read

local port, host = arg[1] or "7777", arg[2]

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    print("listening on " .. sock:local_address():inspect_sockaddr())
  end
  io.stdout:flush()
end

-- One client, in a task of its own.
local function echo(sock)
  local _ <close> = sock
  sock:set_timeout(PATIENCE)
  repeat
    local bytes = sock:recv()
  until not bytes or not sock:write(bytes)
end

assert(Socket.tcp_server_loop(host, port,
  { concurrency = MOST, listening = announce }, echo))
