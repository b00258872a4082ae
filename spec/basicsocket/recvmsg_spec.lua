local Socket = require "socket"
local fds = require "spec.support.fds"
local net = require "spec.support.net"

local AncillaryData = Socket.AncillaryData

local function pass(sock, ...)
  assert(sock:sendmsg("x", 0, nil, AncillaryData.unix_rights(...)))
end

-- The objects that the next message brings.
local function take(sock)
  local message, _, flags, rights = assert(sock:recvmsg { scm_rights = true })
  assert.equal("x", message)
  assert.equal(0, flags)
  return rights:unix_rights(), rights
end

describe("recvmsg", function()
  it("gives bytes, sender and flags", function()
    local a, b, _ <close> = net.udp_pair()
    assert(a:send "hello")
    local message, sender, flags, extra = b:recvmsg()
    assert.equal("hello", message)
    assert.equal(a:getsockname(), sender:to_sockaddr())
    assert.equal(0, flags)
    assert.is_nil(extra)
  end)

  it("waits for a message", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert.equal(Socket.TIMEOUT, select(2, b:recvmsg { timeout = 0.01 }))
    assert.equal(Socket.WAIT_READABLE, select(2, b:recvmsg_nonblock()))
    assert.equal(Socket.WAIT_READABLE, select(2, b:recvmsg(9, "DONTWAIT")))
    assert(a:send "x")
    assert.equal("x", (b:recvmsg { timeout = 5 }))
  end)

  it("gives a whole datagram, whatever its size", function()
    local a, b, _ <close> = net.pair "DGRAM"
    local big = ("0123456789"):rep(15000)
    assert(a:setsockopt("SOCKET", "SNDBUF", 1 << 20))
    assert(a:send(big))
    local message, _, flags = b:recvmsg()
    assert.equal(big, message)
    assert.equal(0, flags)
  end)

  it("says what a length cut", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert(a:send "hello")
    local message, _, flags = b:recvmsg(3)
    assert.equal("hel", message)
    assert.equal(Socket.MSG_TRUNC, flags)
    assert(a:send "hello")
    message, _, flags = b:recvmsg(3, "TRUNC")
    assert.equal("hel", message)
    assert.equal(Socket.MSG_TRUNC, flags)
  end)

  it("leaves a message that it peeks at", function()
    local a, b, _ <close> = net.pair "DGRAM"
    assert(a:send "hello")
    assert.equal("he", (b:recvmsg(2, "PEEK")))
    assert.equal("hello", (b:recvmsg(nil, { "PEEK" })))
    assert.equal("hello", (b:recvmsg()))
  end)

  it("gives nil alone at the end of a stream", function()
    for _, socktype in ipairs { "STREAM", "SEQPACKET" } do
      local a, b, _ <close> = net.pair(socktype)
      a:close()
      assert.same({ n = 1, nil }, table.pack(b:recvmsg()))
      assert.same({ n = 1, nil }, table.pack(b:recvmsg_nonblock(5)))
    end
  end)

  it("fails where bytes are buffered", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "a\nb\n")
    assert.equal("a\n", b:gets())
    local message, err = b:recvmsg()
    assert.is_nil(message)
    assert.equal("recvmsg for buffered IO", tostring(err))
    assert.equal("IOError", err.name)
  end)

  it("gives a reset again and again", function()
    local a, b, _ <close> = net.tcp_pair()
    a:setsockopt(Socket.Option.linger(true, 0))
    a:close()
    for _ = 1, 2 do
      local message, err = b:recvmsg()
      assert.is_nil(message)
      assert.equal("Connection reset by peer - recvmsg(2)", tostring(err))
    end
  end)

  it("fails on a closed socket", function()
    local a, _, _ <close> = net.pair()
    a:close()
    assert.equal("IOError", select(2, a:recvmsg()).name)
    assert.equal("IOError", select(2, a:recvmsg_nonblock()).name)
  end)

  it("does not wait for an error of the past", function()
    if not Socket.MSG_ERRQUEUE then return end
    local a, b, _ <close> = net.udp_pair()
    assert(a:send "x")
    local message, err = b:recvmsg(9, "ERRQUEUE")
    assert.is_nil(message)
    assert.equal(Socket.WAIT_READABLE, err)
  end)

  it("refuses bad arguments and names them", function()
    local a, _, _ <close> = net.pair()
    local cases = {
      { { -1 }, "bad argument #1 to 'recvmsg' %(negative length" },
      { { "x" }, "bad argument #1 to 'recvmsg'" },
      { { 1, "FOO" }, "bad argument #2 to 'recvmsg' %(unknown flag" },
      { { 1, 0, -1 }, "bad argument #3 to 'recvmsg' %(negative length" },
      { { { exception = false } }, "unknown keyword 'exception'" },
      { { { timeout = -1 } }, "timeout" },
    }
    for _, case in ipairs(cases) do
      assert.error_matches(function()
        a:recvmsg(table.unpack(case[1], 1, 3))
      end, case[2])
    end
  end)

  describe("with control messages", function()
    it("gives each as a value of its own", function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("IP", "RECVTTL", true))
      assert(b:setsockopt("IP", "PKTINFO", true))
      assert(a:send "x")
      local got = table.pack(b:recvmsg())
      assert.equal(5, got.n)
      assert.is_true(got[4]:cmsg_is("IP", "PKTINFO"))
      assert.is_true(got[5]:cmsg_is("IP", "TTL"))
    end)

    it("gives as many as a length has room for", function()
      local a, b, _ <close> = net.udp_pair()
      assert(b:setsockopt("IP", "RECVTTL", true))
      assert(a:send "x")
      local got = table.pack(b:recvmsg(9, 0, 0))
      assert.equal(3, got.n)
      assert.equal(Socket.MSG_CTRUNC, got[3])
      assert(a:send "x")
      got = table.pack(b:recvmsg(9, 0, math.maxinteger))
      assert.equal(4, got.n)
      assert.equal(0, got[3])
    end)
  end)

  describe("with passed fds", function()
    it("makes objects of the classes that fit", function()
      local a, b, _ <close> = net.pair()
      local udp, other, closer <close> = net.udp_pair()
      local tcp, accepted, tcp_closer <close> = net.tcp_pair()
      local server <close> = net.listener()
      local raw <close> = Socket.new("UNIX", "DGRAM")
      pass(a, a, udp, tcp, server, raw)
      local objects = take(b)
      local classes = {
        Socket.UNIXSocket, Socket.UDPSocket, Socket.TCPSocket, Socket, Socket,
      }
      for i, class in ipairs(classes) do
        local object <close> = objects[i]
        assert.is_true(object:is_a(class), tostring(object))
      end
      assert.is_true(objects[1]:is_closed())
      assert.is_table { closer, tcp_closer, other, accepted }
    end)

    it("gives sockets that work", function()
      local a, b, _ <close> = net.pair()
      local c, d, closer <close> = net.pair()
      pass(a, c)
      c:close()
      local passed <close> = take(b)[1]
      assert(passed:write "through")
      assert.equal("through", d:recv(20))
      assert.is_table(closer)
    end)

    it("makes Lua files in the mode of the fd", function()
      local a, b, _ <close> = net.pair()
      local path = net.path()
      local writer = assert(io.open(path, "w"))
      pass(a, writer)
      writer:close()
      local file = take(b)[1]
      assert.equal("file", io.type(file))
      assert(file:write "written")
      assert.is_true(file:close())
      assert.equal("closed file", io.type(file))
      local reader = assert(io.open(path))
      pass(a, reader)
      reader:close()
      local read <close> = take(b)[1]
      assert.equal("written", read:read "a")
      assert.is_nil(read:write "x" and read:flush())
      os.remove(path)
    end)

    it("gives the list of objects, always the same", function()
      local a, b, _ <close> = net.pair()
      pass(a, a, b)
      local objects, rights = take(b)
      assert.equal(2, #objects)
      assert.equal(objects, rights:unix_rights())
      for _, object in ipairs(objects) do object:close() end
    end)

    it("makes them close-on-exec", function()
      local a, b, _ <close> = net.pair()
      pass(a, a)
      local passed <close> = take(b)[1]
      local info = io.open("/proc/self/fdinfo/" .. passed:fileno())
      if not info then return end
      local flags = tonumber(info:read("a"):match "flags:%s*(%d+)", 8)
      info:close()
      assert.equal(tonumber("2000000", 8), flags & tonumber("2000000", 8))
    end)

    it("closes those that nobody asked for", function()
      local a, b, _ <close> = net.pair()
      pass(a, a, b, io.stdin)
      local before = fds.count()
      local _, _, _, rights = b:recvmsg()
      assert.equal(before, fds.count())
      assert.is_nil(rights:unix_rights())
      assert.equal(12, #rights:data())
    end)

    it("closes those that the collector finds", function()
      local a, b, _ <close> = net.pair()
      local before = fds.count()
      pass(a, a, b, io.stdin)
      take(b)
      collectgarbage()
      collectgarbage()
      assert.equal(before, fds.count())
    end)

    it("closes all of them when an object cannot be made", function()
      local a, b, _ <close> = net.pair()
      local before = fds.count()
      pass(a, a, io.stdin, b)
      local registry = debug.getregistry()
      local metatable = registry["FILE*"]
      registry["FILE*"] = nil -- as if the library io were not there
      local ok, err = pcall(b.recvmsg, b, { scm_rights = true })
      registry["FILE*"] = metatable
      assert.is_false(ok)
      assert.is_truthy(err:find "library 'io'")
      collectgarbage()
      collectgarbage()
      assert.equal(before, fds.count())
    end)

    it("takes as many as a message can have", function()
      local a, b, _ <close> = net.pair()
      local many = {}
      for i = 1, 253 do
        many[i] = io.stdin
      end
      pass(a, table.unpack(many))
      local objects = take(b)
      assert.equal(253, #objects)
      for _, object in ipairs(objects) do object:close() end
    end)

    it("leaves none open where there is no room for all", function()
      local a, b, _ <close> = net.pair()
      pass(a, a, b, io.stdin)
      local before = fds.count()
      local _, _, flags, rights = b:recvmsg(9, 0, 24, { scm_rights = true })
      assert.equal(Socket.MSG_CTRUNC, flags)
      for _, object in ipairs(rights and rights:unix_rights() or {}) do
        object:close()
      end
      assert.equal(before, fds.count())
    end)

    it("gives a peeked message its own fds", function()
      local a, b, _ <close> = net.pair()
      pass(a, a)
      local before = fds.count()
      local _, _, _, rights = b:recvmsg(9, "PEEK", { scm_rights = true })
      local peeked <close> = rights:unix_rights()[1]
      local passed <close> = take(b)[1]
      assert.not_equal(peeked:fileno(), passed:fileno())
      assert.equal(before + 2, fds.count())
    end)
  end)
end)
