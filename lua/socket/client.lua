-- Socket's functions that open a connection: by host, by path.

local classes = require "socket.class"
local connect = require "socket.connect"
local connect_host = require "socket.connect_host"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo, Socket = native.Addrinfo, classes.Socket
local MOST_PATH = native.path.MOST
local opened = guard.opened

local make = open.maker "Socket"

local TCP = { name = "tcp", keywords = connect_host.KEYWORDS }
local UNIX = { name = "unix", keywords = { timeout = "seconds" } }

--- Connects to a host by TCP, at the first of its addresses that answers: both
-- families are looked up at the same time, and their addresses take turns, a
-- new one every 250 milliseconds or as soon as one fails, while the earlier
-- attempts go on (RFC 8305). With `fast_fallback = false`, and for "localhost",
-- an address is tried when the one before has failed. When several were tried,
-- the error is the last one's, and its `causes` lists them all. Answers to
-- Ruby's `Socket.tcp`.
-- @function Socket.tcp
-- @tparam ?string host a name or an address; nil: this machine
-- @tparam integer|string port a number or the name of a service
-- @tparam[opt] string local_host to bind before connecting
-- @tparam[opt] integer|string local_port
-- @tparam[opt] table opts in seconds, `resolv_timeout` bounds the look-ups,
-- `connect_timeout` the attempts, counted from the start of the last one (of
-- each, where they come one by one), `open_timeout` (also `timeout`)
-- everything; it stands alone. `fast_fallback` is a boolean; the default is
-- `Socket.tcp_fast_fallback()`.
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno; past a timeout `err == Socket.TIMEOUT`
function Socket.tcp(...)
  local args, given, fn = keywords.split(TCP, ...)
  keywords.check_ends(args, "tcp")
  local at, opts = connect_host.arguments(args, given)
  if not at then keywords.complain(args.n + 1, "tcp", opts) end
  return opened(fn, connect_host.open(make, at, opts))
end

--- Whether clients may try several addresses at once, unless a call says
-- otherwise with `fast_fallback`: yes, if the environment has no
-- `RUBY_TCP_NO_FAST_FALLBACK`. Answers to Ruby's `Socket.tcp_fast_fallback`.
-- @function Socket.tcp_fast_fallback
-- @treturn boolean
function Socket.tcp_fast_fallback()
  return connect_host.fast_fallback()
end

--- Sets that. Answers to Ruby's `Socket.tcp_fast_fallback=`.
-- @function Socket.set_tcp_fast_fallback
-- @tparam boolean on
-- @treturn boolean true
function Socket.set_tcp_fast_fallback(on)
  if on == nil then
    keywords.complain(1, "set_tcp_fast_fallback", "boolean expected")
  end
  connect_host.set_fast_fallback(on and true or false)
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
