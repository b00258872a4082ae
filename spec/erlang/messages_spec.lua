-- Messages in one table, as Erlang's msghdr has them, with control messages
-- whose values are Lua's.

local Socket = require "socket"
local fds = require "spec.support.fds"
local net = require "spec.support.net"

local AncillaryData = Socket.AncillaryData

local function receive(sock, flags)
  return assert(sock:recvmsg(nil, flags, nil, { msghdr = true, timeout = 5 }))
end

-- The value of the message's control message of that type, and the whole.
local function control(message, level, type)
  for _, ctrl in ipairs(message.ctrl) do
    if ctrl.level == level and ctrl.type == type then
      return ctrl.value, ctrl
    end
  end
end

-- What the next datagram brings of that type.
local function brought(a, b, level, type)
  assert(a:sendmsg { iov = { "x" } })
  return control(receive(b), level, type)
end

local function free_udp(host, domain)
  local sock = assert(Socket.new(domain, "DGRAM"))
  assert(sock:bind { family = domain, addr = host, port = 0 })
  return sock
end

describe("a message that is a table", function()
  it("is received with its fields", function()
    net.each_family(function(host, _, domain)
      local a <close> = free_udp(host, domain)
      local b <close> = free_udp(host, domain)
      assert(a:send("hello", 0, b:sockname()))
      assert.same({
        iov = { "hello" },
        addr = a:sockname(),
        ctrl = {},
        flags = {},
      }, receive(b))
    end)
  end)

  it("has no address where the message tells none", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "x")
    assert.same({ iov = { "x" }, ctrl = {}, flags = {} }, receive(b))
  end)

  it("names what was cut", function()
    local a, b, _ <close> = net.udp_pair()
    assert(b:setsockopt("IP", "RECVTTL", true))
    assert(a:send "hello")
    local message = b:recvmsg(3, 0, 0, { msghdr = true })
    assert.same({ "hel" }, message.iov)
    table.sort(message.flags)
    assert.same({ "ctrunc", "trunc" }, message.flags)
    assert.same({}, message.ctrl)
  end)

  it("gives nil alone at the end of a stream", function()
    local a, b, _ <close> = net.pair()
    a:close()
    assert.same({ n = 1, nil }, table.pack(b:recvmsg { msghdr = true }))
    assert.same({ n = 1, nil },
      table.pack(b:recvmsg_nonblock { msghdr = true }))
  end)

  it("would block, and runs out of time", function()
    local _, b, _ <close> = net.pair()
    assert.equal(Socket.WAIT_READABLE,
      select(2, b:recvmsg_nonblock { msghdr = true }))
    assert.equal(Socket.TIMEOUT,
      select(2, b:recvmsg { msghdr = true, timeout = 0.01 }))
  end)

  it("is sent with its address, in each form", function()
    net.each_family(function(host, _, domain)
      local a <close> = free_udp(host, domain)
      local b <close> = free_udp(host, domain)
      local forms = { b:sockname(), b:getsockname(), b:local_address() }
      for _, form in ipairs(forms) do
        local iov = { "he", { "ll" }, "o" }
        assert.equal(5, a:sendmsg { iov = iov, addr = form })
        assert.equal("hello", (b:recv { timeout = 5 }))
      end
    end)
  end)

  it("is sent as it was received", function()
    local a <close> = free_udp("127.0.0.1", "INET")
    local b <close> = free_udp("127.0.0.1", "INET")
    assert(a:send("back and forth", 0, b:sockname()))
    assert.equal(14, b:sendmsg(receive(b)))
    assert.equal("back and forth", (a:recv { timeout = 5 }))
  end)

  it("takes its flags and those beside it", function()
    local a, b, _ <close> = net.pair "SEQPACKET"
    assert.equal(1, a:sendmsg({ iov = "x", flags = "EOR" }, "DONTWAIT"))
    assert.same({ "x" }, receive(b).iov)
    local sent, err
    repeat
      sent, err = a:sendmsg { iov = "x", flags = { "eor", "dontwait" } }
    until not sent
    assert.equal(Socket.WAIT_WRITABLE, err)
    sent, err = a:sendmsg({ iov = "x" }, { timeout = 0.01 })
    assert.is_nil(sent)
    assert.equal(Socket.TIMEOUT, err)
  end)

  it("tells what was sent of it", function()
    local a, _, _ <close> = net.pair()
    local big = ("0123456789"):rep(100000)
    local sent, err = a:sendmsg({ iov = { "ab", big } }, { timeout = 0.02 })
    assert.is_nil(sent)
    assert.equal(Socket.TIMEOUT, err)
    assert.equal(("ab" .. big):sub(err.written + 1), err.rest)
  end)

  it("fails on a closed socket", function()
    local a, _, _ <close> = net.pair()
    a:close()
    assert.equal("IOError", select(2, a:sendmsg { iov = "x" }).name)
    assert.equal("IOError", select(2, a:recvmsg { msghdr = true }).name)
  end)

  it("refuses what is wrong with it, and says what", function()
    local a, _, _ <close> = net.udp_pair()
    local ctrl = function(...) return { { iov = "x", ctrl = { ... } } } end
    local cases = {
      { { { addr = a:sockname() } }, "#1 .*needs a field 'iov'" },
      { { { iov = "x", adr = 1 } }, "#1 .*unknown message field 'adr'" },
      { { { iov = { "x", true } } }, "#1 .*string or array expected" },
      { { { iov = "x", addr = { family = "inet", addr = "nowhere" } } },
        "#1 .*addr 'nowhere'" },
      { { { iov = "x", flags = "FOO" } }, "#1 .*unknown flag: FOO" },
      { { { iov = "x", ctrl = 1 } }, "#1 .*ctrl must be a list" },
      { { { iov = "x" }, 0, a:sockname() }, "#3 .*its own address" },
      { { { iov = "x" }, 0, nil, { "IP", "TTL", "x" } }, "#4 .*its own" },
      { ctrl(1), "#1 .*AncillaryData or {level, type, data} expected" },
      { ctrl { level = "ip", type = "ttl" }, "needs a field 'value' or" },
      { ctrl { level = "ip", type = "ttl", value = "x" },
        "value must be an integer" },
      { ctrl { level = "ip", type = "tos", value = "x" },
        "or \"mincost\", not x" },
      { ctrl { level = "ip", type = "foo", value = 1 },
        "unknown IP control message: foo" },
      { ctrl { level = "foo", type = "ttl", value = 1 },
        "unknown protocol level: foo" },
      { ctrl { level = "ip", type = "ttl", valu = 1 },
        "unknown control message field 'valu'" },
      { ctrl { level = "ip", type = "pktinfo", value = { addr = "x" } },
        "addr must be a numeric IPv4 address, not x" },
      { ctrl { level = "ip", type = "pktinfo", value = { foo = 1 } },
        "unknown field 'foo'" },
      { ctrl { level = 41, type = "pktinfo", value = { ifindex = -1 } },
        "ifindex must be an integer from 0" },
      { ctrl { level = "socket", type = "rights", value = { {} } }, "fd must" },
      { ctrl { level = "socket", type = "rights", value = 1 },
        "must be a list of sockets and files" },
    }
    for _, case in ipairs(cases) do
      assert.error_matches(function()
        a:sendmsg(table.unpack(case[1], 1, 4))
      end, case[2])
    end
  end)
