-- Echoes datagrams, after printing its port, until an empty one comes.

local Socket = require "socket"

local function print_port(sockets)
  print(sockets[1]:local_address():ip_port())
  io.stdout:flush()
end

local function echo(message, source)
  if message == "" then return Socket.BREAK end
  assert(source:reply(message))
end

Socket.udp_server_loop("127.0.0.1", 0, { listening = print_port }, echo)
