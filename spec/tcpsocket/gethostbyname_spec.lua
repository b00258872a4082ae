local Socket = require "socket"

local TCPSocket = Socket.TCPSocket

describe("TCPSocket.gethostbyname", function()
  it("gives the addresses as texts", function()
    assert.same({ "127.0.0.1", {}, Socket.AF_INET, "127.0.0.1" },
      { TCPSocket.gethostbyname("127.0.0.1") })
    assert.same({ "::1", {}, Socket.AF_INET6, "::1" },
      { TCPSocket.gethostbyname("::1") })
  end)

  it("takes a timeout, and raises on nil", function()
    assert.equal("127.0.0.1", (TCPSocket.gethostbyname("127.0.0.1",
      { timeout = 1 })))
    assert.error_matches(function()
      TCPSocket.gethostbyname(nil)
    end, "bad argument #1 to 'gethostbyname' %(host expected")
  end)
end)