end)

describe("a control message", function()
  it("is sent by name and value, by number and bytes, or as an object",
    function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("IP", "RECVTTL", true))
      local seven = string.pack("i", 7)
      local forms = {
        { level = "ip", type = "ttl", value = 7 },
        { level = "ip", type = "ttl", data = 7 },
        { level = "IP", type = "IP_TTL", data = seven },
        { level = Socket.IPPROTO_IP, type = Socket.IP_TTL, data = seven },
        { "IP", "TTL", seven },
        AncillaryData.new("INET", "IP", "TTL", seven),
      }
      for i, form in ipairs(forms) do
        assert(a:sendmsg { iov = "x", ctrl = { form } })
        assert.equal(7, (control(receive(b), "ip", "ttl")), i)
      end
    end)

  it("may be an argument of its own, with and without keywords", function()
    local a, b, _ <close> = net.udp_pair()
    assert(b:setsockopt("IP", "RECVTTL", true))
    local seven = { level = "ip", type = "ttl", value = 7 }
    assert(a:sendmsg("x", 0, nil, seven))
    assert.equal(7, (control(receive(b), "ip", "ttl")))
    assert(a:sendmsg("x", 0, nil, seven, { timeout = 5 }))
    assert.equal(7, (control(receive(b), "ip", "ttl")))
  end)

  it("has its bytes beside its value", function()
    local a, b, _ <close> = net.udp_pair()
    assert(b:setsockopt("IP", "RECVTTL", true))
    local value, whole = brought(a, b, "ip", "ttl")
    assert.equal(value, (string.unpack("i", whole.data)))
  end)

  it("is a number where its type is not known", function()
    local a, _, _ <close> = net.udp_pair()
    local sent, err = a:sendmsg {
      iov = "x",
      ctrl = { { level = 0, type = 12345, data = "x" } },
    }
    assert.is_nil(sent)
    assert.equal("EINVAL", err.name)
  end)

  it("has its value as an object, too", function()
    local a, b, _ <close> = net.udp_pair()
    assert(b:setsockopt("IP", "RECVTTL", true))
    assert(b:setsockopt("IP", "PKTINFO", true))
    assert(a:send "x")
    local _, _, _, info, ttl = b:recvmsg()
    assert.equal("127.0.0.1", info:value().addr)
    assert.equal(64, ttl:value())
    assert.is_nil(AncillaryData.new("INET", "IP", 99, "x"):value())
    assert.is_nil(AncillaryData.new("INET", "IP", "PKTINFO", "x"):value())
  end)

  describe("of the type", function()
    it("timestamp is a time", function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("SOCKET", "TIMESTAMP", true))
      local before = os.time()
      local value = brought(a, b, "socket", "timestamp")
      assert.is_true(value.sec >= before - 1 and value.sec <= before + 60)
      assert.is_true(value.usec >= 0 and value.usec < 1000000)
    end)

    it("timestampns is a time in nanoseconds", function()
      if not Socket.SO_TIMESTAMPNS then return end
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("SOCKET", "TIMESTAMPNS", true))
      local value = brought(a, b, "socket", "timestampns")
      assert.is_true(value.sec >= os.time() - 60)
      assert.is_true(value.nsec >= 0 and value.nsec < 1000000000)
    end)

    it("timestamping is a list of times", function()
      if not Socket.SO_TIMESTAMPING then return end
      local a, b, _ <close> = net.udp_pair()
      local RX_SOFTWARE, SOFTWARE = 1 << 3, 1 << 4
      assert(b:setsockopt("SOCKET", "TIMESTAMPING", RX_SOFTWARE | SOFTWARE))
      local value
      for _ = 1, 10000 do -- Linux begins to take times a little later
        value = brought(a, b, "socket", "timestamping")
        if value then break end
      end
      assert.is_true(value[1].sec >= os.time() - 60) -- the kernel's own
      assert.same({ sec = 0, nsec = 0 }, value[3]) -- the hardware's
    end)

    it("credentials are a process, a user and a group", function()
      if not Socket.SO_PASSCRED then return end
      local a, b, _ <close> = net.pair "DGRAM"
      assert(b:setsockopt("SOCKET", "PASSCRED", true))
      local value = brought(a, b, "socket", "credentials")
      assert.same({ "gid", "pid", "uid" }, (function()
        local names = {}
        for name in pairs(value) do names[#names + 1] = name end
        table.sort(names)
        return names
      end)())
      assert.equal(5, a:sendmsg {
        iov = "again",
        ctrl = { { level = "socket", type = "credentials", value = value } },
      })
      assert.same(value, (control(receive(b), "socket", "credentials")))
    end)

    it("rights are open files", function()
      local a, b, _ <close> = net.pair()
      local c, d, _ <close> = net.pair()
      assert.equal(1, a:sendmsg {
        iov = "x",
        ctrl = {
          { level = "socket", type = "rights",
            value = { c, io.stdin, d:fileno() } },
        },
      })
      local before = fds.count()
      local message = b:recvmsg { scm_rights = true, msghdr = true }
      assert.equal(before + 3, fds.count())
      local objects, whole = control(message, "socket", "rights")
      assert.equal(12, #whole.data)
      local passed <close> = objects[1]
      local file <close> = objects[2]
      local other <close> = objects[3]
      assert.equal("file", io.type(file))
      assert(passed:send "through")
      assert.equal("through", other:recv(20))
    end)

    it("rights have no value where nobody asked for them", function()
      local a, b, _ <close> = net.pair()
      assert(a:sendmsg {
        iov = "x",
        ctrl = { { level = "socket", type = "rights", value = { a } } },
      })
      local before = fds.count()
      local value, whole = control(receive(b), "socket", "rights")
      assert.is_nil(value)
      assert.equal(4, #whole.data)
      assert.equal(before, fds.count())
    end)

    it("rights of what is closed are refused", function()
      local a, b, _ <close> = net.pair()
      b:close()
      local sent, err = a:sendmsg {
        iov = "x",
        ctrl = { { level = "socket", type = "rights", value = { b } } },
      }
      assert.is_nil(sent)
      assert.equal("EBADF", err.name)
    end)

    it("tos is a name or a number", function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("IP", "RECVTOS", true))
      for value, expected in pairs {
        lowdelay = "lowdelay",
        Throughput = "throughput",
        [4] = "reliability",
        mincost = "mincost",
        [32] = 32,
      } do
        assert(a:sendmsg {
          iov = "x",
          ctrl = { { level = "ip", type = "tos", value = value } },
        })
        assert.equal(expected, (control(receive(b), "ip", "tos")))
      end
    end)

    it("pktinfo tells where a datagram arrived", function()
      net.each_family(function(host, _, domain)
        local a, b, _ <close> = net.udp_pair(host)
        local level = domain == "INET" and "ip" or "ipv6"
        if level == "ip" then
          assert(b:setsockopt("IP", "PKTINFO", true))
        else
          assert(b:setsockopt("IPV6", "RECVPKTINFO", true))
        end
        local value = brought(a, b, level, "pktinfo")
        assert.equal(host, value.addr)
        assert.equal(level == "ip" and host or nil, value.spec_dst)
        assert.equal("integer", math.type(value.ifindex))
      end)
    end)

    it("pktinfo says where one is to leave", function()
      local a <close> = assert(Socket.new("INET", "DGRAM"))
      local b <close> = free_udp("127.0.0.1", "INET")
      assert(a:sendmsg {
        iov = "x",
        addr = b:sockname(),
        ctrl = {
          { level = "ip", type = "pktinfo",
            value = { spec_dst = "127.1.2.3" } },
        },
      })
      assert.equal("127.1.2.3", receive(b).addr.addr)
    end)

    it("origdstaddr is an address", function()
      local ORIGDSTADDR = { INET = { 0, 20 }, INET6 = { 41, 74 } } -- Linux's
      net.each_family(function(host, _, domain)
        local a, b, _ <close> = net.udp_pair(host)
        local level, number = table.unpack(ORIGDSTADDR[domain])
        if not b:setsockopt(level, number, true) then return end
        local value = brought(a, b, domain == "INET" and "ip" or "ipv6",
          "origdstaddr")
        assert.same(b:sockname(), value)
      end)
    end)

    it("rights given as bytes are no objects here", function()
      local a, b, _ <close> = net.pair()
      local bytes = string.pack("i", a:fileno())
      assert(a:sendmsg {
        iov = "x",
        ctrl = { { level = "socket", type = "rights", data = bytes } },
      })
      local message = b:recvmsg { scm_rights = true, msghdr = true }
      local passed <close> = control(message, "socket", "rights")[1]
      assert.is_true(passed:is_a(Socket.UNIXSocket))
    end)

    it("hoplimit and tclass are numbers", function()
      if not net.has_ipv6() then return end
      local a, b, _ <close> = net.udp_pair "::1"
      assert(b:setsockopt("IPV6", "RECVHOPLIMIT", true))
      assert(b:setsockopt("IPV6", "RECVTCLASS", true))
      assert(a:sendmsg {
        iov = "x",
        ctrl = {
          { level = "ipv6", type = "hoplevel", value = 9 },
          { level = "ipv6", type = "tclass", value = 12 },
        },
      })
      local message = receive(b)
      assert.equal(9, (control(message, "ipv6", "hoplimit")))
      assert.equal(12, (control(message, "ipv6", "tclass")))
    end)

    it("recvopts and retopts are bytes", function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("IP", "RECVOPTS", true))
      assert(b:setsockopt("IP", "RETOPTS", true))
      local nothing = "\1\1\1\0" -- NOP three times, the end
      assert(a:setsockopt("IP", "OPTIONS", nothing))
      assert(a:sendmsg { iov = "x" })
      local message = receive(b)
      assert.equal(nothing, (control(message, "ip", "recvopts")))
      assert.equal("string", type(control(message, "ip", "retopts")))
    end)
  end)
