local Socket = require "socket"

local Addrinfo = Socket.Addrinfo

local IPV4 = Socket.sockaddr_in(80, "127.0.0.1")

describe("Addrinfo.new", function()
  it("keeps a packed string as it is", function()
    for _, bytes in ipairs({ "", "\1", IPV4, ("x"):rep(2048) }) do
      assert.equal(bytes, Addrinfo.new(bytes):to_sockaddr())
      assert.equal(bytes, Addrinfo.new(bytes):to_s())
    end
  end)

  it("refuses a string that no address fits", function()
    assert.has_error(function()
      Addrinfo.new(("x"):rep(2049))
    end, "bad argument #1 to 'new' (sockaddr string too big)")
  end)

  it("takes family, type and protocol by name or number", function()
    local addrinfo = Addrinfo.new(IPV4, "INET", "STREAM", "tcp")
    assert.equal(Socket.PF_INET, addrinfo:pfamily())
    assert.equal(Socket.SOCK_STREAM, addrinfo:socktype())
    assert.equal(Socket.IPPROTO_TCP, addrinfo:protocol())
    assert.equal(addrinfo, Addrinfo.new(IPV4, 2, 1, 6))
  end)

  it("copies an Addrinfo, and changes what is given", function()
    local tcp = Addrinfo.tcp("127.0.0.1", 80)
    assert.equal(tcp, Addrinfo.new(tcp))
    local udp = Addrinfo.new(tcp, nil, "DGRAM", "udp")
    assert.equal(Addrinfo.udp("127.0.0.1", 80), udp)
  end)

  it("is what the class does when it is called", function()
    assert.equal(Addrinfo.new(IPV4, 2), Addrinfo(IPV4, 2))
    assert.has_error(function()
      Addrinfo(true)
    end)
  end)

  it("reads the arrays that addr gives, with a hole for no name", function()
    local addrinfo = Addrinfo.new({ "AF_INET", 80, nil, "127.0.0.1" })
    assert.equal("#<Addrinfo: 127.0.0.1:80>", tostring(addrinfo))
  end)

  it("returns what the resolver says of an array's host", function()
    local addrinfo, err, errno = Addrinfo.new({ "AF_INET", 80, nil, "name" })
    assert.is_nil(addrinfo)
    assert.equal("ResolutionError", err.name)
    assert.equal("EAI_NONAME", err.code)
    assert.equal("getaddrinfo: Name or service not known", tostring(err))
    assert.is_nil(errno)
  end)

  it("raises for what is no address", function()
    for _, value in ipairs({ true, 5, print, io.stdout }) do
      assert.is_false(pcall(Addrinfo.new, value))
    end
    assert.is_false(pcall(Addrinfo.new))
    assert.is_false(pcall(Addrinfo.new, {}))
    assert.is_false(pcall(Addrinfo.new, { true }))
    assert.is_false(pcall(Addrinfo.new, IPV4, "FOO"))
    assert.is_false(pcall(Addrinfo.new, IPV4, 2, {}))
    assert.is_false(pcall(Addrinfo.new, IPV4, 2, 1, 1 << 40))
  end)
end)

describe("an Addrinfo", function()
  it("equals another with the same contents", function()
    assert.equal(Addrinfo.tcp("127.0.0.1", 80), Addrinfo.tcp("127.0.0.1", 80))
    assert.equal(Addrinfo.tcp("127.0.0.1", "http"),
      Addrinfo.tcp("127.0.0.1", 80))
  end)

  it("differs from one that differs in anything", function()
    local all = {
      Addrinfo.tcp("127.0.0.1", 80), Addrinfo.tcp("127.0.0.1", 81),
      Addrinfo.tcp("127.0.0.2", 80), Addrinfo.udp("127.0.0.1", 80),
      Addrinfo.ip("127.0.0.1"), Addrinfo.unix("/x"), Addrinfo.new(IPV4),
      Addrinfo.new(IPV4, 2), Addrinfo.new(IPV4, 2, 1),
      Addrinfo.new(IPV4 .. "\0", 2, 1, 6),
    }
    for i, one in ipairs(all) do
      for j, other in ipairs(all) do
        assert.equal(i == j, one == other)
      end
    end
    assert.is_false(all[1] == io.stdout)
  end)

  it("has methods that raise for anything else", function()
    for name, method in pairs(Addrinfo) do
      if name:find("^is_") or name:find("^ip_") or name:find("^inspect") then
        assert.is_false(pcall(method))
        assert.is_false(pcall(method, io.stdout))
        assert.is_false(pcall(method, "x"))
      end
    end
  end)
end)

