-- Packed addresses of any bytes, and paths of any bytes.

local Socket = require "socket"
local calls = require "spec.fuzz.calls"

local function check_path(path)
  local ok, packed = calls.try(Socket, "pack_sockaddr_un", path)
  if not ok then return end
  local back = Socket.unpack_sockaddr_un(packed)
  assert(back == path or back == path:gsub("%z+$", ""), "another path")
end

local function check_ip(bytes)
  local ok, port, host = calls.try(Socket, "unpack_sockaddr_in", bytes)
  if not ok then return end
  assert(port >= 0 and port <= 65535, "no port")
  calls.try(Socket, "pack_sockaddr_in", port, host)
end

return function(bytes)
  check_ip(bytes)
  check_path(bytes)
  calls.try(Socket, "unpack_sockaddr_un", bytes)
end
