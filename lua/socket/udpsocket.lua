-- UDPSocket's constructor, and its methods that take a host and a port.

local classes = require "socket.class"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local native = require "socket.native"

local Addrinfo, BasicSocket = native.Addrinfo, native.BasicSocket
local Socket, UDPSocket = classes.Socket, classes.UDPSocket

local open_socket = native.open.socket

local function new(fn, family)
  return guard.opened(fn, keywords.blame("new", 1, pcall(open_socket,
    "UDPSocket", family or "INET", "DGRAM")))
end

--- Makes an unbound UDP socket. Answers to Ruby's `UDPSocket.new`.
-- @function UDPSocket.new
-- @tparam[opt="INET"] string|integer family or "INET6"
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn UDPSocket the socket, or what `fn` returns
-- @error nil, err, errno
function UDPSocket.new(...)
  return new(keywords.block(...))
end

UDPSocket.open = UDPSocket.new

-- Calls fn(self, addrinfo) with each of the host's addresses, until one works.
local function first_of(self, host, port, fn)
  local here, err, errno = self:local_address()
  if not here then return nil, err, errno end
  local list
  list, err, errno = Addrinfo.getaddrinfo(host, port, here:afamily(), "DGRAM")
  if not list then return nil, err, errno end
  for _, addrinfo in ipairs(list) do
    local result
    result, err = fn(self, addrinfo)
    if result then return result end
  end
  return hosterror.about(err, host, port)
end

--- Gives the socket a local address. Answers to Ruby's `UDPSocket#bind`.
-- @function UDPSocket:bind
-- @tparam ?string host nil: the loopback address; "": every address
-- @tparam integer|string port
-- @treturn integer 0
-- @error nil, err, errno
function UDPSocket:bind(host, port)
  keywords.check_socket(self, "bind")
  keywords.check_host(host, 1, "bind")
  keywords.check_port(port, 2, "bind")
  return first_of(self, host, port, Socket.bind)
end

--- Sets the socket's peer. Answers to Ruby's `UDPSocket#connect`.
-- @function UDPSocket:connect
-- @tparam ?string host nil: the loopback address
-- @tparam integer|string port
-- @treturn integer 0
-- @error nil, err, errno
function UDPSocket:connect(host, port)
  keywords.check_socket(self, "connect")
  keywords.check_host(host, 1, "connect")
  keywords.check_port(port, 2, "connect")
  return first_of(self, host, port, Socket.connect)
end

--- Sends a datagram: to a host and a port, to an address, or to the peer.
-- Answers to Ruby's `UDPSocket#send`.
-- @function UDPSocket:send
-- @param message a string, or strings in arrays
-- @param[opt] flags
-- @param[opt] host a host followed by a port, or an address
-- @tparam[opt] integer|string port
-- @treturn integer its size in bytes
-- @error nil, err, errno
function UDPSocket:send(message, flags, host, port, ...)
  if type(port) ~= "number" and type(port) ~= "string" then
    return BasicSocket.send(self, message, flags, host, port, ...)
  end
  keywords.check_socket(self, "send")
  keywords.check_host(host, 3, "send")
  keywords.check_port(port, 4, "send")
  local opts = ...
  return first_of(self, host, port, function(sock, addrinfo)
    return BasicSocket.send(sock, message, flags, addrinfo, opts)
  end)
end
