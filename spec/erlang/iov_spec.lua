-- Data in several strings: recvv, sendv, rest_iov.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local EXACT = { exact = true }

describe("recvv", function()
  it("fills one piece after the other", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "hello world")
    assert.same({ "h", "el", "lo wor" }, b:recvv { 1, 2, 6 })
    assert.same({ "l", "d" }, b:recvv { 1, 5, 10 })
  end)

  it("takes what is there without sizes", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "hello")
    assert.same({ "hello" }, b:recvv())
  end)

  it("takes the flags and keywords of recv", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "hello")
    assert.same({ "hel", "l" }, b:recvv({ 3, 1 }, "PEEK"))
    local value, err = b:recvv({ 3, 3 }, { exact = true, timeout = 0.01 })
    assert.is_nil(value)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal("hello", err.partial)
  end)

  it("gives an empty datagram as no piece, the end as nil", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert(a:send "")
    assert.same({}, b:recvv { 5 })
    local c, d, _ <close> = net.pair()
    c:close()
    assert.same({ n = 1, nil }, table.pack(d:recvv { 5 }))
  end)

  it("refuses bad sizes", function()
    local a, _, _ <close> = net.pair()
    assert.error_matches(function() a:recvv(5) end, "#1 to 'recvv'")
    assert.error_matches(function() a:recvv { 1, 0 } end,
      "size 2 must be a positive integer, not 0")
  end)
end)

describe("sendv", function()
  it("sends all strings, nested at will", function()
    local a, b, _ <close> = net.pair()
    assert.equal(7, a:sendv { "ab", { "c", { 12 } }, "", "de" })
    assert.equal("abc12de", b:recv(10))
    assert.equal(0, a:sendv {})
  end)

  it("sends more than one system call takes", function()
    local pieces = {}
    for i = 1, 3000 do pieces[i] = ("%04d"):format(i) end
    for _, socktype in ipairs { "STREAM", "DGRAM" } do
      local a, b, _ <close> = net.pair(socktype)
      assert.equal(12000, a:sendv(pieces))
      assert.equal(table.concat(pieces), b:recv(20000))
    end
  end)

  it("goes on with the rest after a timeout", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local iov = {}
      for i = 1, 100 do iov[i] = ("%05d"):format(i):rep(2000) end
      local whole = table.concat(iov)
      local sent, err = a:sendv(iov, { timeout = 0.01 })
      assert.is_nil(sent)
      assert.is_true(err == Socket.TIMEOUT)
      local rest = Socket.rest_iov(err.written, iov)
      assert.equal(err.rest, table.concat(rest))
      local reader = Socket.schedule(b.recv, b, #whole, 0, EXACT)
      assert.equal(#err.rest, a:sendv(rest))
      assert.equal(whole, tasks.result(reader))
    end)
  end)

  it("goes to the peer of a UDP socket", function()
    local a <close> = assert(Socket.UDPSocket.new())
    local b <close> = assert(Socket.UDPSocket.new())
    assert(b:bind("127.0.0.1", 0))
    assert(a:connect("127.0.0.1", b:local_address():ip_port()))
    assert.equal(2, a:sendv { "a", "b" })
    assert.equal("ab", (b:recv { timeout = 5 }))
  end)

  it("fails on a closed socket, and with what is no list", function()
    local a, _, _ <close> = net.pair()
    assert.error_matches(function() a:sendv "x" end, "table expected")
    assert.error_matches(function() a:sendv { true } end,
      "string or array expected")
    assert.error_matches(function() a:sendv({ "x" }, { timout = 1 }) end,
      "unknown keyword 'timout'")
    a:close()
    assert.equal("IOError", select(2, a:sendv { "x" }).name)
  end)
end)

describe("rest_iov", function()
  local rest_iov = Socket.rest_iov

  it("drops what was sent", function()
    local iov = { "abc", { "de", {} }, "", "f" }
    assert.same({ "abc", "de", "f" }, rest_iov(0, iov))
    assert.same({ "c", "de", "f" }, rest_iov(2, iov))
    assert.same({ "de", "f" }, rest_iov(3, iov))
    assert.same({ "f" }, rest_iov(5, iov))
    assert.same({}, rest_iov(6, iov))
    assert.same({}, rest_iov(0, {}))
  end)

  it("refuses what cannot be", function()
    assert.error_matches(function() rest_iov(2, { "a" }) end,
      "#1 to 'rest_iov' %(there are fewer bytes")
    assert.error_matches(function() rest_iov(-1, {}) end, "#1 to 'rest_iov'")
    assert.error_matches(function() rest_iov(0, "x") end, "#2 to 'rest_iov'")
  end)
end)
