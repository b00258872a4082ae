local Socket = require "socket"

local Option = Socket.Option

describe("Option", function()
  it("is called to make one, as with new", function()
    local data = ("i4"):pack(1)
    local option = Option("inet", "socket", "keepalive", data)
    assert.equal(Option.new("INET", "SOCKET", "KEEPALIVE", data), option)
  end)

  it("is equal to another with the same contents", function()
    local one = Option.int("INET", "SOCKET", "KEEPALIVE", 1)
    assert.equal(Option.bool(2, 1, 9, true), one)
    assert.not_equal(Option.bool(2, 1, 9, false), one)
    assert.not_equal(Option.bool(10, 1, 9, true), one)
    assert.not_equal(Option.bool(2, 6, 9, true), one)
    assert.not_equal(Option.bool(2, 1, 8, true), one)
    assert.not_equal(Option.byte(2, 1, 9, 1), one)
    assert.is_false(one == one:data())
  end)

  it("gives its bytes as data and to_s", function()
    local option = Option.byte("INET", "IP", "MULTICAST_TTL", 7)
    assert.equal("\7", option:data())
    assert.equal("\7", option:to_s())
    assert.equal(Socket.AF_INET, option:family())
    assert.equal(Socket.IPPROTO_IP, option:level())
    assert.equal(Socket.IP_MULTICAST_TTL, option:optname())
  end)

  it("keeps any bytes", function()
    local option = Option.new("INET", "TCP", "CONGESTION", "a\0b")
    assert.equal("a\0b", option:data())
    assert.equal("", Option.new(2, 1, 9, ""):data())
  end)

  it("tells a constructor from a reader by its first argument", function()
    local option = Option.linger(true, 3)
    assert.same({ true, 3 }, { option:linger() })
    assert.same({ true, 3 }, { Option.linger(option) })
    assert.same({ false, 3 }, { Option.linger(false, 3):linger() })
    assert.same({ 7, -1 }, { Option.linger(7, -1):linger() })
    assert.equal(5, Option.ipv4_multicast_ttl(5):ipv4_multicast_ttl())
    assert.equal(1, Option.ipv4_multicast_loop(1):ipv4_multicast_loop())
    assert.is_true(Option.bool(2, 1, 9, "yes"):bool())
    assert.equal(-1, Option.int(2, 1, 9, -1):int())
    assert.equal(255, Option.byte(2, 1, 9, 255):byte())
  end)

  it("names the first of several options with one number", function()
    local function text(level, name)
      return Option.new("INET", level, name, "x"):inspect()
    end
    assert.equal('#<Socket::Option: INET IP TOS "x">',
      text("IP", "PMTUDISC_WANT"))
    assert.equal('#<Socket::Option: INET SOCKET ATTACH_FILTER "x">',
      text("SOCKET", "GET_FILTER"))
    local route = Option.new("NETLINK", "SOCKET", "DEBUG", "x")
    assert.equal('#<Socket::Option: ROUTE SOCKET DEBUG "x">', route:inspect())
  end)

  it("shows the numbers of what has no name", function()
    assert.equal('#<Socket::Option: family:77 level:9 optname:8 "x">',
      Option.new(77, 9, 8, "x"):inspect())
  end)

  it("takes no other value than its class's objects in a reader", function()
    for _, value in ipairs { 1, "x", {}, true, io.stdout } do
      assert.has_error(function() Option.data(value) end)
      assert.has_error(function() Option.int(value) end)
      assert.has_error(function() Option.inspect(value) end)
    end
    assert.has_error(function() Option.data() end)
    assert.has_error(function() Option.linger() end)
    assert.has_error(function() Option.new("INET", "SOCKET") end)
    for _, name in ipairs { "new", "int", "bool", "byte" } do
      assert.has_error(function() Option[name](2, 1, 9) end)
    end
  end)
end)
