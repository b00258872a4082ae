-- Addrinfos, made in each way, and all that can be read of them.

local Addrinfo = require("socket").Addrinfo
local draw = require "spec.oracle.draw"

local random = math.random

local READERS = {
  "afamily", "pfamily", "socktype", "protocol", "canonname", "to_sockaddr",
  "inspect", "inspect_sockaddr", "ip_address", "ip_port", "ip_unpack",
  "unix_path", "ipv6_to_ipv4",
}
for name in pairs(Addrinfo) do
  if name:find "^is_" then READERS[#READERS + 1] = name end
end
table.sort(READERS)

local FAMILIES = { "INET", "AF_INET", "INET6", "PF_INET6", "UNIX", "AF_UNIX",
  "UNSPEC", 0, 1, 2, 10, 17, 77, "NOSUCH" }
local TYPES = { "STREAM", "SOCK_DGRAM", "RAW", "SEQPACKET", 0, 1, 2, 3, 4, 5,
  9, "NOSUCH" }
local PROTOCOLS = { 0, 1, 6, 17, 41, 58, 132, 136, 255, 999 }

local NUMERIC = { "NUMERICHOST", "NUMERICSERV" }

-- One of the list, or nothing.
local function maybe(list)
  if draw.chance(3) then return nil end
  return draw.one(list)
end

local function port()
  if draw.chance(4) then return tostring(random(0, 65535)) end
  return random(0, 65535)
end

local function host()
  return draw.call { draw.ipv4, draw.ipv6 }
end

local function array()
  if draw.chance(3) then
    return { "AF_UNIX", draw.bytes(random(0, 20), "/ab.\xc3\xa9") }
  end
  local ip = draw.chance(2) and draw.ipv4() or draw.ipv6()
  local family = ip:find(":", 1, true) and "AF_INET6" or "AF_INET"
  if draw.chance(12) then family = draw.one { "AF_INET", "AF_INET6" } end
  local name = draw.one { "localhost", "name", ip }
  if draw.chance(4) then name = nil end
  return { n = 4, family, random(0, 65535), name, ip }
end

local CALLS = {
  function()
    return { n = 2, "new", draw.sockaddr() }
  end,
  function()
    return { n = 5, "new", draw.sockaddr(), maybe(FAMILIES), maybe(TYPES),
      maybe(PROTOCOLS) }
  end,
  function()
    return { n = 5, "new", array(), maybe(FAMILIES), maybe(TYPES),
      maybe(PROTOCOLS) }
  end,
  function()
    return { draw.one { "tcp", "udp" }, host(), port() }
  end,
  function()
    return { "ip", host() }
  end,
  function()
    local length = draw.one { random(0, 20), random(0, 20), random(100, 112) }
    return { n = 3, "unix", draw.bytes(length, "/abc\0\xc3\xa9 \n"),
      maybe(TYPES) }
  end,
}

-- Seven elements, some of which may be nil.
local function dump(addrinfo)
  local list = addrinfo:marshal_dump()
  list.n = 7
  return list
end

return {
  draw = function()
    return draw.call(CALLS)
  end,
  perform = function(answer, name, ...)
    local addrinfo = answer:add("made", Addrinfo[name], ...)
    if not addrinfo then return end
    answer:add_all(addrinfo, READERS)
    answer:add("getnameinfo", addrinfo.getnameinfo, addrinfo, NUMERIC)
    answer:add("marshal_dump", dump, addrinfo)
  end,
}
