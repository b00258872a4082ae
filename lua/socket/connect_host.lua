-- Connecting to a host by TCP: one after the other of its addresses, or several
-- at a time. As in connect.lua, `make` makes the sockets.

local connect = require "socket.connect"
local eyeballs = require "socket.eyeballs"
local keywords = require "socket.keywords"
local native = require "socket.native"

local now = native.clock.now
local failure = native.failure

local FAMILIES = { "INET6", "INET" }

local connect_host = {}

--- Who looks up names: a spec puts one of its own here.
connect_host.resolver = {
  getaddrinfo = native.Addrinfo.getaddrinfo,
  start = native.resolver.start,
}

--- The keywords of the functions that connect to a host.
connect_host.KEYWORDS = {
  connect_timeout = "seconds",
  resolv_timeout = "seconds",
  open_timeout = "seconds",
  timeout = "seconds",
  fast_fallback = "boolean",
}

--- The arguments of a function that connects to a host, with the keywords
-- above, as `at` and `opts` of `open`; a complaint if they contradict.
function connect_host.arguments(args, opts)
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

local fast_fallback

--- Whether several addresses are tried at a time unless a call says otherwise.
function connect_host.fast_fallback()
  if fast_fallback == nil then
    local off = os.getenv "RUBY_TCP_NO_FAST_FALLBACK"
    fast_fallback = off == nil or off == "" or off == "0"
  end
  return fast_fallback
end

--- Sets that.
function connect_host.set_fast_fallback(on)
  fast_fallback = on
end

-- Whether a host needs no race: a number, which is one address, and this
-- machine, whose addresses answer at once or not at all. Looked up by family,
-- "localhost" may be asked of a name server, where a file has it for one.
local function is_near(host)
  if type(host) ~= "string" then return type(host) == "number" end
  return host:find(":", 1, true) ~= nil or host:find("^[%d.]+$") ~= nil
    or host:lower() == "localhost"
end

-- Seconds until the deadline (nil: none), never below 0.
local function left(deadline)
  return deadline and math.max(deadline - now(), 0)
end

local function resolve(host, port, timeout)
  local list, err, errno = connect_host.resolver.getaddrinfo(host, port, nil,
    "STREAM", nil, nil, { timeout = timeout })
  if list then return list end
  return connect.fail(err, errno)
end

-- The local address to bind for each family; none when none was asked for.
local function resolve_local(at, timeout)
  if at.local_host == nil and at.local_port == nil then return {}, FAMILIES end
  local list, err, errno = resolve(at.local_host, at.local_port, timeout)
  if not list then return nil, err, errno end
  local locals, families = {}, {}
  for _, addrinfo in ipairs(list) do
    local family = addrinfo:is_ipv6() and "INET6" or "INET"
    locals[family] = locals[family] or addrinfo
  end
  for _, family in ipairs(FAMILIES) do
    if locals[family] then families[#families + 1] = family end
  end
  return locals, families
end

-- One address after the other, as the resolver orders them. An address without
-- a local one of its family is passed over.
local function connect_in_turn(make, at, locals, opts, deadline)
  local timeout = keywords.earlier(opts.resolv_timeout, left(deadline))
  local list, failed, errno = resolve(at.host, at.port, timeout)
  if not list then return nil, failed, errno end
  local causes = {}
  for _, to in ipairs(list) do
    local from = locals[to:is_ipv6() and "INET6" or "INET"]
    if from or not next(locals) then
      timeout = keywords.earlier(opts.connect_timeout, left(deadline))
      local sock, err = connect.attempt(make, to, from, timeout)
      if sock then return sock end
      causes[#causes + 1] = err
      if left(deadline) == 0 then break end
    end
  end
  if causes[1] then return connect.fail_all(causes) end
  return failure.named("SocketError", "no appropriate local address")
end

--- Connects to a host. `at` names `host`, `port`, `local_host`, `local_port`;
-- `opts` has `fast_fallback` and the timeouts in seconds: `resolv_timeout` for
-- each look-up; `connect_timeout` for the attempts, one by one if they come one
-- by one, else from the start of the last one; `open_timeout` for everything.
-- open(make, at, opts) -> socket | nil, err, errno
function connect_host.open(make, at, opts)
  local deadline = opts.open_timeout and now() + opts.open_timeout
  local timeout = keywords.earlier(opts.resolv_timeout, opts.open_timeout)
  local locals, families, errno = resolve_local(at, timeout)
  if not locals then return nil, families, errno end
  local is_fast = opts.fast_fallback
  if is_fast == nil then is_fast = connect_host.fast_fallback() end
  if is_fast and not is_near(at.host) then
    return eyeballs.connect(make, at, families, locals,
      { resolv_timeout = opts.resolv_timeout,
        connect_timeout = opts.connect_timeout,
        deadline = deadline }, connect_host.resolver.start)
  end
  return connect_in_turn(make, at, locals, opts, deadline)
end

return connect_host
