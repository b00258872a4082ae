local Socket = require "socket"
local failures = require "spec.support.failures"
local net = require "spec.support.net"

local message_of = failures.message_of
local INET, INET6 = Socket.AF_INET, Socket.AF_INET6
local STREAM, DGRAM, RAW =
  Socket.SOCK_STREAM, Socket.SOCK_DGRAM, Socket.SOCK_RAW
local TCP, UDP = Socket.IPPROTO_TCP, Socket.IPPROTO_UDP

local function stream_row(port, name, address)
  return { "AF_INET", port, name, address or name, INET, STREAM, TCP }
end

-- The first row of a look-up of stream addresses.
local function first(host, service, ...)
  local rows = assert(Socket.getaddrinfo(host, service, nil, "STREAM", ...))
  return rows[1]
end

local function check_refused(code, rows, err, errno)
  assert.is_nil(rows)
  assert.is_nil(errno)
  assert.equal("ResolutionError", err.name)
  assert.equal(code, err.code)
  assert.equal(Socket[code], err.code_number)
  assert.equal("getaddrinfo", err.syscall)
  return tostring(err)
end

describe("Socket.getaddrinfo", function()
  describe("of numbers", function()
    it("gives a row for each type of socket", function()
      assert.same({
        { "AF_INET", 80, "127.0.0.1", "127.0.0.1", INET, STREAM, TCP },
        { "AF_INET", 80, "127.0.0.1", "127.0.0.1", INET, DGRAM, UDP },
        { "AF_INET", 80, "127.0.0.1", "127.0.0.1", INET, RAW, 0 },
      }, Socket.getaddrinfo("127.0.0.1", 80))
    end)

    it("heeds the type and the protocol", function()
      assert.same({ stream_row(80, "127.0.0.1") },
        Socket.getaddrinfo("127.0.0.1", 80, nil, "STREAM"))
      local row = { "AF_INET", 7, "10.1.2.3", "10.1.2.3", INET, DGRAM, UDP }
      assert.same({ row },
        Socket.getaddrinfo("10.1.2.3", 7, "INET", "SOCK_DGRAM", "udp"))
      local rows = assert(Socket.getaddrinfo("127.0.0.1", 80, nil, nil, TCP))
      assert.equal(2, #rows)
      assert.equal(RAW, rows[2][6])
    end)

    it("reads IPv6 addresses", function()
      assert.same({ { "AF_INET6", 443, "::1", "::1", INET6, STREAM, TCP } },
        Socket.getaddrinfo("::1", 443, nil, "STREAM"))
      local row = first("2001:DB8:0::5")
      assert.same({ "AF_INET6", 0, "2001:db8::5" }, { row[1], row[2], row[4] })
    end)

    it("reads the short forms of IPv4 addresses", function()
      for text, address in pairs {
        ["127.1"] = "127.0.0.1",
        ["0x7f.1"] = "127.0.0.1",
        ["0"] = "0.0.0.0",
        ["258"] = "0.0.1.2",
      } do
        assert.same(stream_row(1, address), first(text, 1))
      end
    end)

    it("takes an IPv4 address as an integer in host order", function()
      assert.same(stream_row(1, "127.0.0.1"), first(0x7f000001, 1))
      assert.same(stream_row(1, "0.0.0.42"), first(42.0, 1))
      assert.same(stream_row(1, "255.255.255.255"), first(0xffffffff, 1))
    end)

    it("has names for the unspecified address and the broadcast", function()
      assert.same(stream_row(1, "0.0.0.0"), first("", 1))
      assert.same(stream_row(1, "0.0.0.0"), first("<any>", 1))
      assert.same(stream_row(1, "255.255.255.255"), first("<broadcast>", 1))
      check_refused("EAI_ADDRFAMILY",
        Socket.getaddrinfo("<any>", 1, "INET6", "STREAM"))
    end)

    it("takes a port as text, as strtol reads it", function()
      for text, port in pairs {
        ["80"] = 80, ["080"] = 80, ["+8"] = 8, [" 8"] = 8, [""] = 0,
        ["65535"] = 65535,
      } do
        assert.same(stream_row(port, "127.0.0.1"), first("127.0.0.1", text))
      end
    end)

    it("never waits", function()
      local opts = { timeout = 0 }
      assert.same(stream_row(80, "127.0.0.1"), first("127.0.0.1", 80, opts))
      assert.same(stream_row(0, "127.0.0.1"), first("127.0.0.1", nil, opts))
      assert(Socket.getaddrinfo(nil, "80", opts))
      check_refused("EAI_NONAME", Socket.getaddrinfo(nil, nil, opts))
    end)
  end)

  describe("of no host", function()
    it("gives the loopback, or any address to a server", function()
      local rows = assert(Socket.getaddrinfo(nil, 80, "INET", "STREAM"))
      assert.same({ stream_row(80, "127.0.0.1") }, rows)
      rows = assert(
        Socket.getaddrinfo(nil, 80, "INET", "STREAM", nil, "PASSIVE"))
      assert.same({ stream_row(80, "0.0.0.0") }, rows)
      if not net.has_ipv6() then return end
      rows = assert(Socket.getaddrinfo(nil, 80, "INET6", "STREAM", nil,
        { "AI_PASSIVE", "NUMERICHOST" }))
      assert.equal("::", rows[1][4])
    end)

    it("needs a service", function()
      assert.equal("getaddrinfo: Name or service not known",
        check_refused("EAI_NONAME", Socket.getaddrinfo(nil, nil)))
    end)
  end)

  describe("of names", function()
    it("looks up the host", function()
      local row = first("localhost", 80)
      assert.equal(row[3], row[4])
      assert.equal(80, row[2])
      assert.is_truthy(row[4] == "127.0.0.1" or row[4] == "::1")
    end)

    it("looks up the service", function()
      assert.same({ stream_row(80, "127.0.0.1") },
        Socket.getaddrinfo("127.0.0.1", "http"))
      local rows = assert(Socket.getaddrinfo("127.0.0.1", "domain"))
      assert.same({ 53, STREAM, 53, DGRAM },
        { rows[1][2], rows[1][6], rows[2][2], rows[2][6] })
    end)

    it("gives the same under a deadline", function()
      local opts = { timeout = 15 }
      assert.same(first("localhost", 80), first("localhost", 80, opts))
      assert.same(first("127.0.0.1", "http"), first("127.0.0.1", "http", opts))
      check_refused("EAI_SERVICE",
        Socket.getaddrinfo("127.0.0.1", "nosuchservice", opts))
    end)

    it("waits for ever with an infinite timeout", function()
      assert(first("localhost", 80, { timeout = math.huge }))
    end)

    it("would block at timeout 0", function()
      local rows, err, errno =
        Socket.getaddrinfo("localhost", 80, { timeout = 0 })
      assert.is_nil(rows)
      assert.equal(Socket.WAIT_READABLE, err)
      assert.equal(Socket.Errno.EAGAIN, errno)
    end)

    it("works in a coroutine", function()
      local row = coroutine.wrap(function()
        return first("localhost", 80, { timeout = 15 })
      end)()
      assert.equal(80, row[2])
    end)
  end)

  describe("with a reverse look-up", function()
    local function names(...)
      local row = first("127.0.0.1", 80, nil, nil, ...)
      return row[3], row[4]
    end

    it("gives the host's name", function()
      local expected = Socket.getnameinfo({ "INET", 80, "127.0.0.1" })
      assert.same({ expected, "127.0.0.1" }, { names(true) })
      assert.same({ expected, "127.0.0.1" }, { names("hostname") })
      assert.same({ expected, "127.0.0.1" }, { names(true, { timeout = 15 }) })
    end)

    it("gives every row one", function()
      local opts = { timeout = 15 }
      local rows = assert(
        Socket.getaddrinfo("127.0.0.1", 80, nil, nil, nil, nil, true, opts))
      assert.equal(3, #rows)
      assert.equal(rows[1][3], rows[3][3])
      assert.equal(RAW, rows[3][6])
    end)

    it("gives the address when not asked", function()
      assert.same({ "127.0.0.1", "127.0.0.1" }, { names(nil) })
      assert.same({ "127.0.0.1", "127.0.0.1" }, { names(false) })
      assert.same({ "127.0.0.1", "127.0.0.1" }, { names("numeric") })
    end)

    it("gives what new sockets would, when not told", function()
      local BasicSocket = Socket.BasicSocket
      assert.is_true(BasicSocket.do_not_reverse_lookup())
      BasicSocket.set_do_not_reverse_lookup(false)
      local found, expected = names(), names(true)
      BasicSocket.set_do_not_reverse_lookup(true)
      assert.equal(expected, found)
    end)

    it("would block at timeout 0", function()
      local rows, err = Socket.getaddrinfo("127.0.0.1", 80, nil, nil, nil, nil,
        true, { timeout = 0 })
      assert.is_nil(rows)
      assert.equal(Socket.WAIT_READABLE, err)
    end)

    it("refuses another flag", function()
      assert.matches("bad argument #7.*invalid reverse_lookup flag: foo",
        message_of(Socket.getaddrinfo, "127.0.0.1", 80, nil, nil, nil, nil,
          "foo"))
    end)
  end)

  it("puts the canonical name in the first row", function()
    local row = first("127.0.0.1", 80, nil, "CANONNAME")
    assert.equal("127.0.0.1", row[3])
    row = first("localhost", 80, nil, { "AI_CANONNAME" })
    assert.equal("localhost", row[3])
    assert.is_not.equal("localhost", row[4])
  end)

  it("returns what the resolver refuses", function()
    local getaddrinfo = Socket.getaddrinfo
    check_refused("EAI_NONAME",
      getaddrinfo("256.0.0.1", 80, nil, "STREAM", nil, "NUMERICHOST"))
    check_refused("EAI_NONAME",
      getaddrinfo("localhost", 80, nil, "STREAM", nil, "NUMERICHOST"))
    check_refused("EAI_ADDRFAMILY", getaddrinfo("127.0.0.1", 80, "INET6"))
    check_refused("EAI_FAMILY", getaddrinfo("127.0.0.1", 80, "UNIX"))
    check_refused("EAI_SOCKTYPE", getaddrinfo("127.0.0.1", 80, nil, 99))
    check_refused("EAI_BADFLAGS",
      getaddrinfo(nil, 80, nil, nil, nil, "CANONNAME"))
    local message = "getaddrinfo: Servname not supported for ai_socktype"
    for _, service in ipairs { "nosuchservice", "0x50", "80x", "HTTP" } do
      assert.equal(message,
        check_refused("EAI_SERVICE", getaddrinfo("127.0.0.1", service)))
    end
  end)

  describe("with bad arguments", function()
    it("names the host", function()
      for _, case in ipairs {
        { {}, "#1.*host must be a string, an integer or nil, not table" },
        { true, "#1.*host must be .* not boolean" },
        { -1, "#1.*host %-1 is no IPv4 address" },
        { 2 ^ 32, "#1.*host 4294967296 is no IPv4 address" },
        { 1.5, "#1.*host has no integer representation" },
        { "a\0b", "#1.*hostname contains a null byte" },
        { "host\n", "#1.*newline at the end of hostname" },
        { ("x"):rep(2000), "#1.*hostname too long %(2000%)" },
      } do
        assert.matches(case[2], message_of(Socket.getaddrinfo, case[1], 80))
      end
    end)

    it("names the service", function()
      for _, case in ipairs {
        { {}, "#2.*service must be a string, an integer or nil, not table" },
        { false, "#2.*service must be .* not boolean" },
        { -1, "#2.*port %-1 is not within 0 to 65535" },
        { 65536, "#2.*port 65536 is not within 0 to 65535" },
        { "65536", "#2.*port 65536 is not within 0 to 65535" },
        { "-1", "#2.*port %-1 is not within 0 to 65535" },
        { ("9"):rep(30), "#2.*is not within 0 to 65535" },
        { 1.5, "#2.*port has no integer representation" },
        { "ht\0tp", "#2.*service name contains a null byte" },
        { ("x"):rep(32), "#2.*service name too long %(32%)" },
      } do
        -- a table that stands last would be the keywords
        assert.matches(case[2],
          message_of(Socket.getaddrinfo, "127.0.0.1", case[1], nil, 1))
      end
    end)

    it("names the others", function()
      local getaddrinfo = Socket.getaddrinfo
      assert.matches("#3.*AF_FOO", message_of(getaddrinfo, "::1", 1, "AF_FOO"))
      assert.matches("#4.*FOO", message_of(getaddrinfo, "::1", 1, nil, "FOO"))
      assert.matches("#5.*FOO",
        message_of(getaddrinfo, "::1", 1, nil, nil, "FOO"))
      assert.matches("#6.*FOO",
        message_of(getaddrinfo, "::1", 1, nil, nil, nil, "FOO"))
      assert.matches("#3.*unknown keyword 'timout'",
        message_of(getaddrinfo, "::1", 1, { timout = 1 }))
      assert.matches("timeout must not be negative",
        message_of(getaddrinfo, "::1", 1, { timeout = -1 }))
    end)
  end)
end)

describe("IPSocket.getaddress", function()
  local getaddress = Socket.IPSocket.getaddress

  it("gives the first address", function()
    assert.equal(first("localhost", nil)[4], getaddress("localhost"))
    assert.equal("127.0.0.1", getaddress("127.1"))
    assert.equal("::1", getaddress("::1"))
    assert.equal("0.0.0.0", getaddress(""))
    assert.equal("255.255.255.255", getaddress("<broadcast>"))
    assert.equal("0.0.0.5", getaddress(5))
    assert.equal("127.0.0.1", Socket.TCPSocket.getaddress("127.0.0.1"))
  end)

  it("takes a deadline", function()
    assert.equal(getaddress("localhost"),
      getaddress("localhost", { timeout = 15 }))
    assert.equal("::1", getaddress("::1", { timeout = 0 }))
    assert.equal(Socket.WAIT_READABLE,
      select(2, getaddress("localhost", { timeout = 0 })))
  end)

  it("names a bad argument", function()
    assert.matches("#1.*host expected", message_of(getaddress))
    assert.matches("#1.*host expected", message_of(getaddress, nil))
    assert.matches("#1.*null byte", message_of(getaddress, "a\0"))
    assert.matches("#2.*unknown keyword",
      message_of(getaddress, "a", { b = 1 }))
  end)
end)
