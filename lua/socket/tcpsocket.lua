-- TCPSocket's constructor.

local classes = require "socket.class"
local connect_host = require "socket.connect_host"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local open = require "socket.open"

local TCPSocket = classes.TCPSocket

local make = open.maker "TCPSocket"

local NEW = { name = "new", keywords = connect_host.KEYWORDS }

-- A socket whose own address may be one that a past connection still holds.
local function make_bound(domain, type, protocol)
  local sock, err, errno = make(domain, type, protocol)
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = sock:setsockopt("SOCKET", "REUSEADDR", true)
  if not ok then return nil, err, errno end
  return owned:release()
end

local function maker_for(at)
  local is_bound = at.local_host ~= nil or at.local_port ~= nil
  return is_bound and make_bound or make
end

-- The failure names the end that it is about.
local function fail(err, at)
  if err.syscall == "bind(2)" then
    return hosterror.about(err, at.local_host, at.local_port)
  end
  return hosterror.about(err, at.host, at.port)
end

--- Connects to a host, at the first of its addresses that answers, as
-- `Socket.tcp` does. Answers to Ruby's `TCPSocket.new`.
-- @function TCPSocket.new
-- @tparam ?string host a name or an address; nil: this machine
-- @tparam integer|string port a number or the name of a service
-- @tparam[opt] string local_host to bind before connecting
-- @tparam[opt] integer|string local_port
-- @tparam[opt] table opts as for `Socket.tcp`
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn TCPSocket the connection, or what `fn` returns
-- @error nil, err, errno; past a timeout `err == Socket.TIMEOUT`
function TCPSocket.new(...)
  local args, given, fn = keywords.split(NEW, ...)
  keywords.check_ends(args, "new")
  local at, opts = connect_host.arguments(args, given)
  if not at then keywords.complain(args.n + 1, "new", opts) end
  local sock, err = connect_host.open(maker_for(at), at, opts)
  if not sock then return fail(err, at) end
  return guard.using(sock, fn)
end

TCPSocket.open = TCPSocket.new
