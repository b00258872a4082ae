-- Connecting: one attempt at one address, and the addresses of a host in turn.
-- The function that makes the socket is passed in, so that every class can be
-- connected: `make(domain, type, protocol) -> socket | nil, err, errno`.

local classes = require "socket.class"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local native = require "socket.native"

local now = native.clock.now
local failure = native.failure
local Addrinfo, Socket = native.Addrinfo, classes.Socket
local bind, connect_to, ipv6only = Socket.bind, Socket.connect, Socket.ipv6only

local TIMEOUT = Socket.TIMEOUT

local connect = {}

-- A time-out of the system's own is told as it is, the program's as Ruby does;
-- with no time at all (0) the attempt ends where it would wait.
local function fail(err, errno)
  if err == TIMEOUT or err.wait then
    return failure.timed_out("Connection timed out - user specified timeout")
  end
  return nil, err, errno
end

-- Binds and connects the socket: true | nil, err, errno
local function prepare(sock, to, from, timeout)
  local ok, err, errno = true, nil, nil
  if to:is_ipv6() then ok, err, errno = ipv6only(sock) end
  if ok and from then ok, err, errno = bind(sock, from) end
  if ok then ok, err, errno = connect_to(sock, to, { timeout = timeout }) end
  if ok then return true end
  return fail(err, errno)
end

--- Connects a new socket to an Addrinfo, bound to the Addrinfo `from` unless
-- that is nil.
-- attempt(make, to, from, timeout) -> socket | nil, err, errno
function connect.attempt(make, to, from, timeout)
  local sock, err, errno = make(to:pfamily(), to:socktype(), to:protocol())
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = prepare(sock, to, from, timeout)
  if not ok then return nil, err, errno end
  return owned:release()
end

-- The first address of a family in the list.
local function of_family(list, family)
  for _, addrinfo in ipairs(list) do
    if addrinfo:afamily() == family then return addrinfo end
  end
end

-- Each remote address with the local one to bind; those without are left out.
local function pairings(remotes, locals)
  local list = {}
  for _, to in ipairs(remotes) do
    local from = locals and of_family(locals, to:afamily())
    if from or not locals then list[#list + 1] = { to = to, from = from } end
  end
  return list
end

-- Seconds until the deadline (nil: none), never below 0.
local function left(deadline)
  return deadline and math.max(deadline - now(), 0)
end

local function resolve(host, port, timeout)
  local list, err, errno = Addrinfo.getaddrinfo(host, port, nil, "STREAM", nil,
    nil, { timeout = timeout })
  if list then return list end
  return fail(err, errno)
end

-- The remote addresses and, if a local one was asked for, the local ones.
local function resolve_both(at, resolv_timeout, deadline)
  local timeout = keywords.earlier(resolv_timeout, left(deadline))
  local remotes, err, errno = resolve(at.host, at.port, timeout)
  if not remotes then return nil, err, errno end
  if at.local_host == nil and at.local_port == nil then return remotes end
  timeout = keywords.earlier(resolv_timeout, left(deadline))
  local locals
  locals, err, errno = resolve(at.local_host, at.local_port, timeout)
  if not locals then return nil, err, errno end
  return remotes, locals
end

-- The last error, which lists the others when several attempts failed.
local function fail_all(causes)
  local last = causes[#causes]
  if not last then
    return failure.named("SocketError", "no appropriate local address")
  end
  if #causes > 1 then last.causes = causes end
  return nil, last, last.errno
end

--- Connects to a host: its addresses in turn, until one answers. `at` names
-- `host`, `port`, `local_host`, `local_port`; `opts` the timeouts in seconds:
-- `resolv_timeout` for each look-up, `connect_timeout` for each attempt, and
-- `open_timeout` for everything.
-- to_host(make, at, opts) -> socket | nil, err, errno
function connect.to_host(make, at, opts)
  local deadline = opts.open_timeout and now() + opts.open_timeout
  local remotes, locals, errno = resolve_both(at, opts.resolv_timeout, deadline)
  if not remotes then return nil, locals, errno end
  local causes = {}
  for _, pairing in ipairs(pairings(remotes, locals)) do
    local timeout = keywords.earlier(opts.connect_timeout, left(deadline))
    local sock, err = connect.attempt(make, pairing.to, pairing.from, timeout)
    if sock then return sock end
    causes[#causes + 1] = err
    if left(deadline) == 0 then break end
  end
  return fail_all(causes)
end

--- The keywords of the functions that connect to a host.
connect.KEYWORDS = {
  connect_timeout = "seconds",
  resolv_timeout = "seconds",
  open_timeout = "seconds",
  timeout = "seconds",
  fast_fallback = "boolean",
}

--- The arguments of a function that connects to a host, with the keywords
-- above, as `at` and `opts` of `to_host`; a complaint if they contradict.
function connect.arguments(args, opts)
  local at = {
    host = args[1],
    port = args[2],
    local_host = args[3],
    local_port = args[4],
  }
  opts.open_timeout, opts.timeout = opts.open_timeout or opts.timeout, nil
  if opts.open_timeout and (opts.connect_timeout or opts.resolv_timeout) then
    return nil, "open_timeout stands alone: it bounds both the other timeouts"
  end
  return at, opts
end

return connect
