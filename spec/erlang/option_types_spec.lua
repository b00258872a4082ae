-- Walks the checklist's types that are values of options: each field is taken
-- and checked, each word too.

local Socket = require "socket"
local net = require "spec.support.net"

local GROUP, HOST = "224.0.0.251", "127.0.0.1"

-- By type: an option that has such a value, and one.
local TABLES = {
  timeval = { "socket", "rcvtimeo", { sec = 1, usec = 2 } },
  linger = { "socket", "linger", { onoff = true, linger = 1 } },
  ip_mreq = { "ip", "add_membership", { multiaddr = GROUP, interface = HOST } },
  ip_mreq_source = { "ip", "add_source_membership",
    { multiaddr = GROUP, interface = HOST, sourceaddr = HOST } },
  ip_msfilter = { "ip", "msfilter", { multiaddr = GROUP, interface = HOST,
    mode = "include", slist = { HOST } } },
  ipv6_mreq = { "ipv6", "add_membership",
    { multiaddr = "ff02::1:5", interface = "lo" } },
  sctp_sndrcvinfo = { "sctp", "default_send_params", { stream = 1, ssn = 2,
    flags = 3, ppid = 4, context = 5, timetolive = 6, tsn = 7, cumtsn = 8,
    assoc_id = 9 } },
  sctp_event_subscribe = { "sctp", "events", { data_in = true,
    association = true, address = true, send_failure = true,
    peer_error = true, shutdown = true, partial_delivery = true,
    adaptation_layer = true, authentication = true, sender_dry = true } },
  sctp_assocparams = { "sctp", "associnfo", { assoc_id = 1, max_rxt = 2,
    num_peer_dests = 3, peer_rwnd = 4, local_rwnd = 5, cookie_life = 6 } },
  sctp_initmsg = { "sctp", "initmsg", { num_outstreams = 1,
    max_instreams = 2, max_attempts = 3, max_init_timeo = 4 } },
  sctp_rtoinfo = { "sctp", "rtoinfo",
    { assoc_id = 1, initial = 2, max = 3, min = 4 } },
}

-- By type: the option whose value is one of the words.
local WORDS = {
  ip_tos = { "ip", "tos" },
  ip_pmtudisc = { "ip", "mtu_discover" },
  ipv6_hops = { "ipv6", "unicast_hops" },
}

local function rows()
  local list = {}
  for line in io.lines "spec/erlang/data/erlang_types.tsv" do
    local name, fields, kind = line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)$"
    list[#list + 1] = assert(name and { name = name,
      fields = fields:gsub("%b()", ""), kind = kind:gsub("%b()", "") }, line)
  end
  return list
end

local function open(domain)
  return assert(Socket.new(domain or "INET", "DGRAM"))
end

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
  local sock <close> = open()
  local ok, message = pcall(sock.setopt, sock, level, name, value)
  return not ok and message or nil
end

local function check_field(case, field)
  local level, name, value = table.unpack(case)
  assert.is_not_nil(value[field], field)
  assert.is_nil(complaint(level, name, value))
  assert.matches(field .. " must be ",
    complaint(level, name, with(value, field, print)))
end

local function check_words(case, kind)
  local level, name = table.unpack(case)
  if level == "ipv6" and not net.has_ipv6() then pending "no IPv6 here" end
  local sock <close> = open(level == "ipv6" and "INET6")
  for word in kind:gmatch "[%w_.]+" do
    if word ~= "integer" and not word:find "^%d" then
      assert.is_true(sock:setopt(level, name, word), word)
    end
  end
  assert.is_not_nil(complaint(level, name, "no such word"))
end

describe("the type", function()
  for _, row in ipairs(rows()) do
    for field in row.fields:gmatch "[%w_]+" do
      if TABLES[row.name] then
        it(row.name .. " has " .. field, function()
          check_field(TABLES[row.name], field)
        end)
      end
    end
    if WORDS[row.name] then
      it(row.name .. " has words", function()
        check_words(WORDS[row.name], row.kind)
      end)
    end
  end

  it("ip_msfilter_mode has words", function()
    local level, name, value = table.unpack(TABLES.ip_msfilter)
    for _, mode in ipairs { "include", "exclude" } do
      assert.is_nil(complaint(level, name, with(value, "mode", mode)))
    end
  end)

  it("sockopt_level has names", function()
    local sock <close> = open()
    for _, level in ipairs { "otp", "socket", "ip", "ipv6", "tcp", "udp",
      "sctp" } do
      local ok, message = pcall(sock.getopt, sock, level, "no such option")
      assert.is_false(ok)
      assert.matches("unknown option: no such option", message)
    end
  end)

  for name, value in pairs(TABLES) do
    it(name .. " has no other field", function()
      assert.matches("unknown field 'foo'",
        complaint(value[1], value[2], with(value[3], "foo", 1)))
    end)
  end
end)
