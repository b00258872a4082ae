-- Addresses as tables: every field of the addresses that Erlang's manual lists,
-- written and read back. Its integers' tuples are numeric texts here.

local Socket = require "socket"
local checklist = require "spec.erlang.checklist"
local net = require "spec.support.net"

local Addrinfo = Socket.Addrinfo

local PKTTYPES = { "host", "broadcast", "multicast", "otherhost", "outgoing",
  "loopback", "user", "kernel" }

-- Each family's table with every field.
local WHOLE = {
  { family = "inet", addr = "192.0.2.1", port = 80 },
  { family = "inet6", addr = "2001:db8::1", port = 80, flowinfo = 7,
    scope_id = 1 },
  { family = "local", path = "/tmp/x" },
  { family = "unspec", addr = "abc" },
  { family = 240, addr = "abc" },
}
if Socket.AF_PACKET then
  WHOLE[#WHOLE + 1] = { family = "packet", protocol = 0x0800, ifindex = 1,
    hatype = 1, pkttype = "outgoing", addr = "\2\0\1\2\3\4" }
end
if Socket.AF_NETLINK then
  WHOLE[#WHOLE + 1] = { family = "netlink", pid = 77, groups = 5 }
end
if Socket.AF_VSOCK then
  WHOLE[#WHOLE + 1] = { family = "vsock", cid = 3, port = 1024, flags = 1 }
end

local function with(address, fields)
  local copy = {}
  for name, value in pairs(address) do copy[name] = value end
  for name, value in pairs(fields) do copy[name] = value end
  return copy
end

local function whole(family)
  for _, address in ipairs(WHOLE) do
    if address.family == family then return address end
  end
end

-- Skips an example where the platform lacks the family.
local function needs(family)
  if not whole(family) then pending("no addresses of " .. family .. " here") end
end

-- Reads as `expected`, and that reads as itself -> its bytes.
local function check_reads(expected, given)
  local addrinfo = Addrinfo.new(given or expected)
  assert.same(expected, addrinfo:to_table())
  assert.same(expected, Addrinfo.new(expected):to_table())
  return addrinfo:to_sockaddr()
end

-- The field keeps each value, and no other field changes.
local function check_keeps(family, field, values)
  for _, value in ipairs(values) do
    check_reads(with(whole(family), { [field] = value }))
  end
end

local function refusal(address)
  local ok, message = pcall(Addrinfo.new, address)
  assert.is_false(ok, "not refused")
  assert.matches("bad argument #1", message, 1, true)
  return message
end

-- Each value is refused, with a complaint that names the field.
local function check_refuses(family, field, values)
  for _, value in ipairs(values) do
    assert.matches(field, refusal(with(whole(family), { [field] = value })), 1,
      true)
  end
end

-- An integer of so many values.
local function check_integer(family, field, most)
  check_keeps(family, field, { 0, 1, most })
  check_refuses(family, field, { -1, most + 1, 1.5, {}, true, "x" })
  local named = with(whole(family), { [field] = "1" })
  assert.equal(1, Addrinfo.new(named):to_table()[field])
end

-- What stands for several spellings of a family.
local function check_family(...)
  local address = whole((...))
  for _, name in ipairs { ... } do
    check_reads(address, with(address, { family = name }))
  end
end

local function check_special_hosts(family, hosts)
  for name, host in pairs(hosts) do
    for _, given in ipairs { name, name:upper() } do
      check_reads(with(whole(family), { addr = host }),
        with(whole(family), { addr = given }))
    end
  end
end

local function check_pkttypes()
  needs "packet"
  check_keeps("packet", "pkttype", PKTTYPES)
  check_keeps("packet", "pkttype", { 8, 255 })
  check_refuses("packet", "pkttype", { "foo", -1, 256, {} })
  for given, expected in pairs { fastroute = "user", HOST = "host",
    [4] = "outgoing" } do
    check_reads(with(whole "packet", { pkttype = expected }),
      with(whole "packet", { pkttype = given }))
  end
end

local function check_ports()
  check_integer("inet", "port", 65535)
  local http = with(whole "inet", { port = "http" })
  assert.equal(80, Addrinfo.new(http):to_table().port)
  assert.matches("port: unknown service 'no such'",
    refusal(with(http, { port = "no such" })), 1, true)
end

-- Erlang's type and field -> how it is tried.
local CHECKS = {
  ["ip4_address (4-tuple)"] = function()
    local bytes = check_reads { family = "inet", addr = "1.2.3.4", port = 0 }
    assert.equal("\1\2\3\4", bytes:sub(5, 8))
    check_keeps("inet", "addr", { "0.0.0.0", "255.255.255.255" })
    check_refuses("inet", "addr", { "1.2.3.256", "1.2.3.4.5", "::1", "a.b", "",
      "1.2.3.4\0", 5, {} })
  end,
  ["ip6_address (8-tuple)"] = function()
    local bytes = check_reads(with(whole "inet6", { addr = "1:2:3:4:5:6:7:8" }))
    assert.equal("\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\8", bytes:sub(9, 24))
    check_keeps("inet6", "addr", { "::", "ffff::ffff", "::ffff:1.2.3.4" })
    check_refuses("inet6", "addr", { "1.2.3.4", "1:2:3", "::10000", "", 5 })
  end,
  ["sockaddr_in4 family"] = function()
    check_family("inet", "INET", "AF_INET", "PF_INET", Socket.AF_INET)
  end,
  ["sockaddr_in4 port"] = check_ports,
  ["port_number (range)"] = check_ports,
  ["sockaddr_in4 addr"] = function()
    check_special_hosts("inet", { any = "0.0.0.0", loopback = "127.0.0.1",
      broadcast = "255.255.255.255" })
  end,
  ["sockaddr_in6 family"] = function()
    check_family("inet6", "INET6", "AF_INET6", "PF_INET6", Socket.AF_INET6)
  end,
  ["sockaddr_in6 port"] = function() check_integer("inet6", "port", 65535) end,
  ["sockaddr_in6 addr"] = function()
    check_special_hosts("inet6", { any = "::", loopback = "::1" })
    check_refuses("inet6", "addr", { "broadcast" })
  end,
  ["sockaddr_in6 flowinfo"] = function()
    check_keeps("inet6", "flowinfo", { 1048575 })
    check_integer("inet6", "flowinfo", 0xffffffff) -- with the traffic class
    local bytes = Addrinfo.new(whole "inet6"):to_sockaddr()
    assert.equal("\0\0\0\7", bytes:sub(5, 8))
  end,
  ["sockaddr_in6 scope_id"] = function()
    check_integer("inet6", "scope_id", 4294967295)
    local named = { family = "inet6", addr = "fe80::1%7" }
    assert.equal(7, Addrinfo.new(named):to_table().scope_id)
    assert.equal(8, Addrinfo.new(with(named, { scope_id = 8 })):to_table()
      .scope_id)
  end,
  ["sockaddr_un family"] = function()
    check_family("local", "unix", "LOCAL", "AF_UNIX", "AF_LOCAL",
      Socket.AF_UNIX)
  end,
  ["sockaddr_un path"] = function()
    check_keeps("local", "path", { "", "/tmp/x", "rel", "a b\n\xff",
      ("x"):rep(108), "\0name", "\0a\0b", "\0a\0\0", "\0" })
    check_refuses("local", "path", { ("x"):rep(109), {}, true })
    assert.matches("path must be a string, not nil",
      refusal { family = "local" }, 1, true)
  end,
  ["sockaddr_ll family"] = function()
    needs "packet"
    check_family("packet", "PACKET", "AF_PACKET", Socket.AF_PACKET)
  end,
  ["sockaddr_ll protocol"] = function()
    needs "packet"
    check_integer("packet", "protocol", 65535)
    assert.equal("\8\0", Addrinfo.new(whole "packet"):to_sockaddr():sub(3, 4))
  end,
  ["sockaddr_ll ifindex"] = function()
    needs "packet"
    check_integer("packet", "ifindex", 0x7fffffff)
  end,
  ["sockaddr_ll pkttype"] = check_pkttypes,
  ["packet_type (values)"] = check_pkttypes,
  ["sockaddr_ll hatype"] = function()
    needs "packet"
    check_integer("packet", "hatype", 65535)
  end,
  ["sockaddr_ll addr"] = function()
    needs "packet"
    check_keeps("packet", "addr", { "", "abcdef", ("\xff"):rep(20),
      ("x"):rep(255) })
    check_refuses("packet", "addr", { ("x"):rep(256), 5, {} })
  end,
  ["sockaddr_dl family, index, type, nlen, alen, slen, data"] = function()
    assert.is_nil(Socket.AF_LINK, "BSD has them, and no spec")
    assert.matches("unknown socket domain: link",
      refusal { family = "link" }, 1, true)
  end,
  ["sockaddr_vm family"] = function()
    needs "vsock"
    check_family("vsock", "VSOCK", "AF_VSOCK", Socket.AF_VSOCK)
  end,
  ["sockaddr_vm port"] = function()
    needs "vsock"
    check_integer("vsock", "port", 4294967295)
    assert.equal(Socket.VMADDR_PORT_ANY,
      Addrinfo.new({ family = "vsock" }):to_table().port)
  end,
  ["sockaddr_vm cid"] = function()
    needs "vsock"
    check_keeps("vsock", "cid", { "any", "hypervisor", "local", "host", 3,
      4294967294 })
    check_refuses("vsock", "cid", { "foo", -1, 4294967296, {} })
    for name, cid in pairs { hypervisor = 0, ["local"] = 1, host = 2,
      any = Socket.VMADDR_CID_ANY } do
      check_reads(with(whole "vsock", { cid = name }),
        with(whole "vsock", { cid = cid }))
    end
    assert.equal("any", Addrinfo.new({ family = "vsock" }):to_table().cid)
  end,
  ["sockaddr_unspec family, addr"] = function()
    check_family("unspec", "UNSPEC", "AF_UNSPEC", 0)
    check_keeps("unspec", "addr", { "", "\0", ("x"):rep(2046) })
    check_refuses("unspec", "addr", { ("x"):rep(2047), 5, {} })
  end,
  ["sockaddr_native family, addr"] = function()
    assert.equal(("=I2"):pack(240) .. "abc", check_reads(whole(240)))
    for _, family in ipairs { 65535, 201 } do
      check_reads { family = family, addr = "\1\2" }
    end
    for _, family in ipairs { -1, 65536 } do
      assert.matches("family is out of range", refusal { family = family }, 1,
        true)
    end
  end,
  ["sockaddr (union)"] = function()
    for _, address in ipairs(WHOLE) do
      local bytes = check_reads(address)
      assert.equal(bytes, Addrinfo.new(Addrinfo.new(bytes)):to_sockaddr())
      assert.same(address, Addrinfo.new(bytes):to_table())
    end
  end,
  ["msghdr addr"] = function()
    local a <close> = assert(Socket.new("INET", "DGRAM"))
    local b <close> = assert(Socket.new("INET", "DGRAM"))
    assert(a:bind "loopback")
    assert(b:bind "loopback")
    assert(a:sendmsg { iov = { "x" }, addr = b:sockname() })
    local message = assert(b:recvmsg(nil, nil, nil, { msghdr = true,
      timeout = 5 }))
    assert.same(a:sockname(), message.addr)
  end,
}

describe("Erlang's address", function()
  for _, name in ipairs(checklist.types()) do
    if checklist.is_address(name) then
      it(name .. " is written and read", function()
        assert.is_function(CHECKS[name])
        CHECKS[name]()
      end)
    end
  end
end)

describe("an address as a table", function()
  it("has netlink's fields", function()
    needs "netlink"
    check_family("netlink", "NETLINK", "AF_NETLINK", Socket.AF_NETLINK)
    check_integer("netlink", "pid", 0xffffffff)
    check_integer("netlink", "groups", 0xffffffff)
    assert.equal(("=I2I2I4I4"):pack(Socket.AF_NETLINK, 0, 77, 5),
      check_reads(whole "netlink"))
  end)

  it("has vsock's flags", function()
    needs "vsock"
    check_integer("vsock", "flags", 255)
  end)

  it("has what is left out as nothing, or as any", function()
    for _, expected in ipairs {
      { family = "inet", addr = "0.0.0.0", port = 0 },
      { family = "inet6", addr = "::", port = 0, flowinfo = 0, scope_id = 0 },
      { family = "packet", protocol = 0, ifindex = 0, hatype = 0,
        pkttype = "host", addr = "" },
      { family = "netlink", pid = 0, groups = 0 },
      { family = "vsock", cid = "any", port = 4294967295, flags = 0 },
      { family = "unspec", addr = "" },
    } do
      if whole(expected.family) then
        check_reads(expected, { family = expected.family })
      end
    end
  end)

  it("has no field that its family has not", function()
    for _, address in ipairs(WHOLE) do
      for _, name in ipairs { "adr", "Port", "PATH", "scopeid", "ifname", 2 } do
        assert.matches(("unknown address field '%s'"):format(name),
          refusal(with(address, { [name] = 1 })), 1, true)
      end
    end
    assert.matches("'port'", refusal(with(whole "local", { port = 1 })), 1,
      true)
    assert.matches("'path'", refusal(with(whole "inet", { path = "/" })), 1,
      true)
  end)

  it("may give all bytes after the family", function()
    for _, address in ipairs(WHOLE) do
      local packed = Addrinfo.new(address):to_sockaddr()
      local raw = { family = address.family, bytes = packed:sub(3) }
      assert.equal(packed, Addrinfo.new(raw):to_sockaddr())
      assert.matches("unknown address field 'addr'",
        refusal(with(raw, { addr = "any" })), 1, true)
      assert.matches("bytes is too long",
        refusal(with(raw, { bytes = ("x"):rep(2047) })), 1, true)
    end
  end)

  it("reads as bytes where it is cut short or too long", function()
    for _, address in ipairs { whole "inet", whole "inet6" } do
      local packed = Addrinfo.new(address):to_sockaddr()
      for length = 2, #packed - 1 do
        check_reads({ family = address.family,
          bytes = packed:sub(3, length) }, packed:sub(1, length))
      end
    end
    local long = ("x"):rep(109)
    check_reads({ family = "local", bytes = long },
      Addrinfo.new({ family = "local", bytes = long }))
  end)

  it("reads from any bytes what can be written", function()
    for seed = 0, 255 do
      local bytes = {}
      for i = 1, 40 do bytes[i] = string.char((seed * 7 + i * i * 31) % 256) end
      for _, family in ipairs { 0, 1, 2, 10, 16, 17, 40, seed } do
        local tail = table.concat(bytes):sub(seed % 40)
        local addrinfo = Addrinfo.new(("=I2"):pack(family) .. tail)
        check_reads(addrinfo:to_table())
      end
    end
  end)

  it("is what a socket's ends have", function()
    local path = net.path()
    for _, address in ipairs {
      { "INET", { family = "inet", addr = "loopback" }, "127.0.0.1" },
      { "INET6", { family = "inet6", addr = "loopback" }, "::1" },
      { "UNIX", { family = "local", path = path } },
      { "UNIX", { family = "local", path = "\0" .. path .. "\0\0" } },
    } do
      if address[1] ~= "INET6" or net.has_ipv6() then
        local server <close> = assert(Socket.new(address[1], "STREAM"))
        assert(server:bind(address[2]))
        assert(server:listen(1))
        local name = server:sockname()
        assert.equal(address[3], name.addr)
        assert.equal(address[2].path, name.path)
        local client <close> = assert(Socket.new(address[1], "STREAM"))
        assert(client:connect(name, { timeout = 5 }))
        assert.same(name, client:peername())
        local peer <close>, from = server:accept { timeout = 5 }
        assert.same(client:sockname(), peer:peername())
        assert.same(client:sockname(), from:to_table())
      end
    end
  end)
end)
