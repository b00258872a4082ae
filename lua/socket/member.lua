-- What can be waited for: a socket, a Lua file, an fd, or an object with a
-- method that tells its fd.

local native = require "socket.native"

local member = native.select.member

local MOST_FD = 0x7fffffff -- a C int

-- The method of any other object that tells its fd.
local function fd_method(value)
  if type(value) == "table" or getmetatable(value) then
    return value.getfd or value.fileno
  end
end

-- The value as a number that an fd can have, or nil.
local function as_fd(value)
  local fd = math.tointeger(value)
  return fd and fd >= 0 and fd <= MOST_FD and fd or nil
end

--- The fd of such a value (false: closed; nil: it has none), and whether bytes
-- wait in its buffer.
return function(value)
  local fd, is_buffered = member(value)
  if fd ~= nil then return fd, is_buffered end
  fd = as_fd(value)
  if fd then return fd, false end
  local method = fd_method(value)
  if not method then return nil end
  return as_fd((method(value))) or false, false
end
