local Socket = require "socket"
local net = require "spec.support.net"

describe("recv", function()
  it("takes at most the length, and leaves the rest", function()
    local a, b, _ <close> = net.pair()
    assert.equal(5, a:send("hello"))
    assert.equal("he", b:recv(2))
    assert.equal("llo", b:recv(100))
  end)

  it("takes what is there without a length", function()
    local a, b, _ <close> = net.pair()
    a:send(("x"):rep(70000))
    assert.equal(65536, #b:recv())
    assert.equal(70000 - 65536, #b:recv(nil, 0))
  end)

  it("leaves what it peeks at", function()
    local a, b, _ <close> = net.pair()
    a:send("hello")
    for _, flags in ipairs { "PEEK", "msg_peek", Socket.MSG_PEEK } do
      assert.equal("hello", b:recv(10, flags))
    end
    assert.equal("hello", b:recv(10, { "PEEK", "DONTWAIT" }))
    assert.equal("hello", b:recv(10))
  end)

  it("is exactly one nil at the end of a stream", function()
    local a, b, _ <close> = net.pair()
    a:close()
    assert.equal(1, select("#", b:recv(10)))
    assert.is_nil(b:recv(10))
    assert.is_nil(b:recv())
    assert.is_nil(b:recv_nonblock(10))
    assert.equal("", b:recv(0))
  end)

  it("tells an empty datagram from an end", function()
    local a, b, _ <close> = net.pair("DGRAM")
    assert.equal(0, a:send(""))
    assert.equal("", b:recv(10))
  end)

  it("gives a whole datagram, however long, without a length", function()
    local a, b, _ <close> = net.pair("DGRAM")
    local long = ("0123456789"):rep(15000)
    assert.equal(#long, a:send(long))
    assert.equal(long, b:recv())
    a:send("abcdef")
    assert.equal("abc", b:recv(3))
    assert.equal(Socket.WAIT_READABLE, select(2, b:recv_nonblock()))
  end)

  it("says when there is nothing to take without waiting", function()
    local _, b, _ <close> = net.pair()
    for _, call in ipairs {
      function() return b:recv_nonblock(1) end,
      function() return b:recv(1, "DONTWAIT") end,
      function() return b:recv(1, nil, { timeout = 0 }) end,
      function() return b:recv(1, { timeout = 0 }) end,
      function() return b:recv { timeout = 0 } end,
    } do
      local bytes, err, errno = call()
      assert.is_nil(bytes)
      assert.equal(Socket.WAIT_READABLE, err)
      assert.equal(Socket.Errno.EAGAIN, errno)
    end
  end)

  it("ends past the deadline", function()
    local _, b, _ <close> = net.pair()
    assert.equal(Socket.TIMEOUT, select(2, b:recv(1, { timeout = 0.02 })))
    b:set_timeout(0.02)
    assert.equal(Socket.TIMEOUT, select(2, b:recv(1)))
  end)

  it("gives a reset again and again, never an end", function()
    local a, b, _ <close> = net.tcp_pair()
    a:setsockopt("SOCKET", "LINGER", string.pack("=ii", 1, 0))
    a:close()
    for _ = 1, 3 do
      local bytes, err, errno = b:recv(10)
      assert.is_nil(bytes)
      assert.equal("ECONNRESET", err.name)
      assert.equal(Socket.Errno.ECONNRESET, errno)
      assert.equal("Connection reset by peer - recvfrom(2)", tostring(err))
    end
  end)

  it("fails while bytes are buffered", function()
    local a, b, _ <close> = net.pair()
    a:send("line\nrest")
    assert.equal("line\n", b:gets())
    local _, err = b:recv(4)
    assert.equal("IOError", err.name)
    assert.equal("recv for buffered IO", tostring(err))
    assert.equal("rest", b:readpartial(10))
  end)

  it("fails on a closed and on an unconnected socket", function()
    local sock = assert(Socket.new("INET", "STREAM"))
    local err = select(2, sock:recv(1))
    assert.equal("ENOTCONN", err.name)
    assert.equal("Transport endpoint is not connected - recvfrom(2)",
      tostring(err))
    sock:close()
    assert.equal("closed stream", tostring(select(2, sock:recv(1))))
  end)

  it("names the argument that is wrong", function()
    local _, b, _ <close> = net.pair()
    local cases = {
      { { -1 }, "bad argument #1 to 'recv' (negative length -1 given)" },
      { { "x" }, "bad argument #1 to 'recv' "
        .. "(number expected, got string)" },
      { { 1.5 }, "bad argument #1 to 'recv' "
        .. "(number has no integer representation)" },
      { { 1, { timeout = -1 } }, nil },
      { { 1, { timeout = 0 / 0 } }, nil },
      { { 1, { timeout = "soon" } }, nil },
      { { 1, "NO_SUCH_FLAG" }, nil },
    }
    for _, case in ipairs(cases) do
      local function call() b:recv(table.unpack(case[1])) end
      if case[2] then
        assert.has_error(call, case[2])
      else
        assert.error_matches(call, "bad argument #%d to 'recv'")
      end
    end
  end)
end)

describe("recvfrom", function()
  it("gives the sender's address", function()
    local a, b, _ <close> = net.udp_pair()
    a:send("hello")
    local bytes, from, truncated = b:recvfrom(10)
    assert.equal("hello", bytes)
    assert.equal(a:local_address():inspect_sockaddr(),
      from:inspect_sockaddr())
    assert.is_nil(truncated)
  end)

  it("says when the length cut the datagram", function()
    local a, b, _ <close> = net.udp_pair()
    a:send("hello")
    local bytes, _, truncated = b:recvfrom(3)
    assert.equal("hel", bytes)
    assert.is_true(truncated)
  end)

  it("has no address to give on a stream", function()
    local a, b, _ <close> = net.pair()
    a:send("hello")
    local bytes, from = b:recvfrom(3)
    assert.equal("hel", bytes)
    assert.equal("#<Addrinfo: empty-sockaddr SOCK_STREAM>", from:inspect())
    a:close()
    b:recvfrom(10)
    assert.equal(1, select("#", b:recvfrom(3)))
    assert.is_nil(b:recvfrom(3))
  end)

  it("says when there is nothing to take without waiting", function()
    local _, b, _ <close> = net.udp_pair()
    assert.equal(Socket.WAIT_READABLE, select(2, b:recvfrom_nonblock(5)))
    assert.equal(Socket.TIMEOUT, select(2, b:recvfrom(5, {
      timeout = 0.02,
    })))
  end)

  it("tells a refusal of an earlier datagram", function()
    local a, b, _ <close> = net.udp_pair()
    b:close()
    a:send("x")
    local err = select(2, a:recvfrom(5))
    assert.equal("ECONNREFUSED", err.name)
    assert.equal(Socket.WAIT_READABLE, select(2, a:recvfrom_nonblock(5)))
  end)
end)
