local Socket = require "socket"
local net = require "spec.support.net"

local AncillaryData = Socket.AncillaryData

-- Fills the socket's queue.
local function fill(sock)
  local chunk = ("x"):rep(65536)
  repeat until not sock:sendmsg_nonblock(chunk)
end

-- All that has arrived.
local function drain(sock)
  local parts = {}
  repeat
    local part = sock:recv_nonblock(1 << 20)
    parts[#parts + 1] = part
  until not part
  return table.concat(parts)
end

describe("sendmsg", function()
  it("sends a string", function()
    local a, b, _ <close> = net.pair()
    assert.equal(5, a:sendmsg "hello")
    assert.equal("hello", b:recv(10))
  end)

  it("gathers an array, nested at will", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert.equal(6, a:sendmsg { "ab", { "c", { 12 } }, "", "e" })
    assert.equal("abc12e", b:recv(10))
  end)

  it("sends an empty message", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert.equal(0, a:sendmsg "")
    assert.equal(0, a:sendmsg {})
    assert.equal("", b:recv(10))
    assert.equal("", b:recv(10))
  end)

  it("sends nothing on a stream", function()
    local a, b, _ <close> = net.pair()
    assert.equal(0, a:sendmsg "")
    assert.equal(0, a:sendmsg { "", {} })
    assert.equal(Socket.WAIT_READABLE, select(2, b:recv_nonblock(1)))
  end)

  it("sends more pieces than one system call takes", function()
    local pieces = {}
    for i = 1, 3000 do
      pieces[i] = ("%04d"):format(i)
    end
    for _, socktype in ipairs { "STREAM", "DGRAM" } do
      local a, b, _ <close> = net.pair(socktype)
      assert.equal(12000, a:sendmsg(pieces))
      assert.equal(table.concat(pieces), b:recv(20000))
    end
  end)

  it("sends to an address, in each form", function()
    net.each_family(function(host, _, domain)
      local a, b, _ <close> = net.udp_pair(host)
      local free <close> = assert(Socket.new(domain, "DGRAM"))
      local port = Socket.unpack_sockaddr_in(b:getsockname())
      assert(b:connect(a:getsockname()))
      assert(free:bind { family = domain, addr = host, port = 0 })
      assert(b:connect(free:getsockname()))
      local forms = {
        b:getsockname(), b:local_address(),
        { family = domain, addr = host, port = port },
      }
      for i, form in ipairs(forms) do
        assert.equal(1, free:sendmsg(tostring(i), 0, form))
        assert.equal(tostring(i), b:recv(9, { timeout = 5 }))
      end
    end)
  end)

  it("takes a list of flags", function()
    local a, b, _ <close> = net.tcp_pair()
    assert.equal(1, a:sendmsg("!", { "OOB", "DONTWAIT" }))
    assert(Socket.select(nil, nil, { b }, 5))
    assert.equal("!", b:recv(1, "OOB"))
  end)

  describe("on a full stream", function()
    it("sends everything, with the control messages once", function()
      local a, b, _ <close> = net.pair()
      local big = ("0123456789"):rep(50000)
      local done = 0
      local sent, err = a:sendmsg({ big, big }, 0, nil,
        AncillaryData.unix_rights(io.stdin), { timeout = 0 })
      assert.is_nil(err)
      assert.is_true(sent < #big * 2)
      done = done + sent
      local message, _, _, rights = b:recvmsg()
      local got = message .. drain(b)
      assert.is_true(rights:cmsg_is("SOCKET", "RIGHTS"))
      assert.equal(done, #got)
      assert.equal((big .. big):sub(1, done), got)
    end)

    it("says what was sent and what was not", function()
      local a, b, _ <close> = net.pair()
      local big = ("0123456789"):rep(50000)
      local sent, err = a:sendmsg({ "ab", big }, { timeout = 0.05 })
      assert.is_nil(sent)
      assert.equal(Socket.TIMEOUT, err)
      assert.equal(drain(b), ("ab" .. big):sub(1, err.written))
      assert.equal(("ab" .. big):sub(err.written + 1), err.rest)
    end)

    it("would block", function()
      local a, _, _ <close> = net.pair()
      fill(a)
      assert.equal(Socket.WAIT_WRITABLE, select(2, a:sendmsg_nonblock "x"))
      assert.equal(Socket.WAIT_WRITABLE, select(2, a:sendmsg("x", "DONTWAIT")))
      assert.equal(Socket.TIMEOUT, select(2, a:sendmsg("x", {
        timeout = 0.01,
      })))
    end)
  end)

  it("runs out of time where the queue at an address is full", function()
    local server <close> = assert(Socket.new("UNIX", "DGRAM"))
    local address = Socket.pack_sockaddr_un(net.path())
    assert(server:bind(address))
    local client <close> = assert(Socket.new("UNIX", "DGRAM"))
    repeat until not client:sendmsg_nonblock("x", 0, address)
    local sent, err = client:sendmsg("x", 0, address, { timeout = 0.02 })
    assert.is_nil(sent)
    assert.equal(Socket.TIMEOUT, err)
  end)

  it("fails when the peer is gone, and lives on", function()
    local a, b, _ <close> = net.pair()
    b:close()
    local sent, err, errno = a:sendmsg "x"
    assert.is_nil(sent)
    assert.equal("Broken pipe - sendmsg(2)", tostring(err))
    assert.equal(Socket.Errno.EPIPE, errno)
  end)

  it("fails on a closed socket", function()
    local a, _, _ <close> = net.pair()
    a:close()
    for _, name in ipairs { "sendmsg", "sendmsg_nonblock" } do
      local sent, err = a[name](a, "x")
      assert.is_nil(sent)
      assert.equal("IOError", err.name)
    end
  end)

  it("fails for an fd that is not open", function()
    local a, _, _ <close> = net.pair()
    local sent, err = a:sendmsg("x", 0, nil, {
      "SOCKET", "RIGHTS", ("i"):pack(9999),
    })
    assert.is_nil(sent)
    assert.equal("Bad file descriptor - sendmsg(2)", tostring(err))
  end)

  it("takes control messages by numbers, and leaves out a nil", function()
    local a, b, _ <close> = net.pair()
    local data = ("i"):pack(0)
    assert.equal(1, a:sendmsg("x", nil, nil, nil,
      { Socket.SOL_SOCKET, Socket.SCM_RIGHTS, data }))
    local _, _, _, rights = b:recvmsg()
    assert.is_true(rights:cmsg_is("SOCKET", "RIGHTS"))
  end)

  it("refuses what it cannot send, and names the argument", function()
    local a, _, _ <close> = net.pair()
    local cases = {
      { {}, "bad argument #1 to 'sendmsg'" },
      { { true }, "bad argument #1 to 'sendmsg'" },
      { { { "x", {}, false } }, "bad argument #1 to 'sendmsg'" },
      { { "x", "FOO" }, "bad argument #2 to 'sendmsg' %(unknown flag: FOO" },
      { { "x", 0, 5 }, "bad argument #3 to 'sendmsg' %(address" },
      { { "x", 0, nil, 5 }, "bad argument #4 to 'sendmsg' %(AncillaryData" },
      { { "x", 0, nil, { 1, 2 } }, "#4 to 'sendmsg' %(an element of controls" },
      { { "x", 0, nil, { "SOCKET", "FOO", "" } },
        "#4 to 'sendmsg' %(unknown UNIX control message: FOO" },
      { { "x", 0, nil, { "IP", "TTL", "" } }, "unknown protocol level: IP" },
      { { "x", 0, nil, { 1, 1, {} } }, "control data must be a string" },
      { { "x", { timout = 1 } }, "unknown keyword 'timout'" },
    }
    for _, case in ipairs(cases) do
      assert.error_matches(function()
        a:sendmsg(table.unpack(case[1], 1, 4))
      end, case[2])
    end
  end)
end)
