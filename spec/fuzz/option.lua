-- Options of any family, level, name and data: each reader and the text.

local Socket = require "socket"
local Input = require "spec.fuzz.input"
local calls = require "spec.fuzz.calls"

local Option = Socket.Option

local READERS = { "int", "bool", "byte", "linger", "ipv4_multicast_ttl",
  "ipv4_multicast_loop", "data", "to_s", "inspect", "family", "level",
  "optname" }
local FAMILIES = { 0, 1, 2, 10, 17, "INET", "INET6", "UNIX", 255 }
local LEVELS = { 0, 1, 6, 17, 41, 58, 255, "SOCKET", "IP", "TCP", "UDP",
  "IPV6", "ICMPV6" }

local FORMATS = { "i4", "<I8", "z", "s1", "c16", "i4i4", ">I2B", "d" }

return function(bytes)
  local input = Input.new(bytes)
  local family, level = input:choose(FAMILIES), input:choose(LEVELS)
  local name, format = input:below(128), input:choose(FORMATS)
  local ok, option = calls.try(Option, "new", family, level, name, input:rest())
  if not ok then return end
  calls.try_all(Option, READERS, option)
  pcall(option.unpack, option, format)
  pcall(Option.new, family, level, input:take(8), "")
end