end)

describe("the queue of errors", function()
  if not Socket.MSG_ERRQUEUE then return end

  -- A socket whose peer is nobody, and which keeps the errors.
  local function refused(host, domain)
    local nobody = free_udp(host, domain)
    local address = nobody:getsockname()
    local sock = free_udp(host, domain)
    assert(sock:setopt(domain == "INET" and "ip" or "ipv6", "recverr", true))
    assert(sock:connect(address))
    nobody:close()
    return sock
  end

  it("tells who refused a datagram, and why", function()
    net.each_family(function(host, _, domain)
      local sock <close> = refused(host, domain)
      local is_ipv4 = domain == "INET"
      assert.equal(5, sock:send "hello")
      assert(sock:wait_readable(5))
      local message = receive(sock, "ERRQUEUE")
      assert.same({ "hello" }, message.iov)
      assert.same({ "errqueue" }, message.flags)
      assert.same(sock:peername(), message.addr)
      local value = control(message, is_ipv4 and "ip" or "ipv6", "recverr")
      local offender = sock:sockname()
      offender.port = 0
      assert.same({
        error = "ECONNREFUSED",
        origin = is_ipv4 and "icmp" or "icmp6",
        type = "dest_unreach",
        code = "port_unreach",
        info = 0,
        data = 0,
        offender = offender,
      }, value)
    end)
  end)

  it("goes with an error of the next call", function()
    net.each_family(function(host, _, domain)
      local sock <close> = refused(host, domain)
      assert.equal(1, sock:send "x")
      assert(sock:wait_readable(5))
      local sent, err = sock:send "y"
      assert.is_nil(sent)
      assert.equal("ECONNREFUSED", err.name)
      local message = receive(sock, "ERRQUEUE")
      assert.same({ "x" }, message.iov)
    end)
  end)

  it("is empty otherwise", function()
    local sock <close> = refused("127.0.0.1", "INET")
    local message, err = sock:recvmsg(nil, { "errqueue" }, { msghdr = true })
    assert.is_nil(message)
    assert.equal(Socket.WAIT_READABLE, err)
  end)

  it("tells the MTU of the way of what was too long", function()
    local sock <close> = free_udp("127.0.0.1", "INET")
    local peer <close> = free_udp("127.0.0.1", "INET")
    assert(sock:connect(peer:getsockname()))
    assert(sock:setsockopt("IP", "RECVERR", true))
    assert(sock:setsockopt("IP", "MTU_DISCOVER", 2))
    local sent, err = sock:send(("x"):rep(65507))
    if sent then return end -- the interface takes all of it
    assert.equal("EMSGSIZE", err.name)
    local message = receive(sock, "ERRQUEUE")
    local value = control(message, "ip", "recverr")
    assert.equal("EMSGSIZE", value.error)
    assert.equal("local", value.origin)
    assert.is_true(value.info > 0)
    assert.is_nil(value.offender)
  end)
end)
