-- Control messages of any family, level, type and data: each reader and the
-- text. None owns a descriptor, whatever its bytes say.

local AncillaryData = require("socket").AncillaryData
local Input = require "spec.fuzz.input"
local calls = require "spec.fuzz.calls"

local READERS = { "family", "level", "type", "data", "int", "timestamp",
  "ip_pktinfo", "ipv6_pktinfo", "ipv6_pktinfo_addr", "ipv6_pktinfo_ifindex",
  "unix_rights", "value", "inspect" }
local FAMILIES = { 0, 1, 2, 10, "INET", "INET6", "UNIX", 255 }

-- Those that mean something, more often than others.
local KINDS = { { 1, 1 }, { 1, 2 }, { 1, 29 }, { 1, 35 }, { 1, 37 }, { 0, 1 },
  { 0, 8 }, { 0, 11 }, { 0, 20 }, { 41, 25 }, { 41, 50 }, { 41, 67 },
  { 41, 74 } }

local function kind(input)
  local chosen = KINDS[input:below(#KINDS + 2) + 1]
  if chosen then return chosen[1], chosen[2] end
  return input:choose { 0, 1, 6, 17, 41, 255 }, input:below(80)
end

return function(bytes)
  local input = Input.new(bytes)
  local family, level, type = input:choose(FAMILIES), kind(input)
  local other, index = input:choose { "IP", "SOCKET", 41 }, input:below(9)
  local rest = input:rest()
  local ok, message = calls.try(AncillaryData, "new", family, level, type, rest)
  if not ok then return end
  calls.try_all(AncillaryData, READERS, message)
  calls.try(AncillaryData, "cmsg_is", message, other, index)
  calls.try(AncillaryData, "ip_pktinfo", rest, index, rest)
  calls.try(AncillaryData, "ipv6_pktinfo", rest, index)
end
