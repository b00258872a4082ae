-- Control messages of all levels and types. None of them owns a descriptor.

local AncillaryData = require("socket").AncillaryData
local draw = require "spec.oracle.draw"
local levels = require "spec.oracle.levels"

local random = math.random

local READERS = {
  "family", "level", "type", "data", "int", "timestamp", "ip_pktinfo",
  "ipv6_pktinfo", "ipv6_pktinfo_addr", "ipv6_pktinfo_ifindex", "unix_rights",
  "inspect",
}

-- Moments that every calendar knows, and of which a second has not so many
-- parts as it might.
local function moment()
  return ("i8i8"):pack(random(0, 0xffffffff), random(0, 999999))
end

local DATA = {
  moment,
  function() return draw.bytes(draw.one { 0, 1, 4, 8, 12, 12, 16, 20 }) end,
  function() return draw.bytes(random(0, 24)) end,
  function() return ("i4"):pack(random(0, 1) * random(0, 200)) end,
}

-- Those whose text or readers tell more than bytes.
local MEANINGFUL = {
  { "UNIX", "SOCKET", "RIGHTS" }, { "UNIX", "SOCKET", "CREDENTIALS" },
  { "INET", "SOCKET", "TIMESTAMP" }, { "INET6", "SOCKET", "TIMESTAMPNS" },
  { "INET", "IP", "PKTINFO" }, { "INET6", "IPV6", "PKTINFO" },
}

local function timed(kind)
  return kind[3]:find("TIMESTAMP", 1, true) and moment() or draw.call(DATA)
end

local CALLS = {
  function()
    local kind = draw.one(MEANINGFUL)
    return { "new", kind[1], kind[2], kind[3], timed(kind) }
  end,
  function()
    local family, level, name = levels.draw_message()
    return { "new", family, level, name, draw.call(DATA) }
  end,
  function()
    local family, level, name = levels.draw_message()
    return { "int", family, level, name, draw.integer() }
  end,
  function()
    return { "ip_pktinfo", draw.sockaddr(), random(0, 9),
      not draw.chance(2) and draw.sockaddr() or nil }
  end,
  function()
    return { "ipv6_pktinfo", draw.sockaddr(), random(0, 9) }
  end,
}

return {
  draw = function()
    local _, level, name = levels.draw_message()
    return { level, name, table.unpack(draw.call(CALLS)) }
  end,
  perform = function(answer, level, type, name, ...)
    local message = answer:add("made", AncillaryData[name], ...)
    if not message then return end
    answer:add_all(message, READERS)
    answer:add("cmsg_is", message.cmsg_is, message, level, type)
  end,
}
