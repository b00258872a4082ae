local Socket = require "socket"
local net = require "spec.support.net"

describe("Socket.ip_address_list", function()
  it("lists this machine's addresses, without ports", function()
    local found = {}
    for _, addrinfo in ipairs(assert(Socket.ip_address_list())) do
      assert.is_true(addrinfo:is_ip())
      assert.equal(addrinfo:afamily(), addrinfo:pfamily())
      assert.equal(0, addrinfo:socktype())
      assert.equal(0, addrinfo:protocol())
      assert.equal(0, addrinfo:ip_port())
      found[addrinfo:ip_address()] = true
    end
    assert.is_true(found["127.0.0.1"])
    if net.has_ipv6() then assert.is_true(found["::1"]) end
  end)

  it("gives a new list at each call", function()
    assert.is_not.equal(Socket.ip_address_list(), Socket.ip_address_list())
    assert.same(#Socket.ip_address_list(), #Socket.ip_address_list())
  end)
end)
