-- What a failed accept or receive means to a server loop.

local native = require "socket.native"

local Errno, Error = native.Errno, native.Error
local sleep = native.wait.sleep

-- Seconds to wait until other sockets may have been closed.
local PAUSE = 0.05

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do
    if Errno[name] then set[Errno[name]] = true end
  end
  return set
end

-- Failures of one connection or peer, which Linux's accept(2) and recvfrom(2)
-- tell the server: the next one is awaited.
local PASSING = set_of {
  "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EHOSTDOWN", "EHOSTUNREACH",
  "EINTR", "ENETDOWN", "ENETUNREACH", "ENONET", "ENOPROTOOPT", "EPROTO",
}

-- No fds or no memory left in the process or the system.
local EXHAUSTED = set_of { "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM" }

-- What came of trying one socket: "served" one, "idle", "closed";
-- nil, err, errno for a failure that ends the loop.
return function(err, errno)
  if err.wait then return "idle" end
  if PASSING[errno] then return "served" end
  if EXHAUSTED[errno] then
    collectgarbage()
    sleep(PAUSE)
    return "served"
  end
  if Error.is(err, "IOError") then return "closed" end
  return nil, err, errno
end
