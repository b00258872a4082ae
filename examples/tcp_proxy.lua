-- A TCP proxy: hands connections on to another server, many at a time.
--
--   tcp_proxy.lua TARGET_HOST TARGET_PORT [PORT [HOST]]
--
-- The bytes stay inside the kernel. Each side's end is handed on by itself, and
-- so is a reset.

local Socket = require "socket"

local MOST = 150 -- connections at a time; each takes two sockets and two pipes
local PATIENCE = 10 -- seconds that the target may take to accept
local LINGER = 1 -- seconds to deliver what is on its way when one side is gone

local target_host, target_port = arg[1], arg[2]
local port, host = arg[3] or "7779", arg[4]
if not target_port then
  io.stderr:write(
    "usage: tcp_proxy.lua TARGET_HOST TARGET_PORT [PORT [HOST]]\n")
  os.exit(2)
end

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    print("listening on " .. sock:local_address():inspect_sockaddr())
  end
  io.stdout:flush()
end

-- Closes a socket so that its peer does not take it for an orderly end.
local function reset(sock)
  sock:setsockopt(Socket.Option.linger(true, 0))
  sock:close()
end

-- Copies one way, in a task of its own. The system tells of a reset once: where
-- the one way's write was told, the other's read sees an end that is none.
local function copy(from, to, link)
  if Socket.copy_stream(from, to) then
    if not link.is_broken then to:close_write() end
  elseif not link.is_broken then
    link.is_broken = true
    Socket.sleep(LINGER)
    reset(from)
    reset(to)
  end
end

-- One connection, in a task of its own.
local function serve(client, peer)
  local _ <close> = client
  local target <close>, err = Socket.tcp(target_host, target_port,
    { open_timeout = PATIENCE })
  if not target then
    io.stderr:write(peer:inspect_sockaddr(), ": ", tostring(err), "\n")
    return reset(client)
  end
  for _, sock in ipairs { client, target } do
    sock:setsockopt("SOCKET", "KEEPALIVE", true) -- tells of a peer cut off
  end
  local link = { is_broken = false }
  local there = Socket.schedule(copy, client, target, link)
  copy(target, client, link)
  there:join()
end

assert(Socket.tcp_server_loop(host, port,
  { concurrency = MOST, listening = announce }, serve))
