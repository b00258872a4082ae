local Socket = require "socket"
local net = require "spec.support.net"

local UDPSocket = Socket.UDPSocket

local function bound(host, domain)
  local sock = assert(UDPSocket.new(domain))
  assert(sock:bind(host, 0))
  return sock
end

local function fails(message, ...)
  local result, err = ...
  assert.is_nil(result)
  assert.equal(message, tostring(err))
end

describe("UDPSocket.new", function()
  it("makes an IPv4 socket unless told otherwise", function()
    local sock <close> = assert(UDPSocket.new())
    assert.equal("AF_INET", sock:addr()[1])
    if not net.has_ipv6() then return end
    for _, family in ipairs { "INET6", "AF_INET6", Socket.AF_INET6 } do
      local other <close> = assert(UDPSocket.open(family))
      assert.equal("AF_INET6", other:addr()[1])
    end
  end)

  it("refuses an unknown family, and returns the system's refusal", function()
    assert.error_matches(function() UDPSocket.new("FOO") end, "FOO")
    fails("Address family not supported by protocol - socket(2) - udp",
      UDPSocket.new(9999))
  end)

  it("closes after its block", function()
    local kept
    assert.equal("done", UDPSocket.open(function(sock)
      kept = sock
      return "done"
    end))
    assert.is_true(kept:is_closed())
  end)
end)

describe("UDPSocket:send", function()
  net.each_family(function(host, name, domain)
    it("takes a host and a port over " .. name, function()
      local a <close>, b = bound(host, domain), bound(host, domain)
      local _ <close>, port = b, b:addr()[2]
      assert.equal(1, a:send("1", 0, host, port))
      assert.equal(1, a:send("2", nil, host, tostring(port)))
      assert.equal(1, a:send("3", 0, nil, port))
      assert.equal(1, a:send("4", 0, host, port, { timeout = 1 }))
      assert.equal(1, a:send("5", 0, b:local_address()))
      assert.equal(1, a:send("6", 0, b:sockname()))
      a:connect(host, port)
      assert.equal(1, a:send("7", 0))
      assert.equal(1, a:send("8"))
      assert.equal(1, a:send({ "", { { "9" } } }, 0, host, port))
      for i = 1, 9 do
        assert.equal(tostring(i), b:recv(10))
      end
    end)
  end)

  it("finds the host by name", function()
    local a <close> = bound("127.0.0.1")
    assert.equal(5, a:send("hello", 0, "localhost", a:addr()[2]))
    assert.equal(5, a:send("hello", 0, "localhost", a:addr()[2],
      { timeout = 5 }))
    assert.same({ "hello", a:addr() }, { a:recvfrom() })
  end)

  it("names the host and the port when it fails", function()
    local sock <close> = assert(UDPSocket.new())
    fails('Invalid argument - sendto(2) for "127.0.0.1" port 0',
      sock:send("x", 0, "127.0.0.1", 0))
    fails("Destination address required - send(2)", sock:send("x", 0))
    fails("getaddrinfo: Address family for hostname not supported",
      sock:send("x", 0, "::1", 9))
  end)

  it("raises on what is no host or port", function()
    local sock <close> = assert(UDPSocket.new())
    assert.error_matches(function()
      sock:send("x", 0, {}, 9)
    end, "bad argument #3 to 'send' %(host must be a string")
    assert.error_matches(function()
      sock:send({ true }, 0, "127.0.0.1", 9)
    end, "bad argument #1 to 'send'")
    assert.error_matches(function()
      sock:send("x", 0, "127.0.0.1", 70000)
    end, "bad argument #4 to 'send' %(port 70000 is not within")
    assert.error_matches(function()
      sock:send("x", 0, "127.0.0.1", 9, { tmeout = 1 })
    end, "unknown keyword 'tmeout'")
    assert.error_matches(function() sock:send(nil, 0, "::1", 9) end, "#1")
  end)

  it("fails on a closed socket", function()
    local sock = assert(UDPSocket.new())
    sock:close()
    fails("closed stream", sock:send("x", 0, "127.0.0.1", 9))
    fails("closed stream", sock:send("x", 0))
    fails("closed stream", sock:bind("127.0.0.1", 0))
    fails("closed stream", sock:connect("127.0.0.1", 9))
    fails("closed stream", sock:recvfrom_nonblock(3))
  end)
end)

describe("UDPSocket:bind and connect", function()
  it("give 0", function()
    local sock <close> = assert(UDPSocket.new())
    assert.equal(0, sock:bind("127.0.0.1", 0, { timeout = 1 }))
    assert.equal(0, sock:connect("127.0.0.1", sock:addr()[2]))
    assert.same(sock:addr(), sock:peeraddr())
  end)

  it("take the loopback address for nil, and any for an empty host", function()
    local own <close>, any = assert(UDPSocket.new()), assert(UDPSocket.new())
    local _ <close> = any
    assert.equal(0, own:bind(nil, 0))
    assert.equal("127.0.0.1", own:addr()[4])
    assert.equal(0, any:bind("", 0))
    assert.equal("0.0.0.0", any:addr()[4])
  end)

  it("name the host and the port when they fail", function()
    local taken <close> = bound("127.0.0.1")
    local sock <close> = assert(UDPSocket.new())
    local port = taken:addr()[2]
    fails(('Address already in use - bind(2) for "127.0.0.1" port %d'):format(
      port), sock:bind("127.0.0.1", port))
    fails("getaddrinfo: Address family for hostname not supported",
      sock:connect("::1", 9))
  end)
end)
