-- Opening server sockets. The function that makes a socket is passed in:
-- `make(domain, type, protocol) -> socket | nil, err, errno`.

local classes = require "socket.class"
local guard = require "socket.guard"
local native = require "socket.native"

local failure, path_of = native.failure, native.path
local Addrinfo, Errno, Socket = native.Addrinfo, native.Errno, classes.Socket
local bind_to, listen_on = Socket.bind, Socket.listen
local setsockopt = Socket.setsockopt

local IS_WORKER = native.stop.is_worker()

local BACKLOG = Socket.SOMAXCONN

-- How often another port is tried when one, free in the first family, is taken
-- in the next.
local MOST_TRIES = 100

local listen = {}

-- What an unspecified address stands for, without the addresses themselves.
local function is_unspecified(addrinfo)
  local address = addrinfo:ip_address()
  return address == "0.0.0.0" or address == "::"
end

-- Whether a socket bound to that address can tell where each datagram was sent.
local function tells_destination(addrinfo)
  return Socket.IPV6_RECVPKTINFO ~= nil and addrinfo:is_ipv6()
    and is_unspecified(addrinfo)
end

-- Whether other sockets may have the same port: by default those of the other
-- processes that run the same script, if it names a port.
local function shares_port(addrinfo, opts)
  if opts.reuseport ~= nil then return opts.reuseport end
  return IS_WORKER and addrinfo:is_ip() and addrinfo:ip_port() ~= 0
end

