local Socket = require "socket"
local net = require "spec.support.net"

local is_linux = io.open("/proc/self/stat") ~= nil

-- Linux's numbers.
local F_GETFD, F_GETFL, F_SETFL = 1, 3, 4
local O_NONBLOCK = 2048
local FIONREAD, SIOCGIFNAME, SIOCGIFINDEX = 0x541B, 0x8910, 0x8933

local function fails(name, result, err)
  assert.is_nil(result)
  assert.equal(name, err.name)
end

describe("nonblock", function()
  it("is the fd's own mode, on which no call depends", function()
    local a, b, _ <close> = net.pair()
    assert.is_false(a:is_nonblock())
    assert.is_true(a:set_nonblock(true))
    assert.is_true(a:is_nonblock())
    assert.equal(Socket.TIMEOUT, select(2, a:recv(1, nil, { timeout = 0.01 })))
    b:send("x")
    assert.equal("x", a:recv(1))
    assert.is_true(a:set_nonblock(false))
    assert.is_false(a:is_nonblock())
    assert.equal(Socket.WAIT_READABLE, select(2, a:recv_nonblock(1)))
  end)
end)

describe("nread", function()
  it("counts what can be read, the buffer's bytes too", function()
    local a, b, _ <close> = net.pair()
    assert.equal(0, b:nread())
    a:send("hello\nworld")
    assert.equal(11, b:nread())
    b:gets()
    assert.equal(5, b:nread())
    a:send("!")
    assert.equal(6, b:nread())
  end)

  it("is the next datagram's size", function()
    local a, b, _ <close> = net.udp_pair()
    a:send("hello")
    a:send("!")
    b:wait_readable(5)
    assert.equal(5, b:nread())
  end)
end)

describe("is_ready", function()
  it("tells whether a read would not wait", function()
    local a, b, _ <close> = net.pair()
    assert.is_false(b:is_ready())
    a:send("x\ny")
    assert.is_true(b:is_ready())
    b:gets()
    assert.is_true(b:is_ready()) -- the y is buffered
    assert.equal("y", b:getc())
    assert.is_false(b:is_ready())
    a:close()
    assert.is_true(b:is_ready())
  end)
end)

describe("fcntl", function()
  it("gives the system's answer", function()
    if not is_linux then return pending("Linux's numbers") end
    local a, _, _ <close> = net.pair()
    assert.equal(1, a:fcntl(F_GETFD))
    local flags = a:fcntl(F_GETFL, 0)
    assert.equal(0, flags & O_NONBLOCK)
    assert.equal(0, a:fcntl(F_SETFL, flags | O_NONBLOCK))
    assert.is_true(a:is_nonblock())
    assert.equal(Socket.TIMEOUT, select(2, a:recv(1, nil, { timeout = 0.01 })))
    fails("EINVAL", a:fcntl(99999))
  end)
end)

describe("ioctl", function()
  it("gives a number and what became of the bytes", function()
    if not is_linux then return pending("Linux's numbers") end
    local a, b, _ <close> = net.pair()
    a:send("hello")
    local result, bytes = b:ioctl(FIONREAD, ("\0"):rep(4))
    assert.same({ 0, 5 }, { result, (string.unpack("i", bytes)) })
    assert.equal(4, #bytes)
  end)

  it("has room for what the kernel writes, and changes no string", function()
    if not is_linux then return pending("Linux's numbers") end
    local sock <close> = assert(Socket.UDPSocket.new())
    local request = "lo" .. ("\0"):rep(38)
    local kept = request
    local _, bytes = assert(sock:ioctl(SIOCGIFINDEX, request))
    local index = string.unpack("i", bytes, 17)
    assert.equal("lo" .. ("\0"):rep(38), kept)
    local short = ("\0"):rep(16) .. string.pack("i", index)
    local _, named = assert(sock:ioctl(SIOCGIFNAME, short))
    assert.equal("lo", (string.unpack("z", named)))
    assert.is_true(#named >= #short)
  end)

  it("says what the system refuses", function()
    local a, _, _ <close> = net.pair()
    local result, err = a:ioctl(0x12345678, "")
    assert.is_nil(result)
    assert.equal("ioctl(2)", err.syscall)
    assert.error_matches(function() a:ioctl("x") end, "unknown request: x")
    assert.error_matches(function() a:ioctl(1 << 40) end, "out of range")
    assert.error_matches(function() a:ioctl(1, {}) end, "#2 to 'ioctl'")
  end)
end)

describe("on a closed socket", function()
  for _, name in ipairs { "is_nonblock", "is_ready", "set_nonblock" } do
    it(name .. " fails", function()
      local a, _, _ <close> = net.pair()
      a:close()
      fails("IOError", a[name](a, 1, 1))
    end)
  end
end)

describe("path", function()
  it("is nil but for unix sockets", function()
    local a, _, _ <close> = net.pair()
    assert.same({ n = 1 }, table.pack(a:path()))
  end)
end)
