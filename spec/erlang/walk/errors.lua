-- What the queue of errors tells: Linux's struct sock_extended_err, and the
-- address of who complained.

local Socket = require "socket"
local assert = require "luassert"

local AncillaryData = Socket.AncillaryData

local errors = {}

local IPV6_RECVERR = 25 -- Linux's; Ruby has no name for it

local ORIGINS = { none = 0, ["local"] = 1, icmp = 2, icmp6 = 3 }

local NOTHING = { errno = Socket.Errno.ECONNREFUSED, origin = 0, type = 0,
  code = 0, info = 0, data = 0, offender = "" }

-- The value of a queued error with those fields.
local function value_of(given)
  local fields = setmetatable(given, { __index = NOTHING })
  local origin = ORIGINS[fields.origin] or fields.origin
  local data = ("I4BBBxI4I4"):pack(fields.errno, origin, fields.type,
    fields.code, fields.info, fields.data) .. fields.offender
  local message = AncillaryData.new("INET", "IP", "RECVERR", data)
  if origin == ORIGINS.icmp6 then
    message = AncillaryData.new("INET6", "IPV6", IPV6_RECVERR, data)
  end
  return message:value()
end

-- Numbers are told by those names, others as they are.
local function check_names(field, fields, names, number)
  for name, value in pairs(names) do
    fields[field] = value
    assert.equal(name, value_of(fields)[field])
  end
  fields[field] = number
  assert.equal(number, value_of(fields)[field])
end

-- Only Linux has the queue.
local function add(name, check)
  errors[name] = function()
    if Socket.MSG_ERRQUEUE then return check() end
    assert.is_nil(Socket.IP_RECVERR)
  end
end

add("ee_origin (values)", function()
  check_names("origin", {}, ORIGINS, 200)
end)

add("icmp_dest_unreach (values)", function()
  check_names("code", { origin = "icmp", type = 3 }, { net_unreach = 0,
    host_unreach = 1, port_unreach = 3, frag_needed = 4, net_unknown = 6,
    host_unknown = 7 }, 99)
end)

add("icmpv6_dest_unreach (values)", function()
  check_names("code", { origin = "icmp6", type = 1 }, { noroute = 0,
    adm_prohibited = 1, not_neighbour = 2, addr_unreach = 3, port_unreach = 4,
    policy_fail = 5, reject_route = 6 }, 99)
end)

add("extended_err error", function()
  assert.equal("EHOSTUNREACH",
    value_of({ errno = Socket.Errno.EHOSTUNREACH }).error)
end)

add("extended_err origin", function()
  assert.equal("icmp", value_of({ origin = "icmp" }).origin)
end)

add("extended_err type", function()
  check_names("type", { origin = "icmp" }, { dest_unreach = 3,
    time_exceeded = 11 }, 99)
  check_names("type", { origin = "icmp6" }, { dest_unreach = 1,
    pkt_toobig = 2, time_exceeded = 3 }, 99)
  assert.equal(3, value_of({ origin = "local", type = 3 }).type)
end)

add("extended_err code", function()
  assert.equal(3, value_of({ origin = "icmp", type = 11, code = 3 }).code)
end)

add("extended_err info", function()
  assert.equal(0xffffffff, value_of({ info = 0xffffffff }).info)
end)

add("extended_err data", function()
  assert.equal(0xffffffff, value_of({ data = 0xffffffff }).data)
end)

add("extended_err offender", function()
  assert.is_nil(value_of({ origin = "local" }).offender)
  local address = { family = "inet", addr = "192.0.2.1", port = 0 }
  local packed = Socket.Addrinfo.new(address):to_sockaddr()
  assert.same(address, value_of({ origin = "icmp", offender = packed })
    .offender)
end)

return errors
