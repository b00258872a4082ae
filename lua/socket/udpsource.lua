-- Where a datagram came from, and the way to answer it.

local keywords = require "socket.keywords"
local native = require "socket.native"

local address_of = native.datagram.address
local make = native.datagram.make

local UDPSource = native.UDPSource

local FAMILY_SIZE = 2 -- bytes that every packed address has

-- Whether it may be an address that is no Addrinfo yet.
local function is_plain(value)
  if type(value) == "string" then return #value >= FAMILY_SIZE end
  return type(value) == "table"
end

-- An end in any of an address's forms, as an Addrinfo.
local function check_end(value, arg)
  if is_plain(value) then
    return keywords.blame("new", 1 - arg, pcall(address_of, value))
  end
  keywords.check_addrinfo(value, arg, "new")
  return value
end

--- Makes a source whose replies go to a function. Answers to Ruby's
-- `Socket::UDPSource.new`.
-- @function UDPSource.new
-- @tparam Addrinfo|string|table remote_address the sender
-- @tparam Addrinfo|string|table local_address where the datagram arrived
-- @tparam function fn is called with each reply; `reply` returns what it does
-- @treturn UDPSource
function UDPSource.new(remote_address, local_address, fn)
  local remote = check_end(remote_address, 1)
  local here = check_end(local_address, 2)
  keywords.check_block(fn, 3, "new")
  return make(remote, here, fn)
end

return setmetatable(UDPSource, {
  __call = function(class, ...)
    return class.new(...)
  end,
})
