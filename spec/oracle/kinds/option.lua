-- Options of all levels and names, with data of the sizes that mean something
-- and of others.

local Option = require("socket").Option
local draw = require "spec.oracle.draw"
local levels = require "spec.oracle.levels"

local random = math.random

local READERS = {
  "family", "level", "optname", "data", "int", "bool", "byte", "linger",
  "ipv4_multicast_ttl", "ipv4_multicast_loop", "inspect",
}

local SIZES = { 0, 1, 2, 3, 4, 4, 4, 5, 7, 8, 8, 12, 16, 16, 20, 104, 192, 232 }

local function data()
  if draw.chance(4) then
    return ("i4"):pack(draw.one { 0, 1, 2, 3, 4, 5, 111, 110, -1, 200 })
  elseif draw.chance(8) then
    return draw.bytes(random(0, 20), "cubicreno\0 ")
  end
  return draw.bytes(draw.one(SIZES))
end

local CALLS = {
  function()
    local family, level, name = levels.draw_option()
    return { "new", family, level, name, data() }
  end,
  function()
    local family, level, name = levels.draw_option()
    return { "int", family, level, name, draw.integer() }
  end,
  function()
    local family, level, name = levels.draw_option()
    return { "byte", family, level, name, random(0, 255) }
  end,
  function()
    local family, level, name = levels.draw_option()
    return { "bool", family, level, name, draw.chance(2) }
  end,
  function()
    local seconds = draw.one { 0, 1, 10, draw.integer() }
    return { "linger", draw.one { true, false, 0, 1, 2, -1 }, seconds }
  end,
  function()
    return { draw.one { "ipv4_multicast_ttl", "ipv4_multicast_loop" },
      random(0, 255) }
  end,
}

-- Half of them `new`, where the data are anything.
return {
  draw = function()
    if draw.chance(2) then return CALLS[1]() end
    return draw.call(CALLS)
  end,
  perform = function(answer, name, ...)
    local option = answer:add("made", Option[name], ...)
    if option then answer:add_all(option, READERS) end
  end,
}
