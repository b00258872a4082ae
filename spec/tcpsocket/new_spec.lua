local Socket = require "socket"
local net = require "spec.support.net"

local TCPServer, TCPSocket = Socket.TCPServer, Socket.TCPSocket

local function fails(message, ...)
  local result, err = ...
  assert.is_nil(result)
  assert.equal(message, tostring(err))
  return err
end

describe("TCPSocket.new", function()
  net.each_family(function(host, name)
    it("connects over " .. name .. ", from an own address if asked", function()
      local server <close> = assert(TCPServer.new(host, 0))
      local port = server:addr()[2]
      local client <close> = assert(TCPSocket.new(host, port, host, 0))
      local accepted <close> = assert(server:accept())
      assert.is_true(client:is_a(TCPSocket) and accepted:is_a(TCPSocket))
      assert.same(client:addr(), accepted:peeraddr())
      assert.is_true(client:getsockopt("SOCKET", "REUSEADDR"):bool())
      local other <close> = assert(TCPSocket(host, tostring(port)))
      assert.is_false(other:getsockopt("SOCKET", "REUSEADDR"):bool())
    end)
  end)

  it("passes the socket to its block, and closes it", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    local kept
    assert.equal("done", TCPSocket.open("127.0.0.1", server:addr()[2],
      { connect_timeout = 5, resolv_timeout = 5 }, function(sock)
        kept = sock
        return "done"
      end))
    assert.is_true(kept:is_closed())
  end)

  it("names the host and the port when it fails", function()
    local port, keeper = net.closed_port("127.0.0.1")
    local _ <close> = keeper
    local text = ('Connection refused - connect(2) for "127.0.0.1" port %d')
      :format(port)
    fails(text, TCPSocket.new("127.0.0.1", port))
    fails(text, TCPSocket.new("127.0.0.1", port, { open_timeout = 5 }))
    fails('Cannot assign requested address - bind(2) for "198.51.100.1" port 0',
      TCPSocket.new("127.0.0.1", port, "198.51.100.1", 0))
  end)

  it("waits no longer than each timeout lets it", function()
    local server, _, port, closer = net.full_listener()
    local _ <close> = closer
    assert.is_false(server:is_closed())
    local text = ('Connection timed out - connect(2) for "127.0.0.1" port %d')
      :format(port)
    for _, name in ipairs { "connect_timeout", "open_timeout", "timeout" } do
      local err = fails(text, TCPSocket.new("127.0.0.1", port,
        { [name] = 0.02 }))
      assert.equal(Socket.TIMEOUT, err)
    end
  end)

  it("takes no open_timeout beside another", function()
    for _, name in ipairs { "connect_timeout", "resolv_timeout" } do
      assert.error_matches(function()
        TCPSocket.new("127.0.0.1", 9, { open_timeout = 1, [name] = 1 })
      end, "open_timeout stands alone")
    end
  end)
end)
