local Socket = require "socket"
local net = require "spec.support.net"

-- More than a socket's buffers hold.
local LONG = ("0123456789abcdef"):rep(1 << 18)

-- Exactly n bytes, however the stream cuts them.
local function take(sock, n)
  local pieces, left = {}, n
  while left > 0 do
    local bytes = assert(sock:recv(left))
    pieces[#pieces + 1] = bytes
    left = left - #bytes
  end
  return table.concat(pieces)
end

describe("send", function()
  it("gives the count of bytes", function()
    local a, b, _ <close> = net.pair()
    assert.equal(5, a:send("hello"))
    assert.equal(0, a:send(""))
    assert.equal(2, a:send("12", 0))
    assert.equal("hello12", b:recv(10))
  end)

  it("gathers an array, nested at will, into one message", function()
    local a, b, _ <close> = net.pair("DGRAM")
    assert.equal(6, a:send { "ab", { "c", { 12 } }, "f" })
    assert.equal("abc12f", b:recv())
    assert.equal(0, a:send {})
    assert.equal("", b:recv())
    local many = {}
    for i = 1, 3000 do many[i] = ("%04d"):format(i) end
    assert.equal(12000, a:send(many))
    assert.equal(table.concat(many), b:recv())
  end)

  it("sends an array whole, and tells what was sent of it", function()
    local a, b, _ <close> = net.pair()
    local ok, err = a:send({ "head ", LONG, { " tail" } }, {
      timeout = 0.03,
    })
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal("head " .. LONG .. " tail",
      take(b, err.written) .. err.rest)
  end)

  it("sends a short count where it must not wait", function()
    local a, b, _ <close> = net.pair()
    local sent = a:send(LONG, "DONTWAIT")
    assert.is_true(sent > 0 and sent < #LONG)
    assert.equal(Socket.WAIT_WRITABLE, select(2, a:send("x", "DONTWAIT")))
    assert.equal(Socket.WAIT_WRITABLE, select(2, a:send("x", {
      timeout = 0,
    })))
    assert.equal(LONG:sub(1, sent), take(b, sent))
  end)

  it("tells what was sent when the deadline passes", function()
    local a, b, _ <close> = net.pair()
    local ok, err, errno = a:send(LONG, { timeout = 0.03 })
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
    assert.not_equal(tostring(rawequal(err, Socket.TIMEOUT)), "true")
    assert.is_nil(errno)
    assert.equal(LONG, take(b, err.written) .. err.rest)
    assert.equal(Socket.TIMEOUT, select(2, a:send(LONG, {
      timeout = 0.02,
    })))
  end)

  it("sends to an address", function()
    local a <close> = assert(Socket.new("INET", "DGRAM"))
    local b <close> = assert(Socket.new("INET", "DGRAM"))
    assert(b:bind(Socket.pack_sockaddr_in(0, "127.0.0.1")))
    assert.equal(2, a:send("hi", 0, b:local_address()))
    assert.equal(2, a:send("yo", nil, b:getsockname(), { timeout = 1 }))
    assert.equal("hi", b:recv())
    assert.equal("yo", b:recv())
  end)

  it("waits for room at the end of a unix datagram's way", function()
    local path = net.path()
    local b <close> = assert(Socket.new("UNIX", "DGRAM"))
    assert(b:bind(Socket.pack_sockaddr_un(path)))
    local a <close> = assert(Socket.new("UNIX", "DGRAM"))
    local address, count = b:getsockname(), 0
    while a:send("x", "DONTWAIT", address) do
      count = count + 1
      assert.is_true(count < 10000)
    end
    assert.equal(Socket.TIMEOUT,
      select(2, a:send("x", 0, address, { timeout = 0.03 })))
    assert.equal("x", b:recv())
    assert.equal(1, a:send("x", 0, address, { timeout = 5 }))
  end)

  it("returns EPIPE, and no signal comes", function()
    local a, b, _ <close> = net.pair()
    b:close()
    local ok, err, errno = a:send("x")
    assert.is_nil(ok)
    assert.equal("Broken pipe - send(2)", tostring(err))
    assert.equal(Socket.Errno.EPIPE, errno)
  end)

  it("fails as the system says", function()
    local sock <close> = assert(Socket.new("INET", "DGRAM"))
    assert.equal("Destination address required - send(2)",
      tostring(select(2, sock:send("x"))))
    local address = Socket.pack_sockaddr_in(9, "127.0.0.1")
    assert.equal("Message too long - sendto(2)",
      tostring(select(2, sock:send(("x"):rep(70000), 0, address))))
  end)

  it("fails on a closed socket", function()
    local sock = assert(Socket.new("INET", "DGRAM"))
    sock:close()
    assert.equal("closed stream", tostring(select(2, sock:send("x"))))
  end)

  it("names the argument that is wrong", function()
    local a, _, _ <close> = net.pair()
    assert.error_matches(function() a:send() end,
      "bad argument #1 to 'send'")
    assert.error_matches(function() a:send(true) end,
      "bad argument #1 to 'send'")
    assert.error_matches(function() a:send { "x", print } end,
      "bad argument #1 to 'send'")
    assert.error_matches(function() a:send("x", "NO_SUCH") end,
      "bad argument #2 to 'send'")
    assert.error_matches(function() a:send("x", 0, 5) end,
      "bad argument #3 to 'send'")
    assert.error_matches(function() a:send("x", { timout = 1 }) end,
      "unknown keyword 'timout'")
  end)
end)
