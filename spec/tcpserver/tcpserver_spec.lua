local Socket = require "socket"

local TCPServer, TCPSocket = Socket.TCPServer, Socket.TCPSocket

describe("TCPServer.new", function()
  it("listens at the host, or at any address without one", function()
    local one <close> = assert(TCPServer.new("127.0.0.1", 0))
    assert.equal("127.0.0.1", one:addr()[4])
    for _, server in ipairs { TCPServer.new(0), TCPServer.new(nil, 0),
      TCPServer.new("", "0"), TCPServer.open(0) } do
      local _ <close> = server
      assert.is_truthy(({ ["0.0.0.0"] = true, ["::"] = true })[
        server:addr()[4]])
      assert.is_true(server:getsockopt("SOCKET", "REUSEADDR"):bool())
    end
  end)

  it("passes the server to its block, and closes it", function()
    local kept
    assert.equal("done", TCPServer.open("127.0.0.1", 0, function(server)
      kept = server
      return "done"
    end))
    assert.is_true(kept:is_closed())
  end)

  it("names the host and the port when it fails", function()
    local taken <close> = assert(TCPServer.new("127.0.0.1", 0))
    local port = taken:addr()[2]
    local server, err = TCPServer.new("127.0.0.1", port)
    assert.is_nil(server)
    assert.equal(('Address already in use - bind(2) for "127.0.0.1" port %d')
      :format(port), tostring(err))
  end)
end)

describe("a TCPServer", function()
  it("accepts a TCPSocket, alone", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    assert.equal(Socket.WAIT_READABLE, select(2, server:accept_nonblock()))
    local client <close> =
      assert(TCPSocket.new("127.0.0.1", server:addr()[2]))
    local results = table.pack(server:accept { timeout = 5 })
    local accepted <close> = results[1]
    assert.equal(1, results.n)
    assert.is_true(accepted:is_a(TCPSocket))
    assert.is_false(accepted:is_a(TCPServer))
    assert.same(client:addr(), accepted:peeraddr())
  end)

  it("gives a bare fd", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    local client <close> =
      assert(TCPSocket.new("127.0.0.1", server:addr()[2]))
    local results = table.pack(server:sysaccept())
    assert.same({ "integer", 1 }, { math.type(results[1]), results.n })
    local accepted <close> = assert(TCPSocket.for_fd(results[1]))
    assert.is_true(accepted:is_close_on_exec())
    assert.same(client:addr(), accepted:peeraddr())
  end)

  it("may change its backlog", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    assert.equal(0, server:listen(1))
    assert.error_matches(function() server:listen("many") end, "#1")
    server:close()
    for _, name in ipairs { "accept", "accept_nonblock", "sysaccept",
      "listen" } do
      local result, err = server[name](server, name == "listen" and 1 or nil)
      assert.is_nil(result)
      assert.equal("closed stream", tostring(err))
    end
  end)

  it("keeps its choice when that for new sockets changes", function()
    local server <close> = assert(TCPServer.new("127.0.0.1", 0))
    assert.is_true(server:do_not_reverse_lookup())
    Socket.BasicSocket.set_do_not_reverse_lookup(false)
    local later = assert(Socket.UDPSocket.new())
    Socket.BasicSocket.set_do_not_reverse_lookup(true)
    local _ <close> = later
    assert.is_false(later:do_not_reverse_lookup())
    assert.is_true(server:do_not_reverse_lookup())
  end)
end)
