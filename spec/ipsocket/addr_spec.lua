local Socket = require "socket"
local net = require "spec.support.net"

local TCPServer, TCPSocket = Socket.TCPServer, Socket.TCPSocket

-- A server at the host and a connection to it -> server, client, accepted,
-- closer.
local function connected(host)
  local server = assert(TCPServer.new(host, 0))
  local client = assert(TCPSocket.new(host, server:addr()[2]))
  local accepted = assert(server:accept())
  return server, client, accepted, setmetatable({}, {
    __close = function()
      server:close()
      client:close()
      accepted:close()
    end,
  })
end

net.each_family(function(host, name, domain)
  describe("addr and peeraddr over " .. name, function()
    it("tell family, port, host and address", function()
      local server, client, accepted, _ <close> = connected(host)
      local _, port = client:local_address():ip_unpack()
      local family = "AF_" .. domain
      assert.same({ family, port, host, host }, client:addr())
      assert.same({ family, port, host, host }, accepted:peeraddr())
      assert.same(server:addr(), client:peeraddr())
      assert.same(server:addr(), accepted:addr())
    end)

    it("look the name up when asked", function()
      local server, client, _, _ <close> = connected(host)
      local named = Socket.getnameinfo(server:getsockname(), "NUMERICSERV")
      for _, reverse in ipairs { true, "hostname" } do
        assert.same({ "AF_" .. domain, server:addr()[2], named, host },
          server:addr(reverse))
        assert.equal(named, client:peeraddr(reverse)[3])
      end
      server:set_do_not_reverse_lookup(false)
      assert.equal(named, server:addr()[3])
      assert.equal(named, server:addr(nil, { timeout = 5 })[3])
      for _, reverse in ipairs { false, "numeric" } do
        assert.equal(host, server:addr(reverse)[3])
      end
    end)
  end)
end)

describe("addr and peeraddr", function()
  it("refuse another word", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    assert.error_matches(function()
      server:addr("name")
    end, "bad argument #1 to 'addr' %(invalid reverse_lookup flag: name%)")
    assert.error_matches(function()
      server:peeraddr(nil, { timout = 1 })
    end, "unknown keyword 'timout'")
  end)

  it("tell zeros of a socket that is not bound", function()
    local sock <close> = assert(Socket.UDPSocket.new())
    assert.same({ "AF_INET", 0, "0.0.0.0", "0.0.0.0" }, sock:addr())
  end)

  it("say that there is no other end", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    local list, err, errno = server:peeraddr()
    assert.is_nil(list)
    assert.equal("Transport endpoint is not connected - getpeername(2)",
      tostring(err))
    assert.equal(Socket.Errno.ENOTCONN, errno)
  end)

  it("fail on a closed socket", function()
    local sock = assert(Socket.UDPSocket.new())
    sock:close()
    for _, name in ipairs { "addr", "peeraddr", "recvfrom" } do
      local result, err = sock[name](sock)
      assert.is_nil(result)
      assert.equal("closed stream", tostring(err))
    end
  end)
end)

describe("an IPSocket's text", function()
  it("shows the address", function()
    local server, client, _, _ <close> = connected("127.0.0.1")
    assert.equal(("#<TCPServer:fd %d, AF_INET, 127.0.0.1, %d>"):format(
      server:fileno(), server:addr()[2]), tostring(server))
    client:close()
    assert.equal("#<TCPSocket:(closed)>", client:inspect())
  end)
end)

describe("getaddress", function()
  it("gives a numeric address as it is", function()
    assert.equal("127.0.0.1", Socket.IPSocket.getaddress("127.0.0.1"))
    assert.equal("::1", TCPSocket.getaddress("::1"))
  end)
end)
