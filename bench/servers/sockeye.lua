-- A blocking echo server for one connection.

local Socket = require "socket"

local server = assert(Socket.new("INET", "STREAM"))
assert(server:bind(Socket.pack_sockaddr_in(0, "127.0.0.1")))
assert(server:listen(1))
print((Socket.unpack_sockaddr_in(server:getsockname())))
io.stdout:flush()

local sock <close> = assert(server:accept())
sock:setsockopt("TCP", "NODELAY", true)
while true do
  local bytes = sock:recv(65536)
  if not bytes then break end
  assert(sock:send(bytes))
end
