-- How each option of the checklist is tried, by level and name. A case has
-- `on`, the kind of socket (else the level's), and
-- - `values` to be set and read back, where `back` gives what is read for one;
-- - or `gives`, a check of what is read;
-- - or `sets`, values that are only set;
-- - or `try`, a function of the socket that does all of it;
-- - or `absent`, the name of the error that says that the platform has it not,
--   with `sample`, a value of the right type.
-- `privileged` ones may fail with EPERM, or with the error that it names.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

local BOTH = { true, false }

local GROUP = { multiaddr = "224.0.0.251", interface = "127.0.0.1" }
local SOURCE = { multiaddr = "224.0.0.251", interface = "127.0.0.1",
  sourceaddr = "127.0.0.2" }
local GROUP6 = { multiaddr = "ff02::1:5", interface = "lo" }

local function flag(on)
  return { values = BOTH, on = on }
end

local function numbers(...)
  return { values = { ... } }
end

local function of_type(name)
  return { gives = function(value) assert.equal(name, type(value)) end }
end

local function exactly(expected)
  return { gives = function(value) assert.equal(expected, value) end }
end

local function absent(sample)
  return { absent = "ENOPROTOOPT", sample = sample }
end

local function double(value)
  return value * 2
end

-- Joins with one option and leaves with the other, as the kernel tells.
local function membership(level, join, leave, group)
  return { try = function(sock)
    assert(sock:setopt(level, join, group))
    local ok, err = sock:setopt(level, join, group)
    assert.is_nil(ok)
    assert.is_true(err.name == "EADDRINUSE" or err.name == "EADDRNOTAVAIL")
    assert(sock:setopt(level, leave, group))
    ok, err = sock:setopt(level, leave, group)
    assert.is_nil(ok)
    assert.is_true(err.name == "EADDRNOTAVAIL" or err.name == "EINVAL")
  end }
end

-- Within a group, sets one and then the other.
local function in_group(first, second)
  return { try = function(sock)
    assert(sock:setopt("ip", "add_membership", GROUP))
    assert(sock:setopt("ip", first, SOURCE))
    assert(sock:setopt("ip", second, SOURCE))
  end }
end

-- On a connection whose addresses are IPv4's in IPv6.
local function make_ipv4()
  local server <close>, _, port = net.listener()
  local sock <close> = assert(Socket.new("INET6", "STREAM"))
  assert(sock:connect { family = "inet6", addr = "::ffff:127.0.0.1",
    port = port })
  assert.equal("inet6", sock:getopt("socket", "domain"))
  assert(sock:setopt("ipv6", "addrform", "inet"))
  assert.equal("inet", sock:getopt("socket", "domain"))
  assert(server:accept()):close()
end

local function header(bytes)
  return { on = "udp6", values = { bytes, false }, privileged = true }
end

-- The number of an interface.
local function index_of(name)
  for _, ifaddr in ipairs(Socket.getifaddrs()) do
    if ifaddr:name() == name then return ifaddr:ifindex() end
  end
end

local cases = {}

cases.otp = {
  debug = flag(),
  use_registry = of_type "boolean",
  iow = flag(),
  controlling_process = { values = { "me", 7 } },
  rcvbuf = { values = { 100, { reads = 2, size = 50 }, "default" },
    back = function(value) return value == "default" and 65536 or value end },
  rcvctrlbuf = { values = { 100, "default" },
    back = function(value) return value == "default" and 16384 or value end },
  sndctrlbuf = { values = { 100, "default" },
    back = function(value) return value == "default" and 16384 or value end },
  meta = { values = { "text", { 1 }, 7 } },
  fd = { gives = function(value, sock) assert.equal(sock:fileno(), value) end },
  select_read = flag(),
  domain = exactly "inet",
}

cases.socket = {
  acceptconn = { try = function(sock)
    assert.is_false(sock:getopt("socket", "acceptconn"))
    assert(sock:listen(1))
    assert.is_true(sock:getopt("socket", "acceptconn"))
  end },
  acceptfilter = absent "x",
  bindtodevice = { values = { "lo", "" }, privileged = true },
  broadcast = flag "udp",
  busy_poll = { values = { 1, 0 }, privileged = true },
  debug = { values = { 1, 0 }, privileged = "EACCES" },
  domain = exactly "inet",
  dontroute = flag(),
  error = exactly(0),
  keepalive = flag(),
  linger = { values = { { onoff = true, linger = 5 }, "abort" },
    back = function(value)
      return value == "abort" and { onoff = true, linger = 0 } or value
    end },
  mark = { values = { 7, 0 }, privileged = true },
  oobinline = flag(),
  passcred = flag "unix",
  peek_off = numbers(3, -1),
  peercred = { on = "pair", gives = function(value)
    assert.is_true(value.pid > 0 and value.uid >= 0 and value.gid >= 0)
  end },
  priority = { values = { 6, 7, 0 }, privileged = true },
  protocol = exactly "tcp",
  rcvbuf = { values = { 4096, 8192 }, back = double },
  rcvbufforce = { sets = { 4096 }, privileged = true },
  rcvlowat = numbers(9, 1),
  rcvtimeo = numbers({ sec = 2, usec = 500000 }, { sec = 0, usec = 0 }),
  reuseaddr = flag(),
  reuseport = flag(),
  rxq_ovfl = flag "udp",
  setfib = absent(1),
  sndbuf = { values = { 8192, 16384 }, back = double },
  sndbufforce = { sets = { 8192 }, privileged = true },
  sndlowat = { try = function(sock)
    assert.equal(1, sock:getopt("socket", "sndlowat"))
    local ok, err = sock:setopt("socket", "sndlowat", 2)
    assert.is_nil(ok)
    assert.equal("ENOPROTOOPT", err.name)
  end },
  sndtimeo = numbers({ sec = 2, usec = 500000 }, { sec = 0, usec = 0 }),
  timestamp = flag "udp",
  type = exactly "stream",
  bsp_state = absent "x",
  exclusiveaddruse = absent(true),
  maxdg = absent(1),
  max_msg_size = absent(1),
}

cases.ip = {
  add_membership = membership("ip", "add_membership", "drop_membership",
    GROUP),
  add_source_membership = membership("ip", "add_source_membership",
    "drop_source_membership", SOURCE),
  block_source = in_group("block_source", "unblock_source"),
  dontfrag = absent(true),
  drop_membership = membership("ip", "add_membership", "drop_membership",
    GROUP),
  drop_source_membership = membership("ip", "add_source_membership",
    "drop_source_membership", SOURCE),
  freebind = flag(),
  hdrincl = { on = "raw", values = BOTH },
  minttl = numbers(200, 0),
  msfilter = { try = function(sock)
    assert(sock:setopt("ip", "add_membership", GROUP))
    for _, slist in ipairs { { "127.0.0.2", "127.0.0.3" }, {} } do
      assert(sock:setopt("ip", "msfilter", { multiaddr = GROUP.multiaddr,
        interface = GROUP.interface, mode = "exclude", slist = slist }))
    end
    local ok, err = sock:setopt("ip", "msfilter", "null")
    assert.is_nil(ok)
    assert.equal("EINVAL", err.name)
  end },
  mtu = { on = "connected", gives = function(value)
    assert.is_true(value >= 68)
  end },
  mtu_discover = numbers("want", "dont", "do", "probe", 4),
  multicast_all = flag(),
  multicast_if = { values = { "127.0.0.1", "any" }, back = function(value)
    return value == "any" and "0.0.0.0" or value
  end },
  multicast_loop = flag(),
  multicast_ttl = numbers(0, 255),
  nodefrag = flag "raw",
  options = numbers("\1\1\1\0", ""),
  pktinfo = flag(),
  recverr = flag(),
  recvif = absent(true),
  recvdstaddr = absent(true),
  recvopts = flag(),
  recvorigdstaddr = flag(),
  recvtos = flag(),
  recvttl = flag(),
  retopts = flag(),
  router_alert = { on = "raw", sets = { 1, 0 } },
  sndsrcaddr = absent(true),
  tos = numbers("lowdelay", "throughput", "reliability", "mincost", 0, 0xb8),
  transparent = { values = BOTH, privileged = true },
  ttl = numbers(1, 255),
  unblock_source = in_group("block_source", "unblock_source"),
}

cases.ipv6 = {
  addrform = { try = make_ipv4 },
  add_membership = membership("ipv6", "add_membership", "drop_membership",
    GROUP6),
  authhdr = absent(true),
  auth_level = absent(1),
  checksum = { on = "raw6", values = { 2, -1 } },
  drop_membership = membership("ipv6", "add_membership", "drop_membership",
    GROUP6),
  dstopts = header "\0\0\1\4\0\0\0\0",
  esp_trans_level = absent(1),
  esp_network_level = absent(1),
  faith = absent(true),
  flowinfo = flag(),
  hopopts = header "\0\0\1\4\0\0\0\0",
  ipcomp_level = absent(1),
  join_group = membership("ipv6", "join_group", "leave_group", GROUP6),
  leave_group = membership("ipv6", "join_group", "leave_group", GROUP6),
  mtu = { on = "connected6", gives = function(value)
    assert.is_true(value >= 1280)
  end },
  mtu_discover = numbers("want", "dont", "do", "probe"),
  multicast_hops = { values = { 0, 255, "default" }, back = function(value)
    return value == "default" and 1 or value
  end },
  multicast_if = numbers(index_of "lo", 0),
  multicast_loop = flag(),
  portrange = absent(1),
  pktoptions = { on = "tcp6", gives = function(value)
    assert.equal("string", type(value))
  end },
  recverr = flag(),
  recvhoplimit = flag(),
  hoplimit = absent(true),
  recvpktinfo = flag(),
  -- The kernel takes an address there, which it does not tell.
  pktinfo = { absent = "ENOPROTOOPT", refused = "EINVAL", sample = true },
  recvtclass = flag(),
  router_alert = { on = "raw6", values = { 1 } },
  rthdr = header("\0\2\4\0" .. ("\0"):rep(19) .. "\1"),
  tclass = numbers(0, 255),
  unicast_hops = { values = { 0, 255, "default" }, back = function(value)
    return value == "default" and 64 or value
  end },
  use_min_mtu = absent(true),
  v6only = flag(),
}

cases.tcp = {
  congestion = { try = function(sock)
    local name = assert(sock:getopt("tcp", "congestion"))
    assert(sock:setopt("tcp", "congestion", "reno"))
    assert.equal("reno", sock:getopt("tcp", "congestion"))
    assert(sock:setopt("tcp", "congestion", name))
    assert.equal(name, sock:getopt("tcp", "congestion"))
  end },
  cork = flag(),
  info = { gives = function(value) assert.equal("closed", value.state) end },
  keepcnt = numbers(3, 9),
  keepidle = numbers(60, 7200),
  keepintvl = numbers(5, 75),
  maxseg = numbers(1000),
  md5sig = { try = function(sock)
    local addr = { family = "inet", addr = "127.0.0.1", port = 0 }
    local ok, err = sock:setopt("tcp", "md5sig", { addr = addr, key = "key" })
    if ok then -- an empty key takes the one of that address away
      assert(sock:setopt("tcp", "md5sig", { addr = addr, key = "" }))
      ok, err = sock:setopt("tcp", "md5sig", { addr = addr, key = "" })
      assert.is_nil(ok)
      assert.equal("ENOENT", err.name)
    else -- a kernel without it
      assert.equal("ENOPROTOOPT", err.name)
    end
  end },
  nodelay = flag(),
  noopt = absent(true),
  nopush = absent(true),
  syncnt = numbers(3, 6),
  user_timeout = numbers(30000, 0),
}

cases.udp = {
  cork = flag(),
}

local ADDRESS = { family = "inet", addr = "127.0.0.1", port = 9 }

-- What the kernel has for these where it knows SCTP, their values say.
local SCTP = {
  adaption_layer = { adaptation_ind = 7 },
  associnfo = { max_rxt = 5, cookie_life = 30000 },
  auth_active_key = { keynumber = 0 },
  auth_asconf = true,
  auth_chunk = { chunk = 0 },
  auth_key = { keynumber = 1, key = "secret" },
  auth_delete_key = { keynumber = 1 },
  autoclose = 30,
  context = 7,
  default_send_params = { stream = 1, ppid = 7, timetolive = 100 },
  delayed_ack_time = { delay = 200, freq = 2 },
  disable_fragments = true,
  hmac_ident = { idents = { 3, 1 } },
  events = { data_in = true, association = true, shutdown = false },
  explicit_eor = true,
  fragment_interleave = 1,
  get_peer_addr_info = false,
  initmsg = { num_outstreams = 4, max_instreams = 5, max_attempts = 3 },
  i_want_mapped_v4_addr = true,
  local_auth_chunks = false,
  maxseg = 1000,
  maxburst = 4,
  nodelay = true,
  partial_delivery_point = 4096,
  peer_addr_params = { address = ADDRESS, hbinterval = 3000 },
  peer_auth_chunks = false,
  primary_addr = { addr = ADDRESS },
  reset_streams = { flags = 2, streams = { 1, 2 } },
  rtoinfo = { initial = 3000, max = 60000, min = 1000 },
  set_peer_primary_addr = { addr = ADDRESS },
  status = false,
  use_ext_recvinfo = true,
}

cases.sctp = {}
for name, sample in pairs(SCTP) do
  cases.sctp[name] = { sctp = true, sample = sample }
end

return cases
