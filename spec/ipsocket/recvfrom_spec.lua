local Socket = require "socket"
local net = require "spec.support.net"

local UDPSocket, TCPServer, TCPSocket =
  Socket.UDPSocket, Socket.TCPServer, Socket.TCPSocket

local function bound(host, domain)
  local sock = assert(UDPSocket.new(domain))
  assert(sock:bind(host, 0))
  return sock
end

net.each_family(function(host, name, domain)
  describe("recvfrom over " .. name, function()
    it("tells the sender as a list", function()
      local a <close>, b = bound(host, domain), bound(host, domain)
      local _ <close> = b
      assert.equal(5, a:send("hello", 0, host, b:addr()[2]))
      local message, from = b:recvfrom(100)
      assert.equal("hello", message)
      assert.same(a:addr(), from)
      a:send("again", 0, b:getsockname())
      assert.same({ "again", a:addr() }, { b:recvfrom_nonblock(100) })
    end)
  end)
end)

describe("recvfrom", function()
  it("says when the length cut the datagram", function()
    local a <close> = bound("127.0.0.1")
    a:send("hello", 0, a:getsockname())
    local message, from, is_cut = a:recvfrom(2)
    assert.same({ "he", a:addr(), true }, { message, from, is_cut })
    a:send("hello", 0, a:getsockname())
    assert.equal(2, select("#", a:recvfrom()))
  end)

  it("tells no sender of a connected stream", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    local client <close> =
      assert(TCPSocket.new("127.0.0.1", server:addr()[2]))
    local accepted <close> = server:accept()
    client:send("hello")
    local results = table.pack(accepted:recvfrom(10))
    assert.same({ "hello", nil, n = 2 }, results)
    client:close()
    assert.equal(1, select("#", accepted:recvfrom(10)))
    assert.is_nil(accepted:recvfrom(10))
  end)

  it("looks the sender's name up if the socket does so", function()
    local a <close> = bound("127.0.0.1")
    a:set_do_not_reverse_lookup(false)
    local named = Socket.getnameinfo(a:getsockname(), "NUMERICSERV")
    local sender = { "AF_INET", a:addr(false)[2], named, "127.0.0.1" }
    a:send("hello", 0, a:getsockname())
    assert.same({ "hello", sender }, { a:recvfrom() })
    a:send("hello", 0, a:getsockname())
    assert.same({ "hell", sender, true }, { a:recvfrom_nonblock(4) })
    a:send(("x"):rep(20000), 0, a:getsockname())
    assert.same({ ("x"):rep(20000), sender },
      { a:recvfrom(nil, { timeout = 5 }) })
  end)

  it("waits no longer than it may", function()
    local a <close> = bound("127.0.0.1")
    assert.equal(Socket.TIMEOUT, select(2, a:recvfrom(1, { timeout = 0.01 })))
    assert.equal(Socket.WAIT_READABLE, select(2, a:recvfrom_nonblock(1)))
    assert.equal(Socket.WAIT_READABLE, select(2, a:recvfrom(1, "DONTWAIT")))
  end)
end)
