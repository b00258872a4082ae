-- Copies one connection's bytes to the next one, after printing its port.

local Socket = require "socket"

local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
print(server:local_address():ip_port())
io.stdout:flush()
local from <close> = assert(server:accept())
local to <close> = assert(server:accept())
Socket.copy_stream(from, to)
