local Socket = require "socket"
local net = require "spec.support.net"

describe("Socket.new", function()
  it("makes a socket of each kind", function()
    for _, case in ipairs {
      { "INET", "STREAM" }, { "INET", "DGRAM" }, { "UNIX", "STREAM" },
      { "UNIX", "DGRAM" }, { "UNIX", "SEQPACKET" },
      { Socket.AF_INET, Socket.SOCK_STREAM, "tcp" },
      { "inet", "dgram", "IPPROTO_UDP" }, { "local", "stream", "default" },
    } do
      local sock <close> = assert(Socket.new(table.unpack(case)))
      assert.is_true(sock:is_a(Socket))
      assert.is_true(sock:is_a(Socket.BasicSocket))
      assert.is_false(sock:is_a(Socket.TCPSocket))
    end
  end)

  it("is called open and by the class's name, too", function()
    local opened <close> = assert(Socket.open("INET", "STREAM"))
    local called <close> = assert(Socket("INET", "STREAM"))
    assert.is_true(opened:is_a(Socket) and called:is_a(Socket))
  end)

  it("is not handed on to programs that are executed", function()
    local kept <close> = assert(Socket.new("INET", "STREAM"))
    local a, b, _ <close> = net.pair()
    local list <close> = assert(io.popen("ls -l /proc/self/fd"))
    assert.is_nil(list:read("a"):find("socket:", 1, true))
    assert.is_false(kept:is_closed() or a:is_closed() or b:is_closed())
  end)

  it("is a stream too with the flags that the system takes along", function()
    local flags = Socket.SOCK_NONBLOCK
    if not flags then return pending("no SOCK_NONBLOCK here") end
    local kind = Socket.SOCK_STREAM | flags | Socket.SOCK_CLOEXEC
    local a, b = assert(Socket.pair("UNIX", kind))
    local _ <close>, long = a, ("x"):rep(1 << 21)
    local sent = a:send(long, "DONTWAIT")
    assert.is_true(sent < #long)
    assert.equal(Socket.TIMEOUT, select(2, a:send(long, { timeout = 0.02 })))
    assert.equal(sent, #assert(b:read(sent)))
    b:close()
  end)

  it("fails as the system says", function()
    local sock, err, errno = Socket.new("INET", "STREAM", 99)
    assert.is_nil(sock)
    assert.equal("Protocol not supported - socket(2)", tostring(err))
    assert.equal(Socket.Errno.EPROTONOSUPPORT, errno)
  end)

  it("refuses unknown names", function()
    assert.error_matches(function() Socket.new("NO", "STREAM") end,
      "unknown socket domain: NO")
    assert.error_matches(function() Socket.new("INET", "NO") end,
      "unknown socket type: NO")
    assert.error_matches(function() Socket.new("INET", "STREAM", "no") end,
      "no")
    assert.has_error(function() Socket.new() end)
    assert.has_error(function() Socket.new("INET") end)
    assert.has_error(function() Socket.new({}, "STREAM") end)
  end)

  it("passes the socket to a function and closes it after", function()
    local kept
    local a, b = Socket.open("INET", "STREAM", function(sock)
      kept = sock
      assert.is_false(sock:is_closed())
      return 1, 2
    end)
    assert.same({ 1, 2 }, { a, b })
    assert.is_true(kept:is_closed())
    local mine = {}
    local ok, err = pcall(Socket.new, "INET", "STREAM", function(sock)
      kept = sock
      error(mine)
    end)
    assert.is_false(ok)
    assert.equal(mine, err)
    assert.is_true(kept:is_closed())
  end)
end)

describe("for_fd", function()
  it("owns the fd, in the class that it is asked of", function()
    local plain = assert(Socket.new("INET", "STREAM"))
    local fd = assert(plain:detach())
    assert.is_true(plain:is_closed())
    local sock <close> = assert(Socket.TCPSocket.for_fd(fd))
    assert.is_true(sock:is_a(Socket.TCPSocket))
    assert.equal(fd, sock:fileno())
  end)

  it("fails for what is no socket", function()
    local sock, err, errno = Socket.for_fd(0x7ffffff)
    assert.is_nil(sock)
    assert.equal("Bad file descriptor - fstat(2)", tostring(err))
    assert.equal(Socket.Errno.EBADF, errno)
    local file <close> = assert(io.open("/dev/null"))
    local fd = assert(tostring(file)) and 0
    sock, err = Socket.for_fd(fd)
    if not sock then
      assert.equal("EBADF", err.name)
    else
      sock:detach()
    end
    for _, wrong in ipairs { "x", 1.5, {}, 1 << 40 } do
      assert.error_matches(function() Socket.for_fd(wrong) end,
        "bad argument #1 to 'for_fd'")
    end
  end)
end)

describe("Socket.pair", function()
  it("fails where the family has none", function()
    local a, err = Socket.pair("INET", "STREAM")
    assert.is_nil(a)
    assert.equal("EOPNOTSUPP", err.name)
    assert.equal("Operation not supported - socketpair(2)", tostring(err))
  end)

  it("passes both to a function and closes them after", function()
    local kept = {}
    local result = Socket.pair("UNIX", "STREAM", 0, function(a, b)
      kept = { a, b }
      a:send("x")
      return b:recv(1)
    end)
    assert.equal("x", result)
    assert.is_true(kept[1]:is_closed() and kept[2]:is_closed())
  end)
end)
