-- Echoes datagrams, after printing its port, until an empty one comes.

local Socket = require "socket"

Socket.udp_server_sockets("127.0.0.1", 0, function(sockets)
  print(sockets[1]:local_address():ip_port())
  io.stdout:flush()
  Socket.udp_server_loop_on(sockets, function(message, source)
    if message == "" then return Socket.BREAK end
    assert(source:reply(message))
  end)
end)
