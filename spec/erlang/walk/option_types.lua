-- Values of options: each field is taken and checked, and each word.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

local option_types = {}

local GROUP, HOST = "224.0.0.251", "127.0.0.1"

-- By the row's type and fields: an option that has such a value, and one.
local TABLES = {
  ["timeval sec"] = { "socket", "rcvtimeo", { sec = 1, usec = 2 } },
  ["linger onoff"] = { "socket", "linger", { onoff = true, linger = 1 } },
  ["ip_mreq multiaddr"] = { "ip", "add_membership",
    { multiaddr = GROUP, interface = HOST } },
  ["ip_mreq_source multiaddr"] = { "ip", "add_source_membership",
    { multiaddr = GROUP, interface = HOST, sourceaddr = HOST } },
  ["ip_msfilter multiaddr"] = { "ip", "msfilter", { multiaddr = GROUP,
    interface = HOST, mode = "include", slist = { HOST } } },
  ["ipv6_mreq multiaddr"] = { "ipv6", "add_membership",
    { multiaddr = "ff02::1:5", interface = "lo" } },
  ["sctp_sndrcvinfo stream, ssn, flags, ppid, context, timetolive, tsn, "
    .. "cumtsn"] = { "sctp", "default_send_params", { stream = 1, ssn = 2,
    flags = 3, ppid = 4, context = 5, timetolive = 6, tsn = 7, cumtsn = 8,
    assoc_id = 9 } },
  ["sctp_event_subscribe data_in (data_io later), association, address, "
    .. "send_failure, peer_error, shutdown, partial_delivery, "
    .. "adaptation_layer, authentication, sender_dry"] = { "sctp", "events",
    { data_in = true, association = true, address = true,
    send_failure = true, peer_error = true, shutdown = true,
    partial_delivery = true, adaptation_layer = true, authentication = true,
    sender_dry = true } },
  ["sctp_assocparams assoc_id"] = { "sctp", "associnfo", { assoc_id = 1,
    max_rxt = 2, num_peer_dests = 3, peer_rwnd = 4, local_rwnd = 5,
    cookie_life = 6 } },
  ["sctp_initmsg num_outstreams, max_instreams, max_attempts, "
    .. "max_init_timeo"] = { "sctp", "initmsg", { num_outstreams = 1,
    max_instreams = 2, max_attempts = 3, max_init_timeo = 4 } },
  ["sctp_rtoinfo assoc_id"] = { "sctp", "rtoinfo",
    { assoc_id = 1, initial = 2, max = 3, min = 4 } },
}

-- Further rows of a type -> the first.
local MORE = {
  ["timeval usec"] = "timeval sec",
  ["linger linger"] = "linger onoff",
  ["ip_mreq interface"] = "ip_mreq multiaddr",
  ["ip_mreq_source interface"] = "ip_mreq_source multiaddr",
  ["ip_mreq_source sourceaddr"] = "ip_mreq_source multiaddr",
  ["ip_msfilter interface"] = "ip_msfilter multiaddr",
  ["ip_msfilter mode"] = "ip_msfilter multiaddr",
  ["ip_msfilter slist"] = "ip_msfilter multiaddr",
  ["ipv6_mreq interface"] = "ipv6_mreq multiaddr",
  ["sctp_sndrcvinfo assoc_id"] = "sctp_sndrcvinfo stream, ssn, flags, ppid, "
    .. "context, timetolive, tsn, cumtsn",
  ["sctp_assocparams max_rxt, num_peer_dests"] = "sctp_assocparams assoc_id",
  ["sctp_assocparams peer_rwnd, local_rwnd, cookie_life"] =
    "sctp_assocparams assoc_id",
  ["sctp_rtoinfo initial, max, min"] = "sctp_rtoinfo assoc_id",
}

-- By type: the option whose value is one of the words.
local WORDS = {
  ip_tos = { "ip", "tos", { "lowdelay", "throughput", "reliability",
    "mincost", 32 } },
  ip_pmtudisc = { "ip", "mtu_discover", { "want", "dont", "do", "probe" } },
  ipv6_hops = { "ipv6", "unicast_hops", { "default", 0, 255 } },
}

-- The same with one field changed.
local function with(value, field, changed)
  local copy = {}
  for name, content in pairs(value) do
    copy[name] = content
  end
  copy[field] = changed
  return copy
end

-- What the program is told, or nil: whether the system takes it does not
-- matter.
local function complaint(level, name, value)
  local sock <close> = assert(Socket.open("inet", "dgram"))
  local ok, message = pcall(sock.setopt, sock, level, name, value)
  return not ok and message or nil
end

local function check_fields(fields, case)
  local level, name, value = table.unpack(case)
  assert.is_nil(complaint(level, name, value))
  for field in fields:gsub("%b()", ""):gmatch "[%w_]+" do
    assert.is_not_nil(value[field], field)
    assert.matches(field .. " must be ",
      complaint(level, name, with(value, field, print)))
  end
  assert.matches("unknown field 'foo'",
    complaint(level, name, with(value, "foo", 1)))
end

for row, case in pairs(TABLES) do
  option_types[row] = function()
    check_fields(row:match " (.*)", case)
  end
end

for row, first in pairs(MORE) do
  option_types[row] = function()
    check_fields(row:match " (.*)", TABLES[first])
  end
end

local function check_words(level, name, words)
  local domain = level == "ipv6" and "inet6" or "inet"
  local sock <close>, err = Socket.open(domain, "dgram")
  if not sock then
    assert.is_false(net.has_ipv6())
    return assert.equal("EAFNOSUPPORT", err.name)
  end
  for _, word in ipairs(words) do
    assert.is_true(sock:setopt(level, name, word), word)
    if word ~= "default" then -- only to set
      assert.equal(word, sock:getopt(level, name))
    end
  end
  assert.error_matches(function() sock:setopt(level, name, "no such") end,
    "#3 to 'setopt'")
end

for kind, case in pairs(WORDS) do
  option_types[kind .. " (values)"] = function()
    check_words(table.unpack(case))
  end
end

option_types["ip_msfilter_mode (values)"] = function()
  local level, name, value = table.unpack(TABLES["ip_msfilter multiaddr"])
  for _, mode in ipairs { "include", "exclude" } do
    assert.is_nil(complaint(level, name, with(value, "mode", mode)))
  end
  assert.is_truthy(complaint(level, name, with(value, "mode", "no such")))
end

option_types["sockopt_level (values)"] = function()
  local sock <close> = assert(Socket.open("inet", "dgram"))
  for _, level in ipairs { "otp", "socket", "ip", "ipv6", "tcp", "udp",
    "sctp" } do
    assert.error_matches(function() sock:getopt(level, "no such") end,
      "unknown option: no such")
  end
  assert.equal(Socket.SOCK_DGRAM, sock:getopt(Socket.SOL_SOCKET,
    Socket.SO_TYPE, { type = "int" }))
end

return option_types
