-- Where a datagram came from, and the way to answer it.

local keywords = require "socket.keywords"
local native = require "socket.native"

local send = native.BasicSocket.send

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
  }, metatable)
end

-- A source whose replies leave through the socket that the datagram arrived at.
function UDPSource.at(socket, remote_address)
  return setmetatable({
    remote = remote_address,
    here = nil, -- asked for when it is wanted
    answer = nil,
    socket = socket,
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
  local address, err, errno = self.socket:local_address()
  if not address then return nil, err, errno end
  self.here = address
  return address
end

--- Sends a datagram back, from the address that the other one arrived at.
-- @function UDPSource:reply
-- @tparam string message
-- @treturn integer its size in bytes
-- @error nil, err, errno
function UDPSource:reply(message)
  check(self, "reply")
  if self.answer then return self.answer(message) end
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
