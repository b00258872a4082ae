-- Words and numbers: kinds of sockets, flags, levels, ranges, errors.

local Socket = require "socket"
local assert = require "luassert"
local build = require "spec.support.build"
local net = require "spec.support.net"

local kinds = {}

-- Opens such a socket, unless the system refuses with one of those errors; the
-- info's field has to be the word.
local function check_open(field, word, refusals, ...)
  local sock <close>, err = Socket.open(...)
  if sock then return assert.equal(word, sock:info()[field]) end
  assert.is_true(refusals[err.name], tostring(err))
end

local NOT_HERE = { EAFNOSUPPORT = true, ESOCKTNOSUPPORT = true,
  EPROTONOSUPPORT = true, ENODEV = true }

-- A raw socket needs the right to.
local NEEDS_ROOT = { EPERM = true, EACCES = true }

-- What such a socket comes to that the system does not know.
local function absent(errno, ...)
  local args = table.pack(...)
  return { errno, function()
    return Socket.open(table.unpack(args, 1, args.n))
  end }
end

kinds["domain (values)"] = {
  absent = { unspec = absent("EAFNOSUPPORT", "unspec", "stream") },
  check = function()
    for word, number in pairs { inet = Socket.AF_INET,
      inet6 = Socket.AF_INET6, ["local"] = Socket.AF_UNIX } do
      local refusals = word == "inet6" and NOT_HERE or {}
      check_open("domain", word, refusals, word, "stream")
      check_open("domain", word, refusals, number, "stream")
    end
    if Socket.AF_VSOCK then
      check_open("domain", "vsock", NOT_HERE, "vsock", "stream")
    end
  end,
}

kinds["type (values)"] = {
  absent = { rdm = absent("ESOCKTNOSUPPORT", "inet", "rdm") },
  check = function()
    check_open("type", "stream", {}, "inet", "stream")
    check_open("type", "dgram", {}, "inet", "dgram")
    check_open("type", "raw", NEEDS_ROOT, "inet", "raw", "icmp")
    check_open("type", "seqpacket", {}, "local", "seqpacket")
  end,
}

local PROTOCOLS = { tcp = "stream", udp = "dgram", sctp = "stream",
  mptcp = "stream", udplite = "dgram" }

local function check_protocols()
  for word, socktype in pairs(PROTOCOLS) do
    if Socket.is_supported("protocols", word) then
      check_open("protocol", word, {}, "inet", socktype, word)
      check_open("protocol", word, {}, "inet", socktype,
        "IPPROTO_" .. word:upper())
    end
  end
  for _, word in ipairs { "icmp", "igmp", "ipv6" } do
    check_open("protocol", word, NEEDS_ROOT, "inet", "raw", word)
  end
  check_open("protocol", "tcp", {}, "inet", "stream", "ip") -- 0, the usual one
  check_open("protocol", 253, NEEDS_ROOT, "inet", "raw", 253)
  assert.error_matches(function() Socket.open("inet", "stream", "no such") end,
    "unknown protocol: no such")
end

local function absent_protocols()
  local cases = {}
  for word, socktype in pairs(PROTOCOLS) do
    if not Socket.is_supported("protocols", word) then
      cases[word] = absent("EPROTONOSUPPORT", "inet", socktype, word)
    end
  end
  return cases
end

kinds["protocol (values)"] = {
  check = check_protocols,
  absent = absent_protocols(),
}

kinds["completion_info handle"] = "Windows alone has completions"

kinds["send_flag (values)"] = function()
  for _, flag in ipairs { "confirm", "dontroute", "more", "nosignal" } do
    if Socket.is_supported("send_flags", flag) then
      local a, b, _ <close> = net.udp_pair()
      assert.equal(1, a:send("x", { flag }), flag)
      if flag == "more" then assert(a:send "y") end
      assert.equal("x", b:recv({ timeout = 5 }):sub(1, 1))
    end
  end
  local a, b, _ <close> = net.pair "SEQPACKET"
  assert.equal(1, a:send("x", { "eor" }))
  assert.equal("x", b:recv())
  local c, d, _ <close> = net.tcp_pair()
  assert.equal(1, c:send("x", { "oob" }))
  assert(d:wait_priority(5))
  assert.equal("x", d:recv(1, { "oob" }))
end

kinds["recv_flag (values)"] = function()
  local a, b, _ <close> = net.udp_pair()
  assert(a:send "hello")
  assert(b:wait_readable(5))
  assert.equal("he", b:recv(2, { "peek" }))
  assert.equal("hello", b:recv(9, { "cmsg_cloexec", "trunc" }))
  if Socket.MSG_ERRQUEUE then
    assert.equal(Socket.WAIT_READABLE, select(2, b:recv(9, { "errqueue" },
      { timeout = 0 })))
  end
  local c, d, _ <close> = net.tcp_pair()
  assert(c:send("x", { "oob" }))
  assert(d:wait_priority(5))
  assert.equal("x", d:recv(1, { "oob" }))
