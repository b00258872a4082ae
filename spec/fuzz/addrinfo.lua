-- Addrinfos of any bytes, with any family, type and protocol, in each of their
-- forms; then each reader.

local Socket = require "socket"
local Input = require "spec.fuzz.input"
local calls = require "spec.fuzz.calls"

local Addrinfo = Socket.Addrinfo

-- What looks up names or makes sockets.
local OTHERS = { bind = true, connect = true, connect_from = true,
  connect_to = true, family_addrinfo = true, foreach = true,
  getaddrinfo = true, getnameinfo = true, ip = true, listen = true,
  marshal_load = true, new = true, open = true, tcp = true, udp = true,
  unix = true }

local READERS = calls.names(Addrinfo, function(name)
  return not OTHERS[name] and not name:find "^_"
end)

local FAMILIES = { "UNSPEC", "UNIX", "INET", "INET6", "PACKET", 0, 3, 255 }
local TYPES = { 0, "STREAM", "DGRAM", "RAW", "SEQPACKET", 77, -1 }
local PROTOCOLS = { 0, 6, 17, 1, 58, 255, -1 }

-- The bytes follow a family that has fields, or are all there is.
local function address(input)
  local family = input:choose { 0, 1, 2, 10, 17 }
  if family == 0 then return input:rest() end
  return ("=I2"):pack(family) .. input:rest()
end

local FORMS = {
  function(input)
    return address(input)
  end,
  function(input)
    local family = input:choose(FAMILIES)
    local socktype, protocol = input:choose(TYPES), input:choose(PROTOCOLS)
    return address(input), family, socktype, protocol
  end,
  function(input)
    local port, family = input:integer(), input:choose { "AF_INET", "AF_INET6" }
    return { family, port, nil, input:rest() }, nil, input:choose(TYPES)
  end,
  function(input)
    return { "AF_UNIX", input:rest() }
  end,
  function(input)
    local family = input:choose { "inet", "inet6", "local", "packet" }
    return { family = family, port = input:integer(), addr = input:rest(),
      path = input:rest() }
  end,
}

return function(bytes)
  local input = Input.new(bytes)
  local form = input:choose(FORMS)
  local ok, addrinfo = calls.try(Addrinfo, "new", form(input))
  if not ok or addrinfo == nil then return end
  calls.try_all(Addrinfo, READERS, addrinfo)
  local _, dump = calls.try(Addrinfo, "marshal_dump", addrinfo)
  if type(dump) ~= "table" then return end
  calls.try(Addrinfo, "marshal_load", dump)
end
