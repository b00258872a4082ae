-- Socket's functions that open server sockets.

local classes = require "socket.class"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local listen = require "socket.listen"
local native = require "socket.native"
local open = require "socket.open"

local Socket = classes.Socket
local MOST_PATH = native.path.MOST

local make = open.maker "Socket"

-- What a server function needs beside its name.
local function spec(name)
  return { name = name, keywords = listen.KEYWORDS }
end

local TCP = spec "tcp_server_sockets"
local UDP = spec "udp_server_sockets"
local UNIX = spec "unix_server_socket"

-- The sockets as a list, or with a block what that returns.
local function all_opened(fn, list, ...)
  if not list then return list, ... end
  return guard.using_all(list, fn)
end

-- What the functions for a host and a port do, which tail-call this: mistakes
-- raise at their caller.
local function open_at(call, open_all, ...)
  local args, opts, fn = keywords.split(call, ...)
  local host, port = listen.arguments(args)
  keywords.check_server(host, port, args.n, call.name)
  return all_opened(fn, open_all(make, host, port, opts))
end

--- Opens listening TCP sockets, one for each address of the host, all on one
-- port. Answers to Ruby's `Socket.tcp_server_sockets`.
-- @function Socket.tcp_server_sockets
-- @tparam[opt] string host its addresses; without it, every one of this machine
-- @tparam integer|string port 0: a free one
-- @tparam[opt] table opts `reuseport`: whether other sockets may share the port
-- (by default in a worker of `sockeye --workers`, if the port is not 0)
-- @tparam[opt] function fn is called with the list; then they are closed
-- @treturn {Socket,...} the sockets, or what `fn` returns
-- @error nil, err, errno when no address can be used
function Socket.tcp_server_sockets(...)
  return open_at(TCP, listen.tcp, ...)
end

--- Opens datagram sockets, one for each address of the host or of this machine,
-- all on one port. A reply from one leaves from the address that was asked.
-- Answers to Ruby's `Socket.udp_server_sockets`.
-- @function Socket.udp_server_sockets
-- @tparam[opt] string host its addresses; without it, every one of this machine
-- @tparam integer|string port 0: a free one
-- @tparam[opt] table opts `reuseport`: whether other sockets may share the port
-- (by default in a worker of `sockeye --workers`, if the port is not 0)
-- @tparam[opt] function fn is called with the list; then they are closed
-- @treturn {Socket,...} the sockets, or what `fn` returns
-- @error nil, err, errno when no address can be used
function Socket.udp_server_sockets(...)
  return open_at(UDP, listen.udp, ...)
end

-- With a block: the path goes first, then the socket.
local function unix_opened(fn, sock, name, errno)
  if not sock then return nil, name, errno end
  if not fn then return sock end
  local _ <close> = guard.owned(sock, name)
  return fn(sock)
end

--- Opens a listening unix socket. A socket of one's own that stands at the path
-- is taken for a stale one and removed; any other file is an error. Answers to
-- Ruby's `Socket.unix_server_socket`.
-- @function Socket.unix_server_socket
-- @tparam string path one that begins with a zero byte is abstract
-- @tparam[opt] table opts `reuseport` has no effect here
-- @tparam[opt] function fn is called with the socket; then the path is removed,
-- if it is still this socket's, and the socket closed
-- @treturn Socket the socket, or what `fn` returns
-- @error nil, err, errno
function Socket.unix_server_socket(...)
  local args, _, fn = keywords.split(UNIX, ...)
  keywords.check_path(args[1], MOST_PATH, 1, UNIX.name)
  return unix_opened(fn, listen.unix(make, args[1], {}))
end
