-- UDPSocket's constructor, and its methods that name an end by host and port.

local classes = require "socket.class"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local native = require "socket.native"

local Addrinfo = native.Addrinfo
local Socket, UDPSocket = classes.Socket, classes.UDPSocket

local failure, open_socket = native.failure, native.open.socket

-- The system's refusal, with Ruby's text.
local function opened(fn, sock, err, errno)
  if sock then return guard.using(sock, fn) end
  if not errno then return nil, err end
  return failure.system("socket(2) - udp", errno)
end

local function new(fn, family)
  return opened(fn, keywords.blame("new", 1, pcall(open_socket, "UDPSocket",
    family or "INET", "DGRAM")))
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
local function first_of(self, host, port, timeout, fn)
  local here, err, errno = self:local_address()
  if not here then return nil, err, errno end
  local list
  list, err, errno = Addrinfo.getaddrinfo(host, port, here:afamily(), "DGRAM",
    nil, nil, { timeout = timeout or self:timeout() })
  if not list then return nil, err, errno end
  for _, addrinfo in ipairs(list) do
    local result
    result, err = fn(self, addrinfo)
    if result then return result end
  end
  return hosterror.about(err, host, port)
end

-- A method that takes (host, port[, opts]), and does so with an address.
local function by_host(name, fn)
  local spec = { name = name, keywords = { timeout = "seconds" } }
  return function(self, ...)
    keywords.check_socket(self, name)
    local args, opts = keywords.split(spec, ...)
    keywords.check_host(args[1], 1, name)
    keywords.check_port(args[2], 2, name)
    return first_of(self, args[1], args[2], opts.timeout, fn)
  end
end

--- Gives the socket a local address. Answers to Ruby's `UDPSocket#bind`.
-- @function UDPSocket:bind
-- @tparam ?string host nil: the loopback address; "": every address
-- @tparam integer|string port
-- @tparam[opt] table opts `timeout` in seconds
-- @treturn integer 0
-- @error nil, err, errno
UDPSocket.bind = by_host("bind", Socket.bind)

--- Sets the socket's peer. Answers to Ruby's `UDPSocket#connect`.
-- @function UDPSocket:connect
-- @tparam ?string host nil: the loopback address
-- @tparam integer|string port
-- @tparam[opt] table opts `timeout` in seconds
-- @treturn integer 0
-- @error nil, err, errno
UDPSocket.connect = by_host("connect", Socket.connect)