describe("Addrinfo.unix", function()
  it("takes a path and a type", function()
    local addrinfo = Addrinfo.unix("/tmp/x", "DGRAM")
    assert.equal("/tmp/x", addrinfo:unix_path())
    assert.equal(Socket.SOCK_DGRAM, addrinfo:socktype())
    assert.equal(Socket.PF_UNIX, addrinfo:pfamily())
  end)

  it("raises for a path that is too long, or none", function()
    assert.has_error(function()
      Addrinfo.unix(("x"):rep(109))
    end, "bad argument #1 to 'unix' (too long unix socket path "
      .. "(109 bytes given but 108 bytes max))")
    assert.is_false(pcall(Addrinfo.unix, {}))
    assert.is_false(pcall(Addrinfo.unix, "/x", "FOO"))
  end)
end)

describe("Addrinfo:marshal_dump", function()
  it("gives names for numbers, and all that the Addrinfo holds", function()
    assert.same({
      "AF_INET", { "127.0.0.1", "80" }, "PF_INET", "SOCK_STREAM",
      "IPPROTO_TCP", nil, ":http",
    }, Addrinfo.tcp("127.0.0.1", "http"):marshal_dump())
    assert.same({ "AF_UNIX", "\0x", "PF_UNIX", "SOCK_STREAM", 0 },
      Addrinfo.unix("\0x"):marshal_dump())
  end)

  it("is read back by marshal_load", function()
    for _, addrinfo in ipairs({
      Addrinfo.tcp("127.0.0.1", "http"), Addrinfo.udp("::1", 53),
      Addrinfo.ip("fe80::1%lo"), Addrinfo.unix("rel", "DGRAM"),
      Addrinfo.new(IPV4), Addrinfo.unix("\0a\0b"),
      Addrinfo.new(IPV4, 2, 77, 99),
    }) do
      local loaded = Addrinfo.marshal_load(addrinfo:marshal_dump())
      assert.equal(addrinfo, loaded)
      assert.equal(addrinfo:inspect(), loaded:inspect())
      assert.equal(loaded, addrinfo:marshal_load(loaded:marshal_dump()))
    end
  end)

  it("raises for a family that it cannot name", function()
    assert.is_false(pcall(Addrinfo.new("\240\0ab").marshal_dump,
      Addrinfo.new("\240\0ab")))
    local short = Addrinfo.new("\2\0")
    assert.is_false(pcall(short.marshal_dump, short))
  end)

  it("raises for a malformed dump", function()
    for _, dump in ipairs({
      {}, { "AF_FOO", { "127.0.0.1", "80" }, 2, 1, 6 },
      { "AF_INET", "127.0.0.1", 2, 1, 6 }, { "AF_INET", {}, 2, 1, 6 },
      { "AF_INET", { "name", "80" }, 2, 1, 6 },
      { "AF_INET", { "::1", "80" }, 2, 1, 6 },
      { "AF_INET", { "127.0.0.1", "65536" }, 2, 1, 6 },
      { "AF_INET", { "127.0.0.1", "http" }, 2, 1, 6 },
      { "AF_INET", { "127.0.0.1", "80" } }, { "AF_UNIX", {}, 1, 1, 0 },
      { "AF_UNIX", "/x", 1, 1, 0, 5 }, { "AF_PACKET", "", 17, 1, 0 },
    }) do
      assert.is_false(pcall(Addrinfo.marshal_load, dump))
    end
    assert.is_false(pcall(Addrinfo.marshal_load))
  end)
end)
