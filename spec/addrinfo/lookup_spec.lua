local Socket = require "socket"

local Addrinfo = Socket.Addrinfo

-- No name server is asked for so long a label.
local UNKNOWN = ("x"):rep(64)

local function check_unknown(result, err, errno)
  assert.is_nil(result)
  assert.equal("ResolutionError", err.name)
  assert.is_nil(errno)
end

describe("Addrinfo.getaddrinfo", function()
  it("gives an entry for each type of socket", function()
    local list = Addrinfo.getaddrinfo("127.0.0.1", 80)
    assert.same({ 1, 2, 3 }, {
      list[1]:socktype(), list[2]:socktype(), list[3]:socktype(),
    })
    assert.equal(3, #list)
  end)

  it("takes names for family, type, protocol and flags", function()
    local list = Addrinfo.getaddrinfo(nil, 80, "INET", "STREAM", "tcp",
      { "PASSIVE" })
    assert.equal(1, #list)
    assert.equal("#<Addrinfo: 0.0.0.0:80 TCP>", list[1]:inspect())
  end)

  it("looks up the names of this machine", function()
    local list = assert(Addrinfo.getaddrinfo("localhost", "http", "INET",
      "STREAM", nil, nil, { timeout = 10 }))
    assert.equal("127.0.0.1:80", list[1]:inspect_sockaddr())
    assert.equal("#<Addrinfo: 127.0.0.1:80 TCP (localhost:http)>",
      list[1]:inspect())
  end)

  it("gives the canonical name where it is asked for", function()
    local list = assert(Addrinfo.getaddrinfo("localhost", "http", "INET",
      "STREAM", nil, "CANONNAME"))
    assert.is_string(list[1]:canonname())
    assert.is_nil(Addrinfo.tcp("127.0.0.1", 80):canonname())
  end)

  it("returns what the resolver says", function()
    check_unknown(Addrinfo.getaddrinfo(UNKNOWN, 80))
    check_unknown(Addrinfo.getaddrinfo("127.0.0.1", "no such service"))
    check_unknown(Addrinfo.getaddrinfo(nil, nil))
    check_unknown(Addrinfo.getaddrinfo("::1", 80, "INET"))
  end)

  it("answers for numeric hosts without waiting", function()
    assert.equal(3, #Addrinfo.getaddrinfo("::1", 80, { timeout = 0 }))
  end)

  it("raises for mistakes", function()
    for _, args in ipairs({
      { true, 80 }, { "127.0.0.1", {} }, { "127.0.0.1", 65536 },
      { "127.0.0.1", 80, "FOO" }, { "127.0.0.1", 80, 2, "FOO" },
      { "127.0.0.1", 80, 2, 1, "FOO" }, { "127.0.0.1", 80, 2, 1, 6, "FOO" },
      { "127.0.0.1", 80, { timout = 1 } },
      { "127.0.0.1", 80, { timeout = -1 } },
      { "a\0b", 80 }, { ("x"):rep(2000), 80 },
    }) do
      local ok, err = pcall(Addrinfo.getaddrinfo, table.unpack(args))
      assert.is_false(ok)
      assert.matches("bad argument #", err, 1, true)
    end
  end)
end)

describe("Addrinfo.foreach", function()
  it("calls the function with each address and gives the list", function()
    local seen = {}
    local list = Addrinfo.foreach("127.0.0.1", 80, function(addrinfo)
      seen[#seen + 1] = addrinfo
    end)
    assert.same(list, seen)
    assert.equal(3, #list)
  end)

  it("is an iterator without a function", function()
    local count = 0
    for addrinfo in Addrinfo.foreach("127.0.0.1", 80, "INET", "DGRAM") do
      assert.equal("#<Addrinfo: 127.0.0.1:80 UDP>", addrinfo:inspect())
      count = count + 1
    end
    assert.equal(1, count)
  end)

  it("lets the function yield", function()
    local addresses = coroutine.wrap(function()
      Addrinfo.foreach("127.0.0.1", 80, coroutine.yield)
    end)
    assert.equal(Socket.SOCK_STREAM, addresses():socktype())
    assert.equal(Socket.SOCK_DGRAM, addresses():socktype())
  end)

  it("returns what the resolver says", function()
    check_unknown(Addrinfo.foreach(UNKNOWN, 80, error))
  end)

  it("raises for mistakes, at its caller", function()
    assert.has_error(function()
      Addrinfo.foreach("127.0.0.1", 80, "FOO", print)
    end, "bad argument #3 to 'foreach' (unknown socket domain: FOO)")
  end)
end)

describe("Addrinfo.tcp, udp and ip", function()
  it("give the first address", function()
    assert.equal("#<Addrinfo: 127.0.0.1:80 TCP (:http)>",
      Addrinfo.tcp("127.0.0.1", "http"):inspect())
    assert.equal("#<Addrinfo: [::1]:53 UDP>", Addrinfo.udp("::1", 53):inspect())
    assert.equal("#<Addrinfo: 127.0.0.1>", Addrinfo.ip("127.0.0.1"):inspect())
  end)

  it("take a timeout", function()
    local opts = { timeout = 0 }
    assert.equal(80, Addrinfo.tcp("127.0.0.1", 80, opts):ip_port())
    assert.equal(80, Addrinfo.udp("127.0.0.1", 80, opts):ip_port())
    assert.equal("127.0.0.1", Addrinfo.ip("127.0.0.1", opts):ip_address())
  end)

  it("return what the resolver says", function()
    check_unknown(Addrinfo.tcp(UNKNOWN, 80))
    check_unknown(Addrinfo.udp("127.0.0.1", "no such service"))
    check_unknown(Addrinfo.ip(UNKNOWN))
  end)

  it("raise for unknown keywords", function()
    assert.has_error(function()
      Addrinfo.tcp("127.0.0.1", 80, { timout = 1 })
    end, "bad argument #3 to 'tcp' (unknown keyword 'timout')")
    assert.has_error(function()
      Addrinfo.ip("127.0.0.1", { timout = 1 })
    end, "bad argument #2 to 'ip' (unknown keyword 'timout')")
  end)
end)

describe("Addrinfo:getnameinfo", function()
  it("names host and service", function()
    local host, service = Addrinfo.tcp("127.0.0.1", 80):getnameinfo()
    assert.is_string(host)
    assert.equal("http", service)
  end)

  it("names a datagram service for a datagram socket", function()
    local flags = { "NUMERICHOST" }
    local _, tcp = Addrinfo.tcp("127.0.0.1", 514):getnameinfo(flags)
    local _, udp = Addrinfo.udp("127.0.0.1", 514):getnameinfo(flags)
    assert.equal("shell", tcp)
    assert.equal("syslog", udp)
  end)

  it("gives a unix path as the service", function()
    local _, service = Addrinfo.unix("/tmp/x"):getnameinfo()
    assert.equal("/tmp/x", service)
  end)

  it("returns what the resolver says", function()
    local host, err = Addrinfo.new("\2\0"):getnameinfo()
    assert.is_nil(host)
    assert.equal("getnameinfo: ai_family not supported", tostring(err))
  end)

  it("raises for mistakes", function()
    local addrinfo = Addrinfo.tcp("127.0.0.1", 80)
    assert.is_false(pcall(addrinfo.getnameinfo, addrinfo, "FOO"))
    assert.is_false(pcall(addrinfo.getnameinfo, addrinfo, { timout = 1 }))
  end)
end)

describe("Addrinfo:family_addrinfo", function()
  local tcp = Addrinfo.tcp("0.0.0.0", 0)
  local unix = Addrinfo.unix("/x")

  local function raises(text, addrinfo, ...)
    local ok, err = pcall(addrinfo.family_addrinfo, addrinfo, ...)
    assert.is_false(ok)
    assert.matches(text, err, 1, true)
  end

  it("keeps family, type and protocol", function()
    local other = tcp:family_addrinfo("127.0.0.1", "http")
    assert.equal("#<Addrinfo: 127.0.0.1:80 TCP (:http)>", other:inspect())
    assert.equal("/y", unix:family_addrinfo("/y"):unix_path())
    assert.equal(7, tcp:family_addrinfo("127.0.0.1", 7, { timeout = 0 })
      :ip_port())
  end)

  it("gives an Addrinfo of the same kind as it is", function()
    local other = Addrinfo.tcp("127.0.0.1", 2)
    assert.is_true(rawequal(other, tcp:family_addrinfo(other)))
    raises("Addrinfo type mismatch", tcp, unix)
    raises("Addrinfo type mismatch", tcp, Addrinfo.udp("127.0.0.1", 2))
  end)

  it("returns what the resolver says", function()
    check_unknown(tcp:family_addrinfo("::1", 80))
  end)

  it("raises for the wrong number of arguments", function()
    raises("no address specified", tcp)
    raises("IP address needs host and port but 1 arguments given", tcp, "a")
    raises("UNIX socket needs single path argument but 2 arguments given",
      unix, "a", 1)
    raises("unexpected family", Addrinfo.new(""), "a")
    raises("string expected", unix, true)
  end)
end)
