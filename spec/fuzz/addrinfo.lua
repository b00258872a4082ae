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
  local family = input:choose { 0, 1, 2, 10, 16, 17, 40 }
  if family == 0 then return input:rest() end
  return ("=I2"):pack(family) .. input:rest()
end

local FIELDS = {
  inet = { "addr", "port" },
  inet6 = { "addr", "port", "flowinfo", "scope_id" },
  ["local"] = { "path" },
  packet = { "protocol", "ifindex", "hatype", "pkttype", "addr" },
  netlink = { "pid", "groups" },
  vsock = { "cid", "port", "flags" },
  unspec = { "addr" },
  [240] = { "addr" },
}

local WORDS = { "any", "loopback", "broadcast", "local", "outgoing", "http",
  "127.0.0.1", "::1", "fe80::1%lo" }

-- Makes a value of a field, right or wrong.
local VALUES = {
  function() return nil end,
  function(input) return input:below(256) end,
  function(input) return input:integer() end,
  function(input) return input:choose(WORDS) end,
  function(input) return input:take(input:below(256)) end,
}

local function table_form(input)
  local family = input:choose { "inet", "inet6", "local", "packet", "netlink",
    "vsock", "unspec", 240 }
  local form = { family = family }
  if input:below(8) == 0 then
    form.bytes = input:rest()
    return form
  end
  for _, name in ipairs(FIELDS[family]) do
    form[name] = input:choose(VALUES)(input)
  end
  return form
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
    return table_form(input)
  end,
}

local function same(one, other)
  for name, value in pairs(one) do
    if other[name] ~= value then return false end
  end
  return true
end

-- What an address reads as can be written, and reads the same again.
local function check_table(addrinfo)
  local read = addrinfo:to_table()
  local again = Addrinfo.new(read):to_table()
  assert(same(read, again) and same(again, read), "another address")
end

return function(bytes)
  local input = Input.new(bytes)
  local form = input:choose(FORMS)
  local ok, addrinfo = calls.try(Addrinfo, "new", form(input))
  if not ok or addrinfo == nil then return end
  check_table(addrinfo)
  calls.try_all(Addrinfo, READERS, addrinfo)
  local _, dump = calls.try(Addrinfo, "marshal_dump", addrinfo)
  if type(dump) ~= "table" then return end
  calls.try(Addrinfo, "marshal_load", dump)
end
