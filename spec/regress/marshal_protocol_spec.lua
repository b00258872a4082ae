-- The protocol's name was left out where the family of the protocol is not that
-- of the address. As in Ruby, the address decides.

local Socket = require "socket"

local Addrinfo = Socket.Addrinfo
local IPV4 = Socket.pack_sockaddr_in(80, "127.0.0.1")

describe("the table made of an Addrinfo", function()
  it("names the protocol where the address is an Internet one", function()
    assert.equal("IPPROTO_TCP",
      Addrinfo.new(IPV4, "UNSPEC", "STREAM", 6):marshal_dump()[5])
    assert.equal("IPPROTO_TCP",
      Addrinfo.new(IPV4, "UNIX", "STREAM", 6):marshal_dump()[5])
    local unix = Socket.pack_sockaddr_un("/path")
    assert.equal(6, Addrinfo.new(unix, "INET", "STREAM", 6):marshal_dump()[5])
  end)
end)
