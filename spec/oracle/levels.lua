-- Families, levels and the names of options and control messages, as a program
-- may write them.

local Socket = require "socket"
local draw = require "spec.oracle.draw"

local random = math.random

local levels = {}

local FAMILIES = { "INET", "AF_INET", "INET6", "PF_INET6", "UNIX", "AF_UNIX",
  "UNSPEC", "LOCAL", 0, 1, 2, 10, 17, 77 }

-- A level, its number, and the groups of the names that belong to it.
local LEVELS = {
  { names = { "SOCKET", "SOL_SOCKET", 1 }, options = { "SO_" },
    messages = { "SCM_" } },
  { names = { "IP", "IPPROTO_IP", 0 }, options = { "IP_" },
    messages = { "IP_" } },
  { names = { "IPV6", "IPPROTO_IPV6", 41 }, options = { "IPV6_" },
    messages = { "IPV6_" } },
  { names = { "TCP", "IPPROTO_TCP", 6 }, options = { "TCP_" },
    messages = { "TCP_" } },
  { names = { "UDP", "IPPROTO_UDP", 17 }, options = { "UDP_" },
    messages = { "UDP_" } },
  { names = { "ICMP", 1, 58, 255, 999, "NOSUCH" }, options = { "SO_", "IP_" },
    messages = { "SCM_", "IP_" } },
}

-- The names of each group, in order: a seed gives the same cases everywhere.
local groups = setmetatable({}, {
  __index = function(self, prefix)
    local names = {}
    for name in pairs(Socket.Constants) do
      if name:sub(1, #prefix) == prefix then names[#names + 1] = name end
    end
    table.sort(names)
    self[prefix] = names
    return names
  end,
})

-- With its prefix, without it, or as a number.
local function draw_name(prefixes)
  local prefix = draw.one(prefixes)
  local name = draw.one(groups[prefix])
  local form = random(4)
  if form == 1 then return name end
  if form == 2 then return name:sub(#prefix + 1) end
  if form == 3 then return Socket.Constants[name] end
  return random(0, 80)
end

local function draw_of(kind)
  local level = draw.one(LEVELS)
  if draw.chance(3) then level = LEVELS[1] end
  local names = draw.chance(20) and draw.one(LEVELS)[kind] or level[kind]
  return draw.one(FAMILIES), draw.one(level.names), draw_name(names)
end

function levels.draw_option()
  return draw_of "options"
end

function levels.draw_message()
  return draw_of "messages"
end

return levels
