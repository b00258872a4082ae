-- Failures of the classes that are given a host and a port, or a path: their
-- text names these instead of the address, as Ruby's does.

local native = require "socket.native"

local failure = native.failure
local TIMEOUT = native.Socket.TIMEOUT

local hosterror = {}

local function name_of(host, port)
  local quoted = host == nil and "nil" or ('"%s"'):format(host)
  return ("%s port %s"):format(quoted, tostring(port))
end

local function retell(err, host, port)
  local name = name_of(host, port)
  if err == TIMEOUT then
    return failure.timed_out("Connection timed out - connect(2) for " .. name)
  end
  if not err.errno or not err.address then return nil, err, err.errno end
  return failure.system(err.syscall, err.errno, name)
end

--- The same failure with that text: nil, err, errno
function hosterror.about(err, host, port)
  local _, told, errno = retell(err, host, port)
  if told ~= err then told.causes = err.causes end
  return nil, told, errno
end

--- The same for the path of a unix socket. Ruby's text has connect(2) for a
-- server's bind(2), too.
function hosterror.about_path(err, errno, path)
  if not errno or not err.address or err.wait then return nil, err, errno end
  return failure.system("connect(2)", errno, (path:gsub("\0", "\\0")))
end

return hosterror
