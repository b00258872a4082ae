-- Loading the module a second time replaced what the sockets of a state share,
-- and the collector freed it under the sockets made before. It is kept now.

local net = require "spec.support.net"

describe("loading the module anew", function()
  it("leaves the sockets made before as they are", function()
    local a, b, _ <close> = net.pair()
    local old = package.loaded["socket.native"]
    package.loaded["socket.native"] = nil
    local new = require "socket.native"
    package.loaded["socket.native"] = old
    assert.are_not.equal(old, new)
    collectgarbage()
    assert.are.equal(5, b:write("line\n"))
    assert.are.equal("line\n", a:gets())
    assert.are.equal("TimeoutError",
      select(2, a:recv(1, 0, { timeout = 0.001 })).name)
  end)
end)
