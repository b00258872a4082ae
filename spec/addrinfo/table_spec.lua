local Socket = require "socket"

local Addrinfo = Socket.Addrinfo

local function packed(host, port)
  return Socket.sockaddr_in(port, host)
end

describe("an address as a table", function()
  it("is an IPv4 address", function()
    local addrinfo = Addrinfo.new({
      family = "inet", addr = "192.0.2.1", port = 80,
    })
    assert.equal(packed("192.0.2.1", 80), addrinfo:to_sockaddr())
    assert.equal(Socket.AF_INET, addrinfo:pfamily())
    assert.equal("#<Addrinfo: 192.0.2.1:80>", addrinfo:inspect())
  end)

  it("is an IPv6 address", function()
    local addrinfo = Addrinfo.new({
      family = "inet6", addr = "fe80::1", port = 80, flowinfo = 7,
      scope_id = 1,
    })
    assert.equal("[fe80::1%lo]:80", addrinfo:inspect_sockaddr())
    assert.equal("\0\0\0\7", addrinfo:to_sockaddr():sub(5, 8))
  end)

  it("may name the scope in the address", function()
    local addrinfo = Addrinfo.new({ family = "inet6", addr = "fe80::1%lo" })
    assert.equal("fe80::1%lo", addrinfo:ip_address())
  end)

  it("names special addresses", function()
    for _, case in ipairs({
      { "inet", "any", "0.0.0.0" },
      { "inet", "loopback", "127.0.0.1" },
      { "inet", "broadcast", "255.255.255.255" },
      { "inet", nil, "0.0.0.0" },
      { "inet", "LOOPBACK", "127.0.0.1" },
      { "inet6", "any", "::" },
      { "inet6", "loopback", "::1" },
      { "inet6", nil, "::" },
    }) do
      local addrinfo = Addrinfo.new({ family = case[1], addr = case[2] })
      assert.equal(case[3], addrinfo:ip_address())
      assert.equal(0, addrinfo:ip_port())
    end
  end)

  it("takes the family by any of its names", function()
    for _, name in ipairs({ "inet", "INET", "AF_INET", "pf_inet",
      Socket.AF_INET }) do
      assert.is_true(Addrinfo.new({ family = name }):is_ipv4())
    end
    for _, name in ipairs({ "local", "unix", "LOCAL", "AF_UNIX" }) do
      assert.is_true(Addrinfo.new({ family = name, path = "/x" }):is_unix())
    end
  end)

  it("takes the name of a service as the port", function()
    local addrinfo = Addrinfo.new({ family = "inet", port = "http" })
    assert.equal(80, addrinfo:ip_port())
    assert.equal(8080, Addrinfo.new({ family = "inet", port = "8080" })
      :ip_port())
  end)

  it("is a path, of a file or abstract", function()
    for _, path in ipairs({ "/tmp/x", "rel", "\0abstract\0name", "",
      ("x"):rep(108) }) do
      local addrinfo = Addrinfo.new({ family = "local", path = path })
      assert.equal(Socket.sockaddr_un(path), addrinfo:to_sockaddr())
      assert.equal(path, addrinfo:unix_path())
    end
  end)

  it("is a link-layer address", function()
    if not Socket.AF_PACKET then return end
    local addrinfo = Addrinfo.new({
      family = "packet", protocol = 0x0800, ifindex = 1, hatype = 1,
      pkttype = "outgoing", addr = "\2\0\1\2\3\4",
    })
    assert.equal("\17\0\8\0\1\0\0\0\1\0\4\6\2\0\1\2\3\4\0\0",
      addrinfo:to_sockaddr())
  end)

  it("is the bytes after the family for other families", function()
    local addrinfo = Addrinfo.new({ family = 240, addr = "abc" })
    assert.equal(string.pack("=I2", 240) .. "abc", addrinfo:to_sockaddr())
  end)

  it("serves wherever an address does", function()
    local address = { family = "inet", addr = "192.0.2.1", port = 9 }
    local port, host = Socket.unpack_sockaddr_in(address)
    assert.equal(9, port)
    assert.equal("192.0.2.1", host)
    assert.equal("/x", Socket.unpack_sockaddr_un({
      family = "local", path = "/x",
    }))
  end)

  it("is refused where it is malformed", function()
    for _, case in ipairs({
      { {}, "family" },
      { { family = true }, "name or integer" },
      { { family = "foo" }, "foo" },
      { { family = -1 }, "out of range" },
      { { family = 65536 }, "out of range" },
      { { family = "inet", addr = "localhost" }, "'localhost'" },
      { { family = "inet", addr = "::1" }, "'::1'" },
      { { family = "inet", addr = "127.0.0.1\0" }, "not a numeric" },
      { { family = "inet", addr = 5 }, "addr must be a string" },
      { { family = "inet", adr = "any" }, "'adr'" },
      { { family = "inet", path = "/x" }, "'path'" },
      { { family = "inet", port = 65536 }, "port" },
      { { family = "inet", port = -1 }, "port" },
      { { family = "inet", port = 1.5 }, "port" },
      { { family = "inet", port = {} }, "port" },
      { { family = "inet", port = "no such service" }, "'no such service'" },
      { { family = "inet6", addr = "broadcast" }, "'broadcast'" },
      { { family = "inet6", addr = "127.0.0.1" }, "not a numeric IPv6" },
      { { family = "inet6", scope_id = 1 << 32 }, "scope_id" },
      { { family = "inet6", flowinfo = -1 }, "flowinfo" },
      { { family = "local" }, "path must be a string" },
      { { family = "local", path = {} }, "path must be a string" },
      { { family = "local", path = ("x"):rep(109) }, "109 bytes" },
      { { family = 240, addr = ("x"):rep(2047) }, "too long" },
      { { family = 240, port = 1 }, "'port'" },
    }) do
      local ok, err = pcall(Addrinfo.new, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #1", err, 1, true)
      assert.matches(case[2], err, 1, true)
    end
  end)

  it("is refused where a link-layer address is malformed", function()
    if not Socket.AF_PACKET then return end
    for _, case in ipairs({
      { { family = "packet", addr = ("x"):rep(256) }, "too long" },
      { { family = "packet", pkttype = "foo" }, "pkttype" },
      { { family = "packet", ifindex = 1 << 31 }, "ifindex" },
      { { family = "packet", port = 1 }, "'port'" },
    }) do
      local ok, err = pcall(Addrinfo.new, case[1])
      assert.is_false(ok)
      assert.matches(case[2], err, 1, true)
    end
  end)
end)
