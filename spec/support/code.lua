-- Ruby code of the vectors, written in Lua by hand: what such code needs, and
-- how its results are compared.

local Socket = require "socket"
local guard = require "socket.guard"
local net = require "spec.support.net"
local results = require "spec.support.results"
local vectors = require "spec.support.vectors"

local code = {}

local LOOPBACK = "127.0.0.1"

-- What a case has opened; closed at its end.
local owned

-- Lets the case own sockets -> them
function code.own(...)
  for _, sock in ipairs { ... } do
    if type(sock) == "userdata" then owned:add(sock) end
  end
  return ...
end

-- A Ruby list of what the call gave, or the failure.
function code.list(...)
  return { ... }
end

-- What Ruby's `e { ... }` gives: a failure is {nil, err}, a mistake {raised=}.
function code.e(fn, ...)
  local got = table.pack(pcall(fn, ...))
  if not got[1] then return { raised = got[2] } end
  if got[2] == nil and got[3] ~= nil then return { nil, got[3] } end
  return got[2]
end

function code.pair(socktype)
  return code.own(assert(Socket.UNIXSocket.pair(socktype)))
end

function code.tcp_pair(host)
  local server <close> = assert(Socket.TCPServer.new(host or LOOPBACK, 0))
  local port = server:addr()[2]
  local client = code.own(assert(Socket.TCPSocket.new(host or LOOPBACK, port)))
  return client, code.own(assert(server:accept()))
end

function code.udp(host)
  local family = host == "::1" and "INET6" or "INET"
  local sock = code.own(assert(Socket.UDPSocket.new(family)))
  assert(sock:bind(host or LOOPBACK, 0))
  return sock
end

function code.udp_pair(host)
  local a, b = code.udp(host), code.udp(host)
  assert(a:connect(host or LOOPBACK, b:addr()[2]))
  assert(b:connect(host or LOOPBACK, a:addr()[2]))
  return a, b
end

function code.socket(domain, socktype, address)
  local sock = code.own(assert(Socket.new(domain, socktype)))
  if address then assert(sock:bind(address)) end
  return sock
end

function code.class_of(sock)
  for _, name in ipairs { "TCPServer", "TCPSocket", "UDPSocket", "UNIXServer",
    "UNIXSocket" } do
    if Socket.Error.is(sock) then return "error" end
    if not io.type(sock) and sock:is_a(Socket[name]) then return name end
  end
  return io.type(sock) and "IO" or "Socket"
end

-- Ruby gives back the flag with which it receives; it says nothing of messages.
local CLOEXEC = 0x40000000

local function is_plain(expected)
  return type(expected) ~= "table" or results.is_nil(expected)
    or expected.error ~= nil
end

local function adjust(expected)
  if math.type(expected) == "integer" then return expected & ~CLOEXEC end
  if is_plain(expected) then return expected end
  local copy = {}
  for i, value in ipairs(expected) do copy[i] = adjust(value) end
  return copy
end

local function run(case, fn)
  local all <close> = guard.owned()
  owned = all
  local got = fn()
  if results.fits(adjust(case.result), got, {}) then return end
  error(vectors.text(case.result) .. " expected, got " .. vectors.text(got), 0)
end

-- Makes an example of each function of `fns`, which has the name of a case and
-- gives what the case's code gives. `it` is busted's.
function code.examples(fns, it)
  local known = {}
  for case in vectors.cases("messages", function() return "" end) do
    local fn = case.kind == "code" and fns[case.name]
    known[case.name or ""] = true
    if fn and (not case.needs_ipv6 or net.has_ipv6()) then
      it("gives the same: " .. case.name, function() run(case, fn) end)
    end
  end
  for name in pairs(fns) do assert(known[name], name) end
end

return code
