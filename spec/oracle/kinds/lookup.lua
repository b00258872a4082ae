-- Numeric hosts and services, which no server is asked for, and Addrinfos made
-- with the parts of others.

local Socket = require "socket"
local draw = require "spec.oracle.draw"

local Addrinfo = Socket.Addrinfo
local random = math.random

local FAMILIES = { "INET", "INET6", "UNSPEC", "AF_UNIX", 0, 2, 10, "NOSUCH" }
local TYPES = { "STREAM", "DGRAM", "RAW", 0, 1, 2, 3, 5, 9 }
local PROTOCOLS = { 0, 1, 6, 17, 136, 255 }

local NUMERIC = Socket.AI_NUMERICHOST
local FLAGS = { NUMERIC, NUMERIC | Socket.AI_PASSIVE,
  NUMERIC | Socket.AI_CANONNAME, NUMERIC | Socket.AI_NUMERICSERV,
  NUMERIC | Socket.AI_V4MAPPED | Socket.AI_ALL, NUMERIC | 0x4000000 }

local function maybe(list)
  if draw.chance(2) then return nil end
  return draw.one(list)
end

local function host()
  if draw.chance(10) then return draw.one { "name", "1.2.3.256", "", "::g" } end
  if draw.chance(10) then return nil end
  return draw.call { draw.ipv4, draw.ipv6 }
end

local function service()
  return draw.call {
    function() return random(0, 65535) end,
    function() return tostring(random(0, 65535)) end,
    function() return draw.one { "http", "ssh", "domain", "nosuchservice" } end,
    function() return nil end,
  }
end

-- What family_addrinfo is called with.
local function parts()
  return draw.call {
    function() return { draw.ipv4(), random(0, 65535) } end,
    function() return { draw.ipv6(), random(0, 65535) } end,
    function() return { draw.ipv4() } end,
    function() return { "/path" } end,
    function() return {} end,
  }
end

return {
  draw = function()
    return { n = 7, parts(), host(), service(), maybe(FAMILIES), maybe(TYPES),
      maybe(PROTOCOLS), draw.one(FLAGS) }
  end,
  perform = function(answer, others, ...)
    local list = answer:add("list", Addrinfo.getaddrinfo, ...)
    if not list then return end
    answer:add("family", list[1].family_addrinfo, list[1],
      table.unpack(others))
  end,
}
