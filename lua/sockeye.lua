-- The module: puts its parts together and returns the class table Socket. Sets
-- no global.

local classes = require "socket.class"
local native = require "socket.native"

local UDPSource = require "socket.udpsource"

require "socket.open"

require "socket.addrinfo"
require "socket.basicsocket"
require "socket.client"
require "socket.iov"
require "socket.ipsocket"
require "socket.scheduler"
require "socket.monitor"
require "socket.registry"
require "socket.select"
require "socket.server"
require "socket.supports"
require "socket.tcpserver"
require "socket.tcpsocket"
require "socket.udpsocket"
require "socket.unixserver"
require "socket.unixsocket"

require "socket.copy_stream"
require "socket.loops"
require "socket.sendfile"

local Socket = classes.Socket

for name, class in pairs(classes) do
  Socket[name] = class
end
Socket.Socket = nil -- it is the module itself

Socket.Addrinfo = native.Addrinfo
Socket.AncillaryData = native.AncillaryData
Socket.Constants = native.Constants
Socket.Errno = native.Errno
Socket.Error = native.Error
Socket.Ifaddr = native.Ifaddr
Socket.Option = native.Option
Socket.SelectInfo = native.SelectInfo
Socket.Task = native.Task
Socket.UDPSource = UDPSource
Socket.sleep = native.wait.sleep

-- What IO has in Ruby: what `wait` takes and gives.
for _, name in ipairs { "READABLE", "PRIORITY", "WRITABLE" } do
  Socket[name] = native.wait[name]
end

return Socket
