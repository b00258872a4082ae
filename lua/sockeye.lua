-- The module: puts its parts together and returns the class table Socket. Sets
-- no global.

local classes = require "socket.class"
local native = require "socket.native"

require "socket.basicsocket"
require "socket.open"

local Socket = classes.Socket

for name, class in pairs(classes) do
  Socket[name] = class
end
Socket.Socket = nil -- it is the module itself

Socket.Addrinfo = native.Addrinfo
Socket.Constants = native.Constants
Socket.Errno = native.Errno
Socket.Error = native.Error

return Socket