end

kinds["msg_flag (values)"] = function()
  for _, flag in ipairs { "cmsg_cloexec", "confirm", "ctrunc", "dontroute",
    "eor", "errqueue", "more", "oob", "peek", "trunc" } do
    assert.is_boolean(Socket.supports("msg_flags", flag), flag)
    assert.equal(Socket["MSG_" .. flag:upper()] ~= nil,
      Socket.is_supported("msg_flags", flag))
  end
end

-- The flags of the next message.
local function flags_of(sock, size, flags, room)
  local message = assert(sock:recvmsg(size, flags, room,
    { msghdr = true, timeout = 5 }))
  table.sort(message.flags)
  return message.flags
end

kinds["msghdr_flag (values)"] = function()
  local a, b, _ <close> = net.udp_pair()
  assert(b:setopt("ip", "recvttl", true))
  assert(a:send "hello")
  assert.same({ "ctrunc", "trunc" }, flags_of(b, 2, nil, 0))
  local c, d, _ <close> = net.tcp_pair()
  assert(c:send("x", { "oob" }))
  assert(d:wait_priority(5))
  assert.same({ "oob" }, flags_of(d, 1, { "oob" }))
  assert.equal(1, a:sendmsg { iov = "x", flags = {} }) -- as they are received
end

kinds["shutdown_how (values)"] = function()
  for _, how in ipairs { "read", "write", "read_write", "rd", "SHUT_WR" } do
    local a, _, _ <close> = net.pair()
    assert.equal(0, a:shutdown(how))
  end
  local a, _, _ <close> = net.pair()
  assert.error_matches(function() a:shutdown "no such" end, "#1")
end

kinds["errcode (values)"] = function()
  local sock <close> = assert(Socket.open("inet", "stream"))
  local ok, err, errno = sock:send "x"
  assert.is_nil(ok)
  assert.is_true(Socket.Error.is(err, "EPIPE"))
  assert.equal(Socket.Errno.EPIPE, errno)
  assert.equal(errno, err.errno)
end

-- A mistake raises here.
kinds["invalid (tuple)"] = function()
  local sock <close> = assert(Socket.open("inet", "stream"))
  assert.error_matches(function() sock:setopt("ip", "no such", 1) end,
    "bad argument #2 to 'setopt' %(unknown option: no such")
end

local function loopback_flags()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  local name = assert(sock:ioctl "gifconf")[1].name
  return sock:ioctl("gifflags", name), sock:ioctl("gifmap", name)
end

kinds["ioctl_device_map mem_start, mem_end, base_addr, irq, dma, port"] =
  function()
    if build.is_portable then return end -- ioctl/3 tells that it is absent
    local _, map = loopback_flags()
    for _, field in ipairs { "mem_start", "mem_end", "base_addr", "irq", "dma",
      "port" } do
      assert.equal("integer", math.type(map[field]), field)
    end
  end

kinds["ioctl_device_flag (values)"] = function()
  local known = Socket.supports "ioctl_flags"
  for _, flag in ipairs { "up", "broadcast", "debug", "loopback",
    "pointopoint", "notrailers", "running", "noarp", "promisc", "allmulti",
    "master", "slave", "multicast", "portsel", "automedia", "dynamic" } do
    assert.is_true(known[flag], flag)
  end
  if build.is_portable then return end
  for _, flag in ipairs((loopback_flags())) do
    assert.is_true(math.type(flag) == "integer" or known[flag], flag)
  end
end

-- Where a number out of its range is refused.
local function check_range(address, field, least, most)
  for number, is_good in pairs { [least - 1] = false, [least] = true,
    [most] = true, [most + 1] = false } do
    address[field] = number
    assert.equal(is_good, (pcall(Socket.Addrinfo.new, address)))
  end
end

kinds["uint8, uint16, uint20, uint32, int32 (range)"] = function()
  check_range({ family = "inet" }, "port", 0, 0xffff)
  check_range({ family = "inet6" }, "flowinfo", 0, 0xffffffff)
  check_range({ family = "inet6" }, "scope_id", 0, 0xffffffff)
  local sock <close> = assert(Socket.open("inet", "dgram"))
  for value in pairs { [1 << 31] = true, [-(1 << 31) - 1] = true,
    [0.5] = true } do
    assert.is_false(pcall(sock.setopt, sock, "ip", "ttl", value))
  end
end

return kinds
