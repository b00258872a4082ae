-- Where a datagram came from, and the way to answer it.

local keywords = require "socket.keywords"
local native = require "socket.native"

local address_of = native.datagram.address
local reply_from = native.datagram.reply
local send = native.BasicSocket.send

local UDPSource = {}

local metatable = {
  __index = UDPSource,
  __name = "socket.UDPSource",
}

local getmetatable, setmetatable = getmetatable, setmetatable

local function refuse(value, name)
  local why = "UDPSource expected, got " .. type(value)
  error(("bad argument #1 to '%s' (%s)"):format(name, why), 3)
end

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
  return setmetatable({
    remote = remote,
    here = here,
    answer = fn,
    socket = nil, -- that it arrived at; replies without `answer` go through it
    from = nil, -- the sender's packed address, where `remote` is not made yet
    to = nil, -- the packed local address, without a port, where it is known
    batch = nil, -- that it came with, and
    ticket = nil, -- its place there
  }, metatable)
end

-- A source whose replies leave through the socket that the datagram arrived at.
-- Of the packed addresses the second, where it was sent to, may be nil; the
-- `ticket` is for an answer through its batch. The fields that are made when
-- they are wanted are left out: this is a server's hot path.
function UDPSource.at(socket, from, to, batch, ticket)
  local source = setmetatable({
    socket = socket,
    from = from,
    batch = batch,
    ticket = ticket,
  }, metatable)
  if to then source.to = to end
  return source
end

--- The sender's address.
-- @function UDPSource:remote_address
-- @treturn Addrinfo
function UDPSource:remote_address()
  if getmetatable(self) ~= metatable then refuse(self, "remote_address") end
  if not self.remote then
    self.remote = address_of(self.from)
  end
  return self.remote
end

--- The address that the datagram arrived at.
-- @function UDPSource:local_address
-- @treturn Addrinfo
-- @error nil, err, errno
function UDPSource:local_address()
  if getmetatable(self) ~= metatable then refuse(self, "local_address") end
  if self.here then return self.here end
  local address, err, errno = self.socket:local_address()
  if not address then return nil, err, errno end
  self.here = self.to and address_of(self.to, address:ip_port())
    or address
  return self.here
end

--- Sends a datagram back, from the address that the other one arrived at. A
-- server loop that has several datagrams at hand sends their answers together,
-- when it has passed them all or the function waits. If the system refuses one
-- of them, that one is lost, and the answers to the next datagrams are sent one
-- by one, so that this function tells what is the matter.
-- @function UDPSource:reply
-- @tparam string message
-- @treturn integer its size in bytes
-- @error nil, err, errno
function UDPSource:reply(message)
  if getmetatable(self) ~= metatable then refuse(self, "reply") end
  local batch = self.batch
  local size = batch and batch:answer(self.ticket, message)
  if size then return size end
  if self.answer then return self.answer(message) end
  if self.to then
    return reply_from(self.socket, message, self.from, self.to)
  end
  return send(self.socket, message, 0, self.from)
end

local function text_of(address)
  return address and address:inspect_sockaddr() or "closed"
end

--- The source as a text, which `tostring` gives, too.
-- @function UDPSource:inspect
-- @treturn string `"#<Socket::UDPSource: 127.0.0.1:5 to 127.0.0.1:6>"`
function UDPSource:inspect()
  if getmetatable(self) ~= metatable then refuse(self, "inspect") end
  return ("#<Socket::UDPSource: %s to %s>"):format(
    text_of(self:remote_address()), text_of(self:local_address()))
end

metatable.__tostring = UDPSource.inspect

return setmetatable(UDPSource, {
  __call = function(class, ...)
    return class.new(...)
  end,
})
