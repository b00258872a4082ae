-- A blocking echo server for one connection, on LuaSocket. It has no read that
-- returns what is there, so it reads messages of the load's length.

local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", 0))
print((select(2, server:getsockname())))
io.stdout:flush()

local sock = assert(server:accept())
sock:setoption("tcp-nodelay", true)
while true do
  local bytes = sock:receive(64)
  if not bytes then break end
  assert(sock:send(bytes))
end