-- The options that must be on before bind: a list of {level, name}.
local function wanted(addrinfo, opts)
  local list = {}
  if opts.ipv6only ~= false and addrinfo:is_ipv6() then
    list[#list + 1] = { "IPV6", "V6ONLY" }
  end
  if opts.reuseaddr ~= false then
    list[#list + 1] = { "SOCKET", "REUSEADDR" }
  end
  if shares_port(addrinfo, opts) then
    list[#list + 1] = { "SOCKET", "REUSEPORT" }
  end
  if opts.pktinfo and tells_destination(addrinfo) then
    list[#list + 1] = { "IPV6", "RECVPKTINFO" }
  end
  return list
end

-- Sets what must stand before bind: true | nil, err, errno
local function set_options(sock, addrinfo, opts)
  for _, option in ipairs(wanted(addrinfo, opts)) do
    local ok, err, errno = setsockopt(sock, option[1], option[2], true)
    if not ok then return nil, err, errno end
  end
  return true
end

--- Makes a bound socket: socket | nil, err, errno
-- `opts` has `reuseport`, by default true in one of several workers, and
-- `pktinfo` for a server of datagrams that tells where each was sent;
-- `reuseaddr` and `ipv6only` are on unless false.
function listen.bound(make, addrinfo, opts)
  local sock, err, errno = make(addrinfo:pfamily(), addrinfo:socktype(),
    addrinfo:protocol())
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = set_options(sock, addrinfo, opts)
  if ok then ok, err, errno = bind_to(sock, addrinfo) end
  if not ok then return nil, err, errno end
  return owned:release()
end

--- Makes a bound socket that takes connections: socket | nil, err, errno
-- `opts` as for `bound`, and `backlog`.
function listen.listening(make, addrinfo, opts)
  local sock, err, errno = listen.bound(make, addrinfo, opts)
  if not sock then return nil, err, errno end
  local owned <close> = guard.owned(sock)
  local ok
  ok, err, errno = listen_on(sock, opts.backlog or BACKLOG)
  if not ok then return nil, err, errno end
  return owned:release()
end

-- Opens one socket for each address that can be used: a list | nil, err, errno
-- `open(addrinfo, first) -> socket | nil, err, errno`; `gives_up(err, first)`
-- tells a failure that ends it all from one that leaves an address out.
local function open_each(addrinfos, open, gives_up)
  local owned <close> = guard.owned()
  local last
  for _, addrinfo in ipairs(addrinfos) do
    local sock, err = open(addrinfo, owned[1])
    if sock then
      owned:add(sock)
    elseif gives_up and gives_up(err, owned[1]) then
      return nil, err, err.errno
    else
      last = err
    end
  end
  if owned[1] then return { owned:release() } end
  if last then return nil, last, last.errno end
  return failure.named("SocketError", "no address to listen on")
end

-- The address with the port that the first socket got.
local function with_port_of(addrinfo, first)
  if not first then return addrinfo end
  local port = first:local_address():ip_port()
  return Addrinfo.new(Socket.pack_sockaddr_in(port, addrinfo:ip_address()),
    addrinfo:pfamily(), addrinfo:socktype(), addrinfo:protocol())
end

-- Sockets that share a port which the system picks for the first one. When it
-- is taken in another family, all are closed and another one is tried.
local function open_on_one_port(addrinfos, open)
  local function open_next(addrinfo, first)
    return open(with_port_of(addrinfo, first))
  end
  local function is_taken(err)
    return err.errno == Errno.EADDRINUSE
  end
  local list, err, errno
  for _ = 1, MOST_TRIES do
    list, err, errno = open_each(addrinfos, open_next, is_taken)
    if list or not is_taken(err) then break end
  end
  return list, err, errno
end

-- Whether the system is to pick the port.
local function is_any_port(port)
  return port == nil or math.tointeger(tonumber(port)) == 0
end

local function open_all(addrinfos, port, opts, open)
  if not is_any_port(port) then return open_each(addrinfos, open) end
  if opts.reuseport == nil then opts.reuseport = false end
  return open_on_one_port(addrinfos, open)
end

local function resolve(host, port, type)
  return Addrinfo.getaddrinfo(host, port, nil, type, nil, "PASSIVE")
end

--- Opens listening sockets on every address of the host (nil: of this machine),
-- all on one port: a list | nil, err, errno
function listen.tcp(make, host, port, opts)
  local addrinfos, err, errno = resolve(host, port, "STREAM")
  if not addrinfos then return nil, err, errno end
  return open_all(addrinfos, port, opts, function(addrinfo)
    return listen.listening(make, addrinfo, opts)
  end)
end

-- The machine's addresses of that one's family, with its port.
local function local_addresses(unspecified)
  local list, port = {}, unspecified:ip_port()
  for _, address in ipairs(Socket.ip_address_list()) do
    if address:afamily() == unspecified:afamily() then
      list[#list + 1] = Addrinfo.udp(address:ip_address(), port)
    end
  end
  return list
end

-- The addresses to bind for datagrams: one socket for each of the machine's
-- addresses, so that a reply leaves from the address that was asked, unless one
-- socket can tell them apart.
local function expand(addrinfos)
  local list, seen = {}, {}
  local function add(addrinfo)
    local key = addrinfo:to_sockaddr()
    if not seen[key] then list[#list + 1] = addrinfo end
    seen[key] = true
  end
  for _, addrinfo in ipairs(addrinfos) do
    local is_each = is_unspecified(addrinfo) and not tells_destination(addrinfo)
    local addresses = is_each and local_addresses(addrinfo) or { addrinfo }
    for _, address in ipairs(addresses) do add(address) end
  end
  return list
end

--- Opens datagram sockets on every address of the host (nil: of this machine),
-- all on one port: a list | nil, err, errno
function listen.udp(make, host, port, opts)
  local addrinfos, err, errno = resolve(host, port, "DGRAM")
  if not addrinfos then return nil, err, errno end
  opts.reuseaddr, opts.pktinfo = not is_any_port(port), true
  return open_all(expand(addrinfos), port, opts, function(addrinfo)
    return listen.bound(make, addrinfo, opts)
  end)
end

-- The name in the file system of a listening unix socket.
local Name = {}
Name.__index = Name

--- Removes the name if it still stands for the socket that it was made for.
-- As long as that one is open, its inode's number is not used again.
function Name:close()
  local identity = path_of.socket(self.path)
  if identity and identity == self.identity then path_of.unlink(self.path) end
end

local function is_abstract(path)
  return path == "" or path:byte() == 0
end

-- Removes what a server that is gone has left: a socket of one's own.
local function remove_stale(path)
  local identity, is_own = path_of.socket(path)
  if identity and is_own then path_of.unlink(path) end
end

--- Opens a listening unix socket in place of a stale one: the socket and its
-- name, a resource that removes the path when it is closed (nil for an abstract
-- name) | nil, err, errno
function listen.unix(make, path, opts)
  if not is_abstract(path) then remove_stale(path) end
  local sock, err, errno = listen.listening(make, Addrinfo.unix(path), opts)
  if not sock then return nil, err, errno end
  if is_abstract(path) then return sock end
  local name = { path = path, identity = path_of.socket(path) }
  return sock, setmetatable(name, Name)
end

--- The keywords of the functions that open server sockets.
listen.KEYWORDS = { reuseport = "boolean" }

--- The optional host and the port, of which the last one given is the port.
function listen.arguments(args)
  if args.n >= 2 then return args[1], args[2] end
  return nil, args[1]
end

return listen
