-- Requests of ioctl. Each for itself is the matter of ioctl_spec.lua.

local Socket = require "socket"
local assert = require "luassert"
local build = require "spec.support.build"
local net = require "spec.support.net"

local requests = {}

local function udp()
  return assert(Socket.open("inet", "dgram"))
end

-- The name of the loopback interface.
local function loopback()
  for _, ifaddr in ipairs(Socket.getifaddrs()) do
    if ifaddr:flags() & Socket.IFF_LOOPBACK ~= 0 then return ifaddr:name() end
  end
  return "lo"
end

-- What such a request gives where there is no such: the names of a list.
local function absent(names, ...)
  local cases, args = {}, table.pack(...)
  for _, request in ipairs(names) do
    cases[request] = { "EOPNOTSUPP", function()
      local sock <close> = udp()
      return sock:ioctl(request, table.unpack(args, 1, args.n))
    end }
  end
  return cases
end

local function check_amounts()
  local a, b, _ <close> = net.tcp_pair()
  assert(a:send "hello")
  assert(b:wait_readable(5))
  assert.equal(5, b:ioctl "nread")
  assert.equal("integer", math.type(a:ioctl "nwrite"))
  assert.is_false(b:ioctl "atmark")
  if build.is_portable then return end
  for _, interface in ipairs(b:ioctl "gifconf") do
    assert.is_string(interface.name)
    assert.equal("inet", interface.addr.family)
  end
end

requests["ioctl/2"] = {
  check = check_amounts,
  absent = absent { "nspace", "tcp_info", -- Linux has other ways
    build.is_portable and "gifconf" or nil },
}

local GIVES = {
  gifindex = "number", gifaddr = "table", gifdstaddr = "table",
  gifbrdaddr = "table", gifnetmask = "table", gifhwaddr = "table",
  gifmtu = "number", giftxqlen = "number", gifflags = "table",
  gifmap = "table",
}

-- BSD's, and those of Windows.
local OTHERS = { "genaddr", "tcp_info", "rcvall", "rcvall_igmpmcast",
  "rcvall_mcast" }

local function check_interface()
  if build.is_portable then return end
  local sock <close> = udp()
  local name = loopback()
  for request, kind in pairs(GIVES) do
    local value, err = sock:ioctl(request, name)
    assert.equal(kind, type(value), ("%s: %s"):format(request, err))
  end
  assert.equal(name, sock:ioctl("gifname", sock:ioctl("gifindex", name)))
end

if build.is_portable then
  for request in pairs(GIVES) do
    OTHERS[#OTHERS + 1] = request
  end
end

requests["ioctl/3"] = {
  check = check_interface,
  absent = absent(OTHERS, "lo"),
}

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
