local Socket = require "socket"
local failures = require "spec.support.failures"

local message_of = failures.message_of

local function check_unknown(text, result, err, errno)
  assert.is_nil(result)
  assert.is_nil(errno)
  assert.equal("SocketError", err.name)
  assert.equal(text, tostring(err))
end

describe("Socket.getservbyname", function()
  local getservbyname = Socket.getservbyname

  it("gives the port", function()
    assert.equal(25, getservbyname("smtp"))
    assert.equal(80, getservbyname("http", nil))
    assert.equal(514, getservbyname("shell", "tcp"))
    assert.equal(514, getservbyname("syslog", "udp"))
    assert.equal(53, getservbyname("domain", "udp"))
  end)

  it("knows the other names of a service", function()
    assert.equal(25, getservbyname("mail"))
  end)

  it("gives a number in C's notation back", function()
    for text, port in pairs {
      ["80"] = 80, ["0x50"] = 80, ["010"] = 8, [" 80"] = 80, ["+5"] = 5,
      [""] = 0, ["-1"] = -1,
    } do
      assert.equal(port, getservbyname(text))
      assert.equal(port, getservbyname(text, "nosuch"))
    end
  end)

  it("returns that a service is unknown", function()
    check_unknown("no such service nosuchservice/tcp",
      getservbyname("nosuchservice"))
    check_unknown("no such service http/udpx", getservbyname("http", "udpx"))
    check_unknown("no such service http/udp", getservbyname("http", "udp"))
    check_unknown("no such service http/", getservbyname("http", ""))
    check_unknown("no such service HTTP/tcp", getservbyname("HTTP"))
    check_unknown("no such service 080/tcp", getservbyname("080"))
    check_unknown("no such service 80x/tcp", getservbyname("80x"))
    local digits = ("9"):rep(30)
    check_unknown("no such service " .. digits .. "/tcp", getservbyname(digits))
  end)

  it("names a bad argument", function()
    assert.matches("#1.*string expected", message_of(getservbyname))
    assert.matches("#1.*string expected", message_of(getservbyname, nil))
    assert.matches("#1.*string expected", message_of(getservbyname, {}))
    assert.matches("#1.*null byte", message_of(getservbyname, "ht\0tp"))
    assert.matches("#2.*string expected", message_of(getservbyname, "http", 6))
    assert.matches("#2.*null byte", message_of(getservbyname, "http", "t\0"))
  end)
end)

describe("Socket.getservbyport", function()
  local getservbyport = Socket.getservbyport

  it("gives the name", function()
    assert.equal("http", getservbyport(80))
    assert.equal("http", getservbyport("80"))
    assert.equal("shell", getservbyport(514, "tcp"))
    assert.equal("syslog", getservbyport(514, "udp"))
  end)

  it("returns that there is none", function()
    check_unknown("no such service for port 0/tcp", getservbyport(0))
    check_unknown("no such service for port 65535/tcp", getservbyport(65535))
    check_unknown("no such service for port 80/udpx", getservbyport(80, "udpx"))
    check_unknown("no such service for port 80/", getservbyport(80, ""))
  end)

  it("names a bad argument", function()
    assert.matches("#1.*number expected", message_of(getservbyport))
    assert.matches("#1.*number expected", message_of(getservbyport, "http"))
    assert.matches("#1.*%-1 is not within", message_of(getservbyport, -1))
    assert.matches("#1.*65536 is not within", message_of(getservbyport, 65536))
    assert.matches("#1.*integer", message_of(getservbyport, 80.5))
    assert.matches("#2.*null byte", message_of(getservbyport, 80, "t\0cp"))
  end)
end)
