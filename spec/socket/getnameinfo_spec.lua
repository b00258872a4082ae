local Socket = require "socket"
local failures = require "spec.support.failures"
local net = require "spec.support.net"

local message_of = failures.message_of
local NUMERIC = { "NUMERICHOST", "NUMERICSERV" }

local address = Socket.pack_sockaddr_in(80, "127.0.0.1")

local function pair(...)
  return { ... }
end

local function check_refused(code, host, err, errno)
  assert.is_nil(host)
  assert.is_nil(errno)
  assert.equal("ResolutionError", err.name)
  assert.equal(code, err.code)
  return tostring(err)
end

describe("Socket.getnameinfo", function()
  it("takes an address in every form", function()
    for _, form in ipairs {
      address,
      Socket.Addrinfo.new(address),
      { family = "inet", addr = "127.0.0.1", port = 80 },
      { "AF_INET", 80, "127.0.0.1" },
      { Socket.AF_INET, "80", "localhost", "127.0.0.1" },
      { "INET", "http", nil, "127.0.0.1" },
    } do
      assert.same({ "127.0.0.1", "80" },
        pair(Socket.getnameinfo(form, NUMERIC)))
    end
  end)

  it("takes IPv6 addresses", function()
    local packed = Socket.pack_sockaddr_in(443, "2001:db8::1")
    assert.same({ "2001:db8::1", "443" },
      pair(Socket.getnameinfo(packed, NUMERIC)))
    assert.same({ "::1", "443" },
      pair(Socket.getnameinfo({ "INET6", 443, "::1" }, NUMERIC)))
    assert.same({ "::1", "443" },
      pair(Socket.getnameinfo({ nil, 443, "::1" }, NUMERIC)))
  end)

  it("looks up names", function()
    local host, service = assert(Socket.getnameinfo(address))
    assert.equal("http", service)
    assert.is_true(#host > 0)
    local list = { "AF_INET", 80, "127.0.0.1" }
    assert.same({ host, service }, pair(Socket.getnameinfo(list)))
    assert.same({ host, service },
      pair(Socket.getnameinfo(list, { timeout = 15 })))
    assert.same({ host, "80" },
      pair(Socket.getnameinfo(list, "NUMERICSERV", { timeout = 15 })))
    assert.same({ "127.0.0.1", service },
      pair(Socket.getnameinfo(list, Socket.NI_NUMERICHOST)))
  end)

  it("looks up the host of a list", function()
    for _, opts in ipairs { {}, { timeout = 15 } } do
      local list = { "AF_INET", 80, "localhost" }
      assert.same({ "127.0.0.1", "80" },
        pair(Socket.getnameinfo(list, NUMERIC, opts)))
    end
  end)

  it("takes a nil host of a list for the loopback", function()
    local list = { n = 3, "AF_INET", 80, nil }
    assert.same({ "127.0.0.1", "80" }, pair(Socket.getnameinfo(list, NUMERIC)))
  end)

  it("tells the services of datagrams apart", function()
    local packed = Socket.pack_sockaddr_in(514, "127.0.0.1")
    assert.same({ "127.0.0.1", "syslog" },
      pair(Socket.getnameinfo(packed, { "NUMERICHOST", "DGRAM" })))
    assert.same({ "127.0.0.1", "shell" },
      pair(Socket.getnameinfo(packed, "NUMERICHOST")))
  end)

  it("gives the path of a unix address", function()
    local path = net.path()
    local packed = Socket.pack_sockaddr_un(path)
    assert.same({ "localhost", path },
      pair(Socket.getnameinfo(packed, NUMERIC)))
    assert.same({ Socket.gethostname(), path },
      pair(Socket.getnameinfo(packed)))
    local longest = ("x"):rep(108)
    assert.equal(longest, (select(2,
      Socket.getnameinfo(Socket.pack_sockaddr_un(longest), NUMERIC))))
  end)

  it("would block at timeout 0, unless all is numeric", function()
    local opts = { timeout = 0 }
    assert.same({ "127.0.0.1", "80" },
      pair(Socket.getnameinfo(address, NUMERIC, opts)))
    assert.equal(Socket.WAIT_READABLE,
      select(2, Socket.getnameinfo(address, opts)))
    assert.equal(Socket.WAIT_READABLE, select(2,
      Socket.getnameinfo({ "INET", 80, "localhost" }, NUMERIC, opts)))
  end)

  it("returns what the resolver refuses", function()
    for length = 0, 15 do
      local message = check_refused("EAI_FAMILY",
        Socket.getnameinfo(address:sub(1, length), NUMERIC))
      assert.equal("getnameinfo: ai_family not supported", message)
    end
    check_refused("EAI_NONAME",
      Socket.getnameinfo(address, { "NAMEREQD", "NUMERICHOST" }))
    check_refused("EAI_SERVICE",
      Socket.getnameinfo({ "INET", "nosuch", "127.0.0.1" }, NUMERIC))
    check_refused("EAI_ADDRFAMILY",
      Socket.getnameinfo({ "INET6", 80, "127.0.0.1" }, NUMERIC))
    -- the fourth value is an address, never looked up
    check_refused("EAI_NONAME",
      Socket.getnameinfo({ "INET", 80, "x", "localhost" }, NUMERIC))
  end)

  it("names a bad argument", function()
    local getnameinfo = Socket.getnameinfo
    for _, case in ipairs {
      { nil, "#1" },
      { 5, "#1" },
      { true, "#1" },
      { {}, "#1.*array size should be 3 or 4, 0 given" },
      { { "INET", 80 }, "#1.*array size should be 3 or 4, 2 given" },
      { { "AF_FOO", 80, "::1" }, "#1.*unknown socket domain: AF_FOO" },
      { { "INET", {}, "::1" }, "#1.*service must be" },
      { { "INET", 65536, "::1" }, "#1.*65536" },
      { { "INET", 80, {} }, "#1.*host must be" },
      { { family = "foo" }, "#1.*foo" },
    } do
      assert.matches(case[2], message_of(getnameinfo, case[1], NUMERIC))
    end
    assert.matches("#2.*FOO", message_of(getnameinfo, address, "FOO"))
    assert.matches("unknown keyword",
      message_of(getnameinfo, address, { timout = 1 }))
    assert.matches("#1", message_of(getnameinfo))
  end)
end)
