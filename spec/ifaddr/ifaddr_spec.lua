local Socket = require "socket"

-- The entry for 127.0.0.1.
local function loopback()
  for _, ifaddr in ipairs(assert(Socket.getifaddrs())) do
    local address = ifaddr:addr()
    if address and address:is_ipv4_loopback() then return ifaddr end
  end
end

local function inspected(address)
  return address and address:inspect_sockaddr()
end

describe("Socket.getifaddrs", function()
  it("lists the addresses of ip_address_list", function()
    local listed = {}
    for _, ifaddr in ipairs(Socket.getifaddrs()) do
      local address = ifaddr:addr()
      if address and address:is_ip() then
        listed[#listed + 1] = address:inspect()
      end
    end
    local expected = {}
    for i, address in ipairs(Socket.ip_address_list()) do
      expected[i] = address:inspect()
    end
    assert.same(expected, listed)
  end)

  it("has every field of the loopback interface", function()
    local ifaddr = loopback()
    if not ifaddr then return pending("there is no loopback address") end
    assert.equal("string", type(ifaddr:name()))
    assert.is_true(math.type(ifaddr:ifindex()) == "integer"
      and ifaddr:ifindex() > 0)
    assert.is_true(ifaddr:flags() & Socket.IFF_LOOPBACK ~= 0)
    assert.equal("127.0.0.1", inspected(ifaddr:addr()))
    assert.equal("255.0.0.0", inspected(ifaddr:netmask()))
    assert.same({ Socket.AF_INET, 0, 0 }, { ifaddr:addr():pfamily(),
      ifaddr:addr():socktype(), ifaddr:addr():protocol() })
    assert.is_nil(ifaddr:broadaddr())
    assert.is_nil(ifaddr:dstaddr())
  end)

  it("tells link-layer addresses as long as they are", function()
    for _, ifaddr in ipairs(Socket.getifaddrs()) do
      local address = ifaddr:addr()
      if address and Socket.AF_PACKET == address:afamily() then
        local packed = address:to_sockaddr()
        assert.equal(12 + packed:byte(12), #packed)
        assert.is_truthy(address:inspect():find("^#<Addrinfo: PACKET%["
          .. "protocol=0 " .. ifaddr:name() .. " hatype=%d+ HOST hwaddr="))
      end
    end
  end)
end)

describe("an Ifaddr", function()
  it("has Ruby's text", function()
    local ifaddr = loopback()
    if not ifaddr then return pending("there is no loopback address") end
    local rest = ifaddr:flags() & ~(Socket.IFF_UP | Socket.IFF_LOOPBACK
      | Socket.IFF_RUNNING)
    if rest & 0xffff ~= 0 then return pending("an unusual loopback") end
    assert.equal(("#<Socket::Ifaddr %s UP,LOOPBACK,RUNNING%s 127.0.0.1 "
      .. "netmask=255.0.0.0>"):format(ifaddr:name(),
      rest ~= 0 and (",0x%x"):format(rest) or ""), tostring(ifaddr))
    assert.equal(tostring(ifaddr), ifaddr:inspect())
  end)

  it("has no vhid on Linux, and no constructor", function()
    assert.is_nil(Socket.Ifaddr.vhid)
    assert.is_nil(Socket.Ifaddr.new)
  end)

  it("refuses another object", function()
    for _, name in ipairs { "addr", "broadaddr", "dstaddr", "flags", "ifindex",
      "inspect", "name", "netmask" } do
      assert.error_matches(function()
        Socket.Ifaddr[name](io.stdin)
      end, "socket.Ifaddr expected")
    end
  end)
end)
