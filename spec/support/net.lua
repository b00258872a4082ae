-- Sockets to try things on: loopback only, ports chosen by the system. What
-- makes several gives a last value that closes them all, since a declaration
-- holds one <close>: `local a, b, _ <close> = net.pair()`.

local Socket = require "socket"
local guard = require "socket.guard"
local paths = require "spec.support.paths"

local FAMILIES = {
  { name = "IPv4", domain = "INET", host = "127.0.0.1" },
  { name = "IPv6", domain = "INET6", host = "::1" },
}

-- A full queue takes this long to find out.
local PATIENCE = 0.05

local net = {}

local All = {}

function All:__close()
  for _, sock in ipairs(self) do
    sock:close()
  end
end

local function all(...)
  return setmetatable({ ... }, All)
end

local function with_closer(a, b)
  return a, b, all(a, b)
end

net.path = paths.new

local function domain_of(host)
  return host:find(":", 1, true) and "INET6" or "INET"
end

-- A socket bound to a free port of the host -> it, its packed address, its
-- port.
local function bound(host, socktype)
  local sock = assert(Socket.new(domain_of(host), socktype))
  local ok, err = sock:bind { family = domain_of(host), addr = host, port = 0 }
  if not ok then
    sock:close()
    return nil, err
  end
  local address = assert(sock:getsockname())
  return sock, address, (Socket.unpack_sockaddr_in(address))
end

local has_ipv6

-- Whether this machine can bind to ::1.
function net.has_ipv6()
  if has_ipv6 == nil then
    local sock <close> = bound("::1", "STREAM")
    has_ipv6 = sock ~= nil
  end
  return has_ipv6
end

-- Calls fn(host, name, domain) for IPv4 and, where there is one, for IPv6.
-- Stands around examples or inside one.
function net.each_family(fn)
  for _, family in ipairs(FAMILIES) do
    if family.domain == "INET" or net.has_ipv6() then
      fn(family.host, family.name, family.domain)
    end
  end
end

-- Two unix sockets, connected to each other -> both, closer.
function net.pair(socktype)
  return with_closer(assert(Socket.pair("UNIX", socktype or "STREAM", 0)))
end

-- A listening TCP socket -> it, its packed address, its port.
function net.listener(host, backlog)
  local server, address, port = assert(bound(host or "127.0.0.1", "STREAM"))
  assert(server:listen(backlog or 16))
  return server, address, port
end

-- A client of the server.
function net.connect_to(server)
  return assert(Socket.tcp("127.0.0.1", server:local_address():ip_port()))
end

-- Several of them, closed together.
function net.clients_of(server, count)
  local clients = guard.owned()
  for _ = 1, count do
    clients:add(net.connect_to(server))
  end
  return clients
end

-- The two ends of a TCP connection: the one that connected, the accepted one,
-- closer.
function net.tcp_pair(host)
  local server <close>, address = net.listener(host)
  local client = assert(Socket.new(domain_of(host or "127.0.0.1"), "STREAM"))
  assert(client:connect(address))
  local accepted = assert(server:accept())
  return with_closer(client, accepted)
end

-- Two UDP sockets, connected to each other -> both, closer.
function net.udp_pair(host)
  host = host or "127.0.0.1"
  local a, a_address = assert(bound(host, "DGRAM"))
  local b, b_address = assert(bound(host, "DGRAM"))
  assert(a:connect(b_address))
  assert(b:connect(a_address))
  return with_closer(a, b)
end

-- A listening TCP socket whose queue is full, so that one more connect gets no
-- answer -> it, its packed address, its port, closer.
function net.full_listener(host)
  local server, address, port = net.listener(host, 0)
  local closer = all(server)
  for _ = 1, 8 do
    local sock = assert(Socket.new(domain_of(host or "127.0.0.1"), "STREAM"))
    closer[#closer + 1] = sock
    local ok, err = sock:connect(address, { timeout = PATIENCE })
    if not ok then
      assert(err == Socket.TIMEOUT, err)
      return server, address, port, closer
    end
  end
  error("the queue does not become full")
end

-- A port that refuses connections -> it, and the socket that keeps it from
-- being given to someone else meanwhile.
function net.closed_port(host)
  local sock, _, port = assert(bound(host or "127.0.0.1", "STREAM"))
  return port, sock
end

return net
