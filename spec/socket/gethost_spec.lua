local Socket = require "socket"
local failures = require "spec.support.failures"

local message_of = failures.message_of
local LOOPBACK = "\127\0\0\1"
local LOOPBACK6 = ("\0"):rep(15) .. "\1"

describe("Socket.gethostname", function()
  it("gives this machine's name", function()
    local file = io.open("/proc/sys/kernel/hostname")
    local name = Socket.gethostname()
    assert.is_true(#name > 0)
    if not file then return end
    assert.equal(file:read("l"), name)
    file:close()
  end)
end)

describe("Socket.gethostbyname", function()
  local gethostbyname = Socket.gethostbyname

  local function check_host(name, aliases, family, ...)
    assert.is_true(#name > 0)
    assert.is_table(aliases)
    local addresses = { ... }
    assert.is_true(#addresses > 0)
    assert.equal(family == Socket.AF_INET and 4 or 16, #addresses[1])
  end

  it("gives name, aliases, family and each address", function()
    check_host(gethostbyname("localhost"))
    check_host(gethostbyname("localhost", { timeout = 15 }))
    assert.equal("localhost", (gethostbyname("localhost")))
  end)

  it("gives an address back", function()
    for _, opts in ipairs { {}, { timeout = 0 } } do
      assert.same({ "127.0.0.1", {}, Socket.AF_INET, LOOPBACK },
        { gethostbyname("127.0.0.1", opts) })
      assert.same({ "::1", {}, Socket.AF_INET6, LOOPBACK6 },
        { gethostbyname("::1", opts) })
      assert.same({ "0.0.0.0", {}, Socket.AF_INET, "\0\0\0\0" },
        { gethostbyname("", opts) })
      assert.same({ "0.0.0.1", {}, Socket.AF_INET, "\0\0\0\1" },
        { gethostbyname(1, opts) })
    end
  end)

  it("would block at timeout 0", function()
    assert.equal(Socket.WAIT_READABLE,
      select(2, gethostbyname("localhost", { timeout = 0 })))
  end)

  it("names a bad argument", function()
    assert.matches("#1.*host expected", message_of(gethostbyname))
    assert.matches("#1.*host expected", message_of(gethostbyname, nil))
    assert.matches("#1.*host must be", message_of(gethostbyname, {}))
    assert.matches("#1.*null byte", message_of(gethostbyname, "a\0"))
    assert.matches("#2.*unknown keyword",
      message_of(gethostbyname, "a", { time = 1 }))
  end)
end)

describe("Socket.gethostbyaddr", function()
  local gethostbyaddr = Socket.gethostbyaddr

  local function check_loopback(...)
    local name, aliases, family, packed = ...
    assert.equal(4, select("#", ...))
    assert.is_true(#name > 0)
    assert.is_table(aliases)
    assert.equal(Socket.AF_INET, family)
    assert.equal(LOOPBACK, packed)
  end

  local function check_not_found(name, err, errno)
    assert.is_nil(name)
    assert.is_nil(errno)
    assert.equal("SocketError", err.name)
    assert.equal("host not found", tostring(err))
  end

  it("gives name, aliases, family and the address", function()
    check_loopback(gethostbyaddr(LOOPBACK))
    check_loopback(gethostbyaddr(LOOPBACK, "INET"))
    check_loopback(gethostbyaddr(LOOPBACK, { timeout = 15 }))
    check_loopback(gethostbyaddr(LOOPBACK, "INET", { timeout = 15 }))
  end)

  it("takes an IPv6 address when told so", function()
    local name, aliases, family, packed = gethostbyaddr(LOOPBACK6, "INET6")
    if not name then return check_not_found(name, aliases, family) end
    assert.equal(Socket.AF_INET6, family)
    assert.equal(LOOPBACK6, packed)
  end)

  it("does not find an address of the wrong length", function()
    for _, bytes in ipairs { "", "\127\0\0", LOOPBACK .. "\0", LOOPBACK6 } do
      check_not_found(gethostbyaddr(bytes))
    end
    check_not_found(gethostbyaddr(LOOPBACK, "INET6"))
    check_not_found(gethostbyaddr(LOOPBACK, "UNIX"))
  end)

  it("would block at timeout 0", function()
    assert.equal(Socket.WAIT_READABLE,
      select(2, gethostbyaddr(LOOPBACK, { timeout = 0 })))
  end)

  it("names a bad argument", function()
    assert.matches("#1.*string expected", message_of(gethostbyaddr))
    assert.matches("#1.*string expected", message_of(gethostbyaddr, {}))
    assert.matches("#2.*FOO", message_of(gethostbyaddr, LOOPBACK, "FOO"))
    assert.matches("unknown keyword",
      message_of(gethostbyaddr, LOOPBACK, { time = 1 }))
  end)
end)
