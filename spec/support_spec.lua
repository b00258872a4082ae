local Socket = require "socket"
local fds = require "spec.support.fds"
local net = require "spec.support.net"

describe("the helpers of the specs", function()
  it("make connected pairs of every kind", function()
    for _, make in ipairs { net.pair, net.tcp_pair, net.udp_pair } do
      local a, b, _ <close> = make()
      assert.are.equal(2, a:send("ab", 0))
      assert.are.equal("ab", b:recv(10))
    end
  end)

  net.each_family(function(host, name)
    it("find a closed port over " .. name, function()
      local port, holder <close> = net.closed_port(host)
      local domain = holder:local_address():afamily()
      local sock <close> = assert(Socket.new(domain, "STREAM"))
      local ok, err = sock:connect(Socket.pack_sockaddr_in(port, host))
      assert.is_nil(ok)
      assert.are.equal("ECONNREFUSED", err.name)
    end)

    it("fill a listener's queue over " .. name, function()
      local server, address, _, _ <close> = net.full_listener(host)
      local domain = server:local_address():afamily()
      local sock <close> = assert(Socket.new(domain, "STREAM"))
      local ok, err = sock:connect(address, { timeout = 0.01 })
      assert.is_nil(ok)
      assert.are.equal("TimeoutError", err.name)
    end)
  end)

  it("tell which fds were left open", function()
    local before = fds.list()
    local a, _, _ <close> = net.pair()
    assert.are.equal(2, #fds.since(before))
    a:close()
    assert.are.equal(1, #fds.since(before))
  end)
end)
