-- Where a datagram came from, and the way to answer it.

local keywords = require "socket.keywords"
local native = require "socket.native"

local Addrinfo, AncillaryData = native.Addrinfo, native.AncillaryData
local Constants = native.Constants

local select = select
local level_of, type_of = AncillaryData.level, AncillaryData.type
local send, sendmsg = native.BasicSocket.send, native.BasicSocket.sendmsg

-- What the control messages with a datagram's destination are; false where the
-- platform has none of that kind.
local IP, IPV6 = Constants.IPPROTO_IP, Constants.IPPROTO_IPV6
local PKTINFO = Constants.IP_PKTINFO or false
local PKTINFO6 = Constants.IPV6_PKTINFO or false

local UDPSource = {}

local metatable = {
  __index = UDPSource,
  __name = "socket.UDPSource",
}

local function check(self, name)
  if getmetatable(self) == metatable then return end
  local why = "UDPSource expected, got " .. type(self)
  error(("bad argument #1 to '%s' (%s)"):format(name, why), 3)
end

--- Makes a source whose replies go to a function. Answers to Ruby's
-- `Socket::UDPSource.new`.
-- @function UDPSource.new
-- @tparam Addrinfo remote_address the sender
-- @tparam Addrinfo local_address where the datagram arrived
-- @tparam function fn is called with each reply; `reply` returns what it does
-- @treturn UDPSource
function UDPSource.new(remote_address, local_address, fn)
  keywords.check_addrinfo(remote_address, 1, "new")
  keywords.check_addrinfo(local_address, 2, "new")
  keywords.check_block(fn, 3, "new")
  return setmetatable({
    remote = remote_address,
    here = local_address,
    answer = fn,
    socket = nil, -- that it arrived at; replies without `answer` go through it
    address = nil, -- that was sent to, without the port
    control = nil, -- for replies
  }, metatable)
end

-- The datagram's destination, if one of the control messages tells it: the
-- Addrinfo, and the control message that makes a reply leave from there. A
-- reply to a group leaves from where the system chooses.
local function destination(...)
  for i = 1, select("#", ...) do
    local control = select(i, ...)
    local level, kind = level_of(control), type_of(control)
    if level == IPV6 and kind == PKTINFO6 then
      local address = control:ipv6_pktinfo_addr()
      return address, not address:is_ipv6_multicast() and control or nil
    elseif level == IP and kind == PKTINFO then
      local address, _, spec_dst = control:ip_pktinfo()
      return address, AncillaryData.ip_pktinfo(spec_dst, 0)
    end
  end
end

-- A source whose replies leave through the socket that the datagram arrived at,
-- from the address that the control messages tell. Without that it is the one
-- that the socket is bound to.
function UDPSource.at(socket, remote_address, ...)
  local address, control
  if ... then address, control = destination(...) end
  return setmetatable({
    remote = remote_address,
    here = nil, -- asked for when it is wanted
    answer = nil,
    socket = socket,
    address = address, -- that was sent to, without the port
    control = control, -- for replies
  }, metatable)
end

--- The sender's address.
-- @function UDPSource:remote_address
-- @treturn Addrinfo
function UDPSource:remote_address()
  check(self, "remote_address")
  return self.remote
end

--- The address that the datagram arrived at.
-- @function UDPSource:local_address
-- @treturn Addrinfo
-- @error nil, err, errno
function UDPSource:local_address()
  check(self, "local_address")
  if self.here then return self.here end
  local bound, err, errno = self.socket:local_address()
  if not bound then return nil, err, errno end
  self.here = bound
  if self.address then
    self.here = Addrinfo.udp(self.address:ip_address(), bound:ip_port())
  end
  return self.here
end

--- Sends a datagram back, from the address that the other one arrived at.
-- @function UDPSource:reply
-- @tparam string message
-- @treturn integer its size in bytes
-- @error nil, err, errno
function UDPSource:reply(message)
  check(self, "reply")
  if self.answer then return self.answer(message) end
  if self.control then
    return sendmsg(self.socket, message, 0, self.remote, self.control)
  end
  return send(self.socket, message, 0, self.remote)
end

local function text_of(address)
  return address and address:inspect_sockaddr() or "closed"
end

--- The source as a text, which `tostring` gives, too.
-- @function UDPSource:inspect
-- @treturn string `"#<Socket::UDPSource: 127.0.0.1:5 to 127.0.0.1:6>"`
function UDPSource:inspect()
  check(self, "inspect")
  return ("#<Socket::UDPSource: %s to %s>"):format(text_of(self.remote),
    text_of(self:local_address()))
end

metatable.__tostring = UDPSource.inspect

return setmetatable(UDPSource, {
  __call = function(class, ...)
    return class.new(...)
  end,
})
