local Socket = require "socket"
local net = require "spec.support.net"

local AncillaryData = Socket.AncillaryData

-- Seconds and nanoseconds, as the kernel writes a timespec.
local function timespec(seconds, nanoseconds)
  return ("jj"):pack(seconds, nanoseconds)
end

local function socket_message(type, data)
  return AncillaryData.new("INET", "SOCKET", type, data)
end

describe("AncillaryData", function()
  it("is made by a call of the class, too", function()
    local made = AncillaryData("INET", "IP", "TTL", "\9\0\0\0")
    assert.equal(AncillaryData.new("INET", "IP", "TTL", "\9\0\0\0"), made)
  end)

  it("is equal to one with the same contents only", function()
    local one = AncillaryData.int("INET", "IP", "TTL", 9)
    assert.equal(AncillaryData.int("INET", "IP", "TTL", 9), one)
    assert.not_equal(AncillaryData.int("INET", "IP", "TTL", 8), one)
    assert.not_equal(AncillaryData.int("INET", "IP", "TOS", 9), one)
    assert.not_equal(AncillaryData.int("INET6", "IP", "TTL", 9), one)
    assert.not_equal(AncillaryData.new("INET", "IP", "TTL", "\9"), one)
    assert.not_equal("something else", one)
  end)

  it("takes each form of an address", function()
    local forms = {
      Socket.pack_sockaddr_in(0, "127.0.0.1"),
      Socket.Addrinfo.ip "127.0.0.1",
      { family = "inet", addr = "loopback" },
    }
    for _, form in ipairs(forms) do
      local address, ifindex, spec_dst = AncillaryData.ip_pktinfo(form, 3,
        forms[1]):ip_pktinfo()
      assert.equal("127.0.0.1", address:ip_address())
      assert.equal(3, ifindex)
      assert.equal(address, spec_dst)
    end
  end)

  it("refuses what is no message, and names the argument", function()
    assert.error_matches(function()
      AncillaryData.new("INET", "IP", "TTL")
    end, "bad argument #4 to 'new'")
    assert.error_matches(function()
      AncillaryData.data("something")
    end, "bad argument #1 to 'data'")
    assert.error_matches(function()
      AncillaryData.ipv6_pktinfo(Socket.Addrinfo.ip "::1")
    end, "bad argument #2")
  end)

  describe("with a time", function()
    it("reads microseconds", function()
      local message = socket_message("TIMESTAMP", timespec(5, 250000))
      assert.same({ 5, 250000000 }, { message:timestamp() })
    end)

    it("reads nanoseconds", function()
      local message = socket_message("TIMESTAMPNS", timespec(5, 7))
      assert.same({ 5, 7 }, { message:timestamp() })
    end)

    it("reads the kernel's of three times, else the hardware's", function()
      local none = timespec(0, 0)
      local software = socket_message("TIMESTAMPING",
        timespec(5, 7) .. none .. none)
      assert.same({ 5, 7 }, { software:timestamp() })
      local hardware = socket_message("TIMESTAMPING",
        none .. none .. timespec(6, 8))
      assert.same({ 6, 8 }, { hardware:timestamp() })
    end)

    it("shows local time", function()
      local text = socket_message("TIMESTAMPNS", timespec(86400 * 200, 7))
        :inspect()
      local moment = os.date("%Y-%m-%d %H:%M:%S", 86400 * 200)
      assert.equal("#<Socket::AncillaryData: INET SOCKET TIMESTAMPNS " .. moment
        .. ".000000007>", text)
    end)

    it("shows bytes where there is no such day", function()
      local text = socket_message("TIMESTAMPNS", timespec(math.maxinteger, 0))
        :inspect()
      assert.is_truthy(text:find('TIMESTAMPNS "', 1, true), text)
    end)
  end)

  describe("of objects", function()
    it("holds their fds and keeps them", function()
      local a, b, _ <close> = net.pair()
      local message = AncillaryData.unix_rights(a, b)
      assert.equal(("ii"):pack(a:fileno(), b:fileno()), message:data())
      assert.same({ a, b }, message:unix_rights())
      assert.equal(Socket.AF_UNIX, message:family())
      assert.is_true(message:cmsg_is("SOCKET", "RIGHTS"))
    end)

    it("takes Lua files", function()
      local message = AncillaryData.unix_rights(io.stdin, io.stdout)
      assert.equal(("ii"):pack(0, 1), message:data())
    end)

    it("may have none", function()
      assert.equal("", AncillaryData.unix_rights():data())
    end)

    it("refuses numbers and strings", function()
      for _, value in ipairs { 5, "x", {} } do
        assert.error_matches(function()
          AncillaryData.unix_rights(io.stdout, value)
        end, "bad argument #2 to 'unix_rights' %(socket or file expected")
      end
    end)

    it("fails for a closed one", function()
      local a, b, _ <close> = net.pair()
      a:close()
      local message, err = AncillaryData.unix_rights(b, a)
      assert.is_nil(message)
      assert.equal("IOError", err.name)
    end)
  end)
end)
