-- Connecting to one address. The function that makes the socket is passed in,
-- so that every class can be connected: `make(domain, type, protocol) ->
-- socket | nil, err, errno`.

local classes = require "socket.class"
local guard = require "socket.guard"
local native = require "socket.native"

local failure = native.failure
local Socket = classes.Socket
local bind, connect_to, ipv6only = Socket.bind, Socket.connect, Socket.ipv6only
local connect_nonblock = Socket.connect_nonblock

local TIMEOUT, WAIT_WRITABLE = Socket.TIMEOUT, Socket.WAIT_WRITABLE

local connect = {}

--- What is left when the program's time is up, with Ruby's text.
-- fail_late() -> nil, err, nil
function connect.fail_late()
  return failure.timed_out("Connection timed out - user specified timeout")
end

--- The failure as connecting functions give it. A time-out of the system's own
-- is told as it is, the program's as Ruby does; with no time at all (0) an
-- attempt ends where it would wait.
-- fail(err, errno) -> nil, err, errno
function connect.fail(err, errno)
  if err == TIMEOUT or err.wait then return connect.fail_late() end
  return nil, err, errno
end

-- A new socket for the Addrinfo `to`, bound to the Addrinfo `from` unless that
-- is nil: socket | nil, err, errno
local function prepare(make, to, from)
  local sock, err, errno = make(to:pfamily(), to:socktype(), to:protocol())
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok = true
  if to:is_ipv6() then ok, err, errno = ipv6only(sock) end
  if ok and from then ok, err, errno = bind(sock, from) end
  if not ok then return nil, err, errno end
  return owned:release()
end

--- Connects a new socket to an Addrinfo, bound to the Addrinfo `from` unless
-- that is nil.
-- attempt(make, to, from, timeout) -> socket | nil, err, errno
function connect.attempt(make, to, from, timeout)
  local sock, err, errno = prepare(make, to, from)
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = connect_to(sock, to, { timeout = timeout })
  if not ok then return connect.fail(err, errno) end
  return owned:release()
end

--- The same without waiting: the socket, and whether it is connected already.
-- If not, `outcome` tells once the socket is writable.
-- start(make, to, from) -> socket, boolean | nil, err, errno
function connect.start(make, to, from)
  local sock, err, errno = prepare(make, to, from)
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = connect_nonblock(sock, to)
  if not ok and err ~= WAIT_WRITABLE then return nil, err, errno end
  return owned:release(), ok ~= nil
end

--- How an attempt has ended.
-- outcome(sock, to) -> true | nil, err, errno
function connect.outcome(sock, to)
  local option, err, errno = sock:getsockopt("SOCKET", "ERROR")
  if not option then return nil, err, errno end
  errno = option:int()
  if errno == 0 then return true end
  return failure.system("connect(2)", errno, to:inspect_sockaddr())
end

--- The last of several attempts' errors, which lists all of them.
-- fail_all(causes) -> nil, err, errno
function connect.fail_all(causes)
  local last = causes[#causes]
  if #causes > 1 then last.causes = causes end
  return nil, last, last.errno
end

return connect
