local Socket = require "socket"
local net = require "spec.support.net"

local function new()
  return assert(Socket.new("INET", "STREAM"))
end

describe("connect", function()
  it("is 0 when the connection stands", function()
    local server <close>, address = net.listener()
    local plain <close> = new()
    local bounded <close> = new()
    assert.equal(0, plain:connect(address))
    assert.equal(0, bounded:connect(address, { timeout = 5 }))
    assert.equal(server:getsockname(), bounded:getpeername())
  end)

  it("takes an address in each of its forms", function()
    local server <close>, _, port = net.listener()
    for _, address in ipairs {
      Socket.pack_sockaddr_in(port, "127.0.0.1"),
      Socket.Addrinfo.tcp("127.0.0.1", port),
      { family = "inet", addr = "127.0.0.1", port = port },
    } do
      local sock <close> = new()
      assert.equal(0, sock:connect(address))
      assert.equal(server:getsockname(), sock:getpeername())
    end
  end)

  it("names the address of a connection that was refused", function()
    local port, keeper = net.closed_port()
    local _ <close> = keeper
    local address = Socket.pack_sockaddr_in(port, "127.0.0.1")
    for _, opts in ipairs { {}, { timeout = 5 } } do
      local sock <close> = new()
      local ok, err, errno = sock:connect(address, opts)
      assert.is_nil(ok)
      assert.equal("ECONNREFUSED", err.name)
      assert.equal(Socket.Errno.ECONNREFUSED, errno)
      assert.equal(errno, err.errno)
      assert.equal("connect(2)", err.syscall)
      assert.equal("127.0.0.1:" .. port, err.address)
      assert.equal("Connection refused - connect(2) for 127.0.0.1:" .. port,
        tostring(err))
    end
  end)

  it("ends past the deadline", function()
    local server <close>, address, port, queue = net.full_listener()
    local _ <close> = queue
    local sock <close> = new()
    local ok, err, errno = sock:connect(address, { timeout = 0.05 })
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal("TimeoutError", err.name)
    assert.is_nil(errno)
    assert.equal("Connection timed out - connect(2) for 127.0.0.1:" .. port,
      tostring(err))
    assert.is_false(server:is_closed())
  end)

  it("fails on a closed socket", function()
    local sock = new()
    sock:close()
    local _, err = sock:connect(Socket.pack_sockaddr_in(1, "127.0.0.1"))
    assert.equal("IOError", err.name)
  end)

  it("waits for room in a unix socket's queue", function()
    local path = net.path()
    local server <close> = assert(Socket.new("UNIX", "STREAM"))
    assert(server:bind(Socket.pack_sockaddr_un(path)))
    assert(server:listen(0))
    local address = server:getsockname()
    local first <close> = assert(Socket.new("UNIX", "STREAM"))
    local second <close> = assert(Socket.new("UNIX", "STREAM"))
    assert.equal(0, first:connect(address))
    assert.equal(Socket.TIMEOUT,
      select(2, second:connect(address, { timeout = 0.03 })))
    assert.equal(Socket.WAIT_WRITABLE,
      select(2, second:connect_nonblock(address)))
    assert(server:accept()):close()
    assert.equal(0, second:connect(address, { timeout = 5 }))
  end)

  it("refuses what is no address", function()
    local sock <close> = new()
    for _, address in ipairs { 1, true, {}, { family = "no such" } } do
      assert.has_error(function() sock:connect(address) end)
    end
  end)

  it("without an address fails where none was started", function()
    local sock <close> = new()
    local ok, err = sock:connect()
    assert.is_nil(ok)
    assert.equal("ENOTCONN", err.name)
  end)

  it("without an address tells the outcome of one that was started", function()
    local server <close>, address = net.listener()
    local sock <close> = new()
    assert(sock:connect_nonblock(address) or true)
    assert.equal(0, sock:connect())
    assert.equal(0, sock:connect(nil, { timeout = 0 }))
    assert(server:accept()):close()
    local port, holder = net.closed_port()
    local refused <close> = new()
    local _ <close> = holder
    refused:connect_nonblock { family = "inet", addr = "127.0.0.1",
      port = port }
    local ok, err = refused:connect()
    assert.is_nil(ok)
    assert.equal("ECONNREFUSED", err.name)
  end)

  it("without an address goes on waiting", function()
    local _, address, _, _ <close> = net.full_listener()
    local sock <close> = new()
    local ok, err = sock:connect_nonblock(address)
    assert.is_nil(ok)
    assert.equal(Socket.WAIT_WRITABLE, err)
    ok, err = sock:connect(nil, { timeout = 0 })
    assert.is_nil(ok)
    assert.equal(Socket.WAIT_WRITABLE, err)
    ok, err = sock:connect(nil, { timeout = 0.01 })
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
  end)
end)

describe("connect_nonblock", function()
  it("starts, and tells the outcome at the next call", function()
    local server <close>, address = net.listener()
    local sock <close> = new()
    local ok, err = sock:connect_nonblock(address)
    if not ok then
      assert.equal(Socket.WAIT_WRITABLE, err)
      assert.equal(sock, sock:wait_writable(5))
      assert.equal(0, sock:connect_nonblock(address))
    end
    err = select(2, sock:connect_nonblock(address))
    assert.equal("EISCONN", err.name)
    assert.equal(server:getsockname(), sock:getpeername())
  end)

  it("says that an attempt is under way", function()
    local server <close>, address, port, queue = net.full_listener()
    local _ <close> = queue
    local sock <close> = new()
    assert.equal(Socket.WAIT_WRITABLE, select(2,
      sock:connect_nonblock(address)))
    local err = select(2, sock:connect_nonblock(address))
    assert.equal("EALREADY", err.name)
    assert.equal("Operation already in progress - connect(2) for 127.0.0.1:"
      .. port, tostring(err))
    assert.is_false(server:is_closed())
  end)
end)
