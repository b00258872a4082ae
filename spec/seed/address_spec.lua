-- Making sockets and packing addresses, as the documentation shows them.

local Socket = require "socket"
local net = require "spec.support.net"

local function option(sock, name)
  return assert(sock:getsockopt("SOCKET", name)):int()
end

describe("Socket.new", function()
  for _, row in ipairs { { "INET", "STREAM" }, { "INET", "DGRAM" },
    { "UNIX", "STREAM" }, { "UNIX", "DGRAM" } } do
    it("makes a socket of " .. row[1] .. " " .. row[2], function()
      local sock <close> = assert(Socket.new(row[1], row[2]))
      assert.are.equal(Socket["SOCK_" .. row[2]], option(sock, "TYPE"))
      assert.are.equal(Socket["AF_" .. row[1]],
        sock:local_address():afamily())
    end)
  end
end)

describe("a packed address", function()
  it("of IPv4 holds family, port and address", function()
    local expected = string.pack("=I2>I2", Socket.AF_INET, 80) ..
      "\127\0\0\1" .. ("\0"):rep(8)
    assert.are.equal(expected, Socket.sockaddr_in(80, "127.0.0.1"))
    assert.are.equal(expected, Socket.pack_sockaddr_in(80, "127.0.0.1"))
  end)

  it("of IPv6 holds flow, address and scope, too", function()
    local expected = string.pack("=I2>I2", Socket.AF_INET6, 80) ..
      ("\0"):rep(4 + 15) .. "\1" .. ("\0"):rep(4)
    assert.are.equal(28, #expected)
    assert.are.equal(expected, Socket.sockaddr_in(80, "::1"))
    assert.are.equal(expected, Socket.pack_sockaddr_in(80, "::1"))
  end)

  it("of a path is filled up with zeros", function()
    local packed = Socket.sockaddr_un("/tmp/sock")
    local start = string.pack("=I2", Socket.AF_UNIX) .. "/tmp/sock"
    assert.are.equal(start, packed:sub(1, #start))
    assert.are.equal("", (packed:sub(#start + 1):gsub("\0", "")))
    assert.are.equal(110, #packed)
    assert.are.equal(packed, Socket.pack_sockaddr_un("/tmp/sock"))
  end)

  it("is taken apart again", function()
    local packed = Socket.sockaddr_in(80, "127.0.0.1")
    assert.are.same({ 80, "127.0.0.1" },
      { Socket.unpack_sockaddr_in(packed) })
    assert.are.equal("/tmp/sock",
      Socket.unpack_sockaddr_un(Socket.sockaddr_un("/tmp/sock")))
  end)
end)

describe("Socket.pair", function()
  for _, name in ipairs { "pair", "socketpair" } do
    it("joins what a stream is sent, as " .. name, function()
      local s1, s2 = Socket[name]("UNIX", "STREAM", 0)
      local _ <close> = s2
      s1:send("a", 0)
      s1:send("b", 0)
      s1:close()
      assert.are.equal("ab", s2:recv(10))
      assert.are.same({ n = 1 }, table.pack(s2:recv(10)))
      assert.are.same({ n = 1 }, table.pack(s2:recv(10)))
    end)
  end

  it("keeps datagrams apart", function()
    local s1, s2, _ <close> = net.pair("DGRAM")
    s1:send("a", 0)
    s1:send("b", 0)
    assert.are.equal("a", s2:recv(10))
    assert.are.equal("b", s2:recv(10))
  end)
end)
