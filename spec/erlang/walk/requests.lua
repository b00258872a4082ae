-- Requests of ioctl. Each for itself is the matter of ioctl_spec.lua.

local Socket = require "socket"
local assert = require "luassert"
local build = require "spec.support.build"
local net = require "spec.support.net"

local requests = {}

local function udp()
  return assert(Socket.open("inet", "dgram"))
end

-- What Linux, or any platform beyond POSIX, does not have.
local function is_absent(...)
  local sock <close> = udp()
  local value, err, errno = sock:ioctl(...)
  assert.is_nil(value)
  assert.equal("EOPNOTSUPP", err.name)
  assert.equal(Socket.Errno.EOPNOTSUPP, errno)
end

-- The name of the loopback interface.
local function loopback()
  for _, ifaddr in ipairs(Socket.getifaddrs()) do
    if ifaddr:flags() & Socket.IFF_LOOPBACK ~= 0 then return ifaddr:name() end
  end
  return "lo"
end

requests["ioctl/2"] = function()
  local a, b, _ <close> = net.tcp_pair()
  assert(a:send "hello")
  assert(b:wait_readable(5))
  assert.equal(5, b:ioctl "nread")
  assert.equal("integer", math.type(a:ioctl "nwrite"))
  assert.is_false(b:ioctl "atmark")
  is_absent "nspace"
  is_absent "tcp_info"
  if build.is_portable then return is_absent "gifconf" end
  for _, interface in ipairs(b:ioctl "gifconf") do
    assert.is_string(interface.name)
    assert.equal("inet", interface.addr.family)
  end
end

local GIVES = {
  gifindex = "number", gifaddr = "table", gifdstaddr = "table",
  gifbrdaddr = "table", gifnetmask = "table", gifhwaddr = "table",
  gifmtu = "number", giftxqlen = "number", gifflags = "table",
  gifmap = "table",
}

requests["ioctl/3"] = function()
  local sock <close> = udp()
  local name = loopback()
  for request, kind in pairs(GIVES) do
    if build.is_portable then
      is_absent(request, name)
    else
      local value, err = sock:ioctl(request, name)
      assert.equal(kind, type(value), ("%s: %s"):format(request, err))
    end
  end
  if not build.is_portable then
    assert.equal(name, sock:ioctl("gifname", sock:ioctl("gifindex", name)))
  end
  for _, request in ipairs { "genaddr", "tcp_info", "rcvall",
    "rcvall_igmpmcast", "rcvall_mcast" } do
    is_absent(request, name)
  end
end

local ADDRESS = { family = "inet", addr = "127.0.0.1" }

local SETS = {
  sifflags = { up = true }, sifaddr = ADDRESS, sifdstaddr = ADDRESS,
  sifbrdaddr = ADDRESS, sifnetmask = ADDRESS, sifmtu = 1500, siftxqlen = 9,
  sifhwaddr = { family = "packet", hatype = 1, addr = "abcdef" },
}

-- Of an interface that there is not, so that nothing is set.
requests["ioctl/4"] = function()
  local sock <close> = udp()
  for request, value in pairs(SETS) do
    local ok, err = sock:ioctl(request, "nosuch", value)
    assert.is_nil(ok)
    local expected = build.is_portable and { EOPNOTSUPP = true }
      or { ENODEV = true, EPERM = true }
    assert.is_true(expected[err.name], tostring(err))
  end
end

return requests
