-- Messages between two unix sockets: all that was sent is there before the
-- first is received, and some calls find nothing any more.

local Socket = require "socket"
local draw = require "spec.oracle.draw"

local random = math.random

local TYPES = { "DGRAM", "SEQPACKET", "STREAM" }

local function size()
  return draw.one { 0, 1, 3, 10, 100, 1000, random(0, 3000) }
end

-- Not TRUNC: Ruby 3.1 aborts when it is told a size beyond its buffer.
local function flags()
  return draw.chance(2) and Socket.MSG_PEEK or 0
end

local RECEIVE = {
  function() return { "recv_nonblock", size() } end,
  function() return { "recv_nonblock", size(), flags() } end,
  function() return { "recvfrom_nonblock", size() } end,
  function() return { "recvmsg_nonblock", size() } end,
  function() return { "recvmsg_nonblock", size(), flags() } end,
  function() return { "recvmsg_nonblock" } end,
}

local function draw_all(most, one)
  local list = {}
  for i = 1, random(0, most) do
    list[i] = one()
  end
  return list
end

local function sending()
  return { draw.one { "send", "sendmsg" }, draw.bytes(size()), 0 }
end

local function receiving()
  return draw.call(RECEIVE)
end

return {
  draw = function()
    return { draw.one(TYPES), draw.chance(2), draw_all(4, sending),
      draw_all(6, receiving) }
  end,
  perform = function(answer, socktype, shuts, sent, received)
    local peer, sock = assert(Socket.pair("UNIX", socktype, 0))
    local _ <close> = peer
    local _ <close> = sock
    for i, call in ipairs(sent) do
      answer:add("sent " .. i, peer[call[1]], peer, table.unpack(call, 2))
    end
    if shuts then peer:shutdown "WR" end
    for i, call in ipairs(received) do
      answer:add(i .. ":" .. call[1], sock[call[1]], sock,
        table.unpack(call, 2))
    end
  end,
}
