-- Socket's functions that open a connection: by host, by path.

local classes = require "socket.class"
local connect = require "socket.connect"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo, Socket = native.Addrinfo, classes.Socket
local MOST_PATH = native.path.MOST
local opened = guard.opened

local make = open.maker "Socket"

local TCP = { name = "tcp", keywords = connect.KEYWORDS }
local UNIX = { name = "unix", keywords = { timeout = "seconds" } }

--- Connects to a host by TCP: its addresses in turn, until one answers. Answers
-- to Ruby's `Socket.tcp`. When several were tried, the error is the last one's,
-- and its `causes` lists them all.
-- @function Socket.tcp
-- @tparam ?string host a name or an address; nil: this machine
-- @tparam integer|string port a number or the name of a service
-- @tparam[opt] string local_host to bind before connecting
-- @tparam[opt] integer|string local_port
-- @tparam[opt] table opts `resolv_timeout` bounds each look-up,
-- `connect_timeout` each attempt, `open_timeout` (also `timeout`) everything;
-- in seconds. `fast_fallback` is a boolean.
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno; past a timeout `err == Socket.TIMEOUT`
function Socket.tcp(...)
  local args, given, fn = keywords.split(TCP, ...)
  keywords.check_ends(args, "tcp")
  local at, opts = connect.arguments(args, given)
  if not at then keywords.complain(args.n + 1, "tcp", opts) end
  return opened(fn, connect.to_host(make, at, opts))
end

local fast_fallback = true

--- Whether clients may try several addresses at once, unless a call says
-- otherwise with `fast_fallback`. Answers to Ruby's `Socket.tcp_fast_fallback`.
-- @function Socket.tcp_fast_fallback
-- @treturn boolean
function Socket.tcp_fast_fallback()
  return fast_fallback
end

--- Sets that. Answers to Ruby's `Socket.tcp_fast_fallback=`.
-- @function Socket.set_tcp_fast_fallback
-- @tparam boolean on
-- @treturn boolean true
function Socket.set_tcp_fast_fallback(on)
  if on == nil then
    keywords.complain(1, "set_tcp_fast_fallback", "boolean expected")
  end
  fast_fallback = on and true or false
  return true
end

--- Connects to a unix socket. Answers to Ruby's `Socket.unix`.
-- @function Socket.unix
-- @tparam string path; one that begins with a zero byte is abstract
-- @tparam[opt] table opts `timeout` in seconds
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno
function Socket.unix(...)
  local args, opts, fn = keywords.split(UNIX, ...)
  keywords.check_path(args[1], MOST_PATH, 1, "unix")
  local address = Addrinfo.unix(args[1])
  return opened(fn, connect.attempt(make, address, nil, opts.timeout))
end
