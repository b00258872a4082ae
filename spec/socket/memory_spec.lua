local Socket = require "socket"
local net = require "spec.support.net"

local COUNT = 100
local MOST = 400 -- bytes, of Lua's own and of the allocator behind it

local function bytes()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024
end

describe("an idle accepted socket", function()
  it("costs little memory", function()
    local server <close>, address = net.listener("127.0.0.1", COUNT)
    local clients, socks = {}, {}
    for i = 1, COUNT do
      clients[i] = assert(Socket.new("INET", "STREAM"))
      assert(clients[i]:connect(address))
      socks[i] = false
    end
    local before = bytes()
    for i = 1, COUNT do
      socks[i] = assert(server:accept())
    end
    local each = (bytes() - before) / COUNT
    for i = 1, COUNT do
      clients[i]:close()
      socks[i]:close()
    end
    assert.is_true(each < MOST, ("%.0f bytes"):format(each))
  end)
end)
