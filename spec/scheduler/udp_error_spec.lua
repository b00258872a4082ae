-- An error that an earlier datagram brought back comes once, and is no end: the
-- socket goes on. While the system's queue of errors is not empty, each event
-- of the socket tells of an error, too.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

-- A UDP socket, and the packed address of another that has just been closed;
-- nothing else listens there.
local function refused(host, domain)
  local sock = assert(Socket.new(domain, "DGRAM"))
  local other <close> = assert(Socket.new(domain, "DGRAM"))
  for _, each in ipairs { sock, other } do
    assert(each:bind { family = domain, addr = host, port = 0 })
  end
  return sock, other:getsockname()
end

local function check_refused(task)
  local ok, value, err = task:join()
  assert.is_true(ok)
  assert.is_nil(value)
  assert.equal("ECONNREFUSED", err.name)
end

-- That the socket still waits, receives and sends.
local function check_alive(sock, other)
  local address = sock:getsockname()
  local task = tasks.waiting(sock.recv, sock)
  tasks.pause(10)
  assert.equal("waiting", task:status())
  assert(other:send("one", 0, address))
  assert.equal("one", tasks.result(task))
  assert(other:send("two", 0, address))
  assert.is_true(sock:wait_readable(5) == sock)
  assert.equal("two", sock:recv())
  assert.same({ nil, Socket.TIMEOUT },
    { sock:recv(10, 0, { timeout = 0.001 }) })
  assert(sock:send("three", 0, other:getsockname()))
  assert.equal("three", other:recv())
end

net.each_family(function(host, name, domain)
  describe("an error of a UDP socket over " .. name, function()
    it("ends the wait of a connected one once", function()
      local sock <close>, gone = refused(host, domain)
      local other <close> = refused(host, domain)
      tasks.run(function()
        local task = tasks.waiting(sock.recv, sock)
        assert(sock:connect(gone))
        assert(sock:send("x", 0))
        check_refused(task)
        assert(sock:connect(other:getsockname()))
        check_alive(sock, other)
      end)
    end)

    it("makes it ready, until it was told", function()
      local sock <close>, gone = refused(host, domain)
      tasks.run(function()
        assert(sock:connect(gone))
        local task = tasks.waiting(sock.wait_readable, sock)
        assert(sock:send("x", 0))
        assert.is_true(tasks.result(task) == sock)
        assert.equal("ECONNREFUSED", select(2, sock:recv()).name)
        assert.same({ nil, Socket.TIMEOUT }, { sock:wait_readable(0.001) })
      end)
    end)
  end)
end)

describe("an error that stays in the queue of a UDP socket", function()
  if not Socket.IP_RECVERR then return pending("has no such queue") end

  local sock, other

  before_each(function()
    local gone
    sock, gone = refused("127.0.0.1", "INET")
    other = refused("127.0.0.1", "INET")
    assert(sock:setsockopt("IP", "RECVERR", true))
    assert(sock:send("x", 0, gone))
    assert.equal("ECONNREFUSED", select(2, sock:recv()).name)
  end)

  after_each(function()
    sock:close()
    other:close()
  end)

  it("keeps no task from its datagrams and deadlines", function()
    tasks.run(function() check_alive(sock, other) end)
  end)

  it("keeps other tasks from nothing", function()
    tasks.run(function()
      local ticker <close> = tasks.ticker()
      local task = tasks.waiting(sock.recv, sock)
      tasks.wait_until(function() return ticker.count > 20 end)
      task:cancel()
    end)
  end)

  it("keeps nobody from them outside a scheduler", function()
    assert.same({ nil, Socket.TIMEOUT },
      { sock:recv(10, 0, { timeout = 0.001 }) })
    assert(other:send("one", 0, sock:getsockname()))
    assert.equal("one", sock:recv(10, 0, { timeout = 5 }))
    assert(other:send("two", 0, sock:getsockname()))
    assert.equal("two", sock:recv(10))
    assert.same({ nil, Socket.TIMEOUT },
      { Socket.with_timeout(0.001, sock.recv, sock) })
  end)

  it("can be taken out, and the socket goes on", function()
    tasks.run(function()
      assert.is_truthy(sock:recvmsg(nil, "ERRQUEUE"))
      check_alive(sock, other)
    end)
  end)
end)
