local Socket = require "socket"
local net = require "spec.support.net"

describe("wait_readable", function()
  it("is the socket once there is something to read", function()
    local a, b, _ <close> = net.pair()
    assert.equal(Socket.TIMEOUT, select(2, b:wait_readable(0)))
    assert.equal(Socket.TIMEOUT, select(2, b:wait_readable(0.02)))
    a:send("x\ny")
    assert.equal(b, b:wait_readable())
    assert.equal("x\n", b:gets())
    assert.equal(b, b:wait_readable(0)) -- the y is buffered
  end)

  it("takes an end for something to read", function()
    local a, b, _ <close> = net.pair()
    a:close()
    assert.equal(b, b:wait_readable(5))
  end)

  it("tells a connection to accept", function()
    local server <close>, address = net.listener()
    assert.equal(Socket.TIMEOUT, select(2, server:wait_readable(0)))
    local client <close> = assert(Socket.new("INET", "STREAM"))
    assert(client:connect(address))
    assert.equal(server, server:wait_readable(5))
  end)
end)

describe("wait_writable", function()
  it("is the socket once there is room", function()
    local a, _, _ <close> = net.pair()
    assert.equal(a, a:wait_writable(5))
    while a:send(("x"):rep(65536), "DONTWAIT") do end
    assert.equal(Socket.TIMEOUT, select(2, a:wait_writable(0.02)))
  end)
end)

describe("wait_priority", function()
  it("is the socket once urgent data has come", function()
    local a, b, _ <close> = net.tcp_pair()
    assert.equal(Socket.TIMEOUT, select(2, b:wait_priority(0.02)))
    a:send("!", "OOB")
    assert.equal(b, b:wait_priority(5))
    assert.equal("!", b:recv(1, "OOB"))
  end)
end)

describe("timeout", function()
  it("is what was set", function()
    local a, _, _ <close> = net.pair()
    assert.is_nil(a:timeout())
    assert.is_true(a:set_timeout(1.5))
    assert.equal(1.5, a:timeout())
    assert.is_true(a:set_timeout(nil))
    assert.is_nil(a:timeout())
    assert.is_true(a:set_timeout(math.huge))
    assert.is_nil(a:timeout())
    for _, wrong in ipairs { -1, 0 / 0, "soon", {} } do
      assert.error_matches(function() a:set_timeout(wrong) end,
        "bad argument #1 to 'set_timeout'")
    end
  end)

  it("bounds each wait that names none", function()
    local _, b, _ <close> = net.pair()
    b:set_timeout(0.02)
    assert.equal(Socket.TIMEOUT, select(2, b:wait_readable()))
    assert.equal(Socket.TIMEOUT, select(2, b:recv(1)))
  end)
end)

describe("a wait on a closed socket", function()
  it("is an IOError", function()
    local a, _, _ <close> = net.pair()
    a:close()
    for _, name in ipairs { "wait_readable", "wait_writable" } do
      assert.equal("closed stream", tostring(select(2, a[name](a))))
    end
  end)
end)

describe("Socket.sleep", function()
  it("lets time pass", function()
    assert.is_true(Socket.sleep(0.01))
    assert.is_true(Socket.sleep(0))
    assert.error_matches(function() Socket.sleep(-1) end,
      "bad argument #1 to 'sleep'")
    assert.has_error(function() Socket.sleep() end)
  end)
end)

describe("wait", function()
  it("gives the socket once it can be read", function()
    local a, b, _ <close> = net.pair()
    assert.equal(Socket.TIMEOUT, select(2, b:wait(0)))
    assert.equal(Socket.TIMEOUT, select(2, b:wait { timeout = 0.01 }))
    a:send("x\ny")
    assert.equal(b, b:wait())
    assert.equal(b, b:wait(5))
    b:gets()
    assert.equal(b, b:wait(0)) -- the y is buffered
  end)

  it("takes names beside the timeout", function()
    local a, _, _ <close> = net.pair()
    for _, name in ipairs { "w", "write", "writable", "rw", "read_write",
      "readable_writable" } do
      assert.equal(a, a:wait(0, name))
      assert.equal(a, a:wait(name, 0))
    end
    for _, name in ipairs { "r", "read", "readable", "priority" } do
      assert.equal(Socket.TIMEOUT, select(2, a:wait(0, name)))
      assert.equal(Socket.TIMEOUT, select(2, a:wait(name, { timeout = 0 })))
    end
    assert.equal(a, a:wait("read", "write"))
    assert.equal(a, a:wait(nil, "write"))
    assert.error_matches(function() a:wait(0, "reed") end, "'reed'")
    assert.error_matches(function() a:wait(0, "read", 1) end, "more than once")
  end)

  it("takes events, and gives those that are there", function()
    local READABLE, WRITABLE, PRIORITY =
      Socket.READABLE, Socket.WRITABLE, Socket.PRIORITY
    local a, b, _ <close> = net.tcp_pair()
    assert.equal(WRITABLE, a:wait(READABLE | WRITABLE, 0))
    assert.equal(Socket.TIMEOUT, select(2, a:wait(READABLE, 0.01)))
    b:send("x\ny")
    assert.equal(READABLE, a:wait(READABLE, math.huge))
    assert.equal(READABLE | WRITABLE,
      a:wait(READABLE | WRITABLE, { timeout = 5 }))
    a:gets()
    assert.equal(READABLE, a:wait(READABLE | WRITABLE, 0))
    b:send("!", "OOB")
    assert.equal(PRIORITY, a:wait(PRIORITY, 5))
    for _, events in ipairs { 0, -1, 1 << 20 } do
      assert.error_matches(function() a:wait(events, 0) end, "#1 to 'wait'")
    end
  end)

  it("tells both directions of a socket that has ended", function()
    local a, b, _ <close> = net.pair()
    b:close()
    local both = Socket.READABLE | Socket.WRITABLE
    assert.equal(both, a:wait(both, 5))
  end)

  it("fails on a closed socket", function()
    local a, _, _ <close> = net.pair()
    a:close()
    for _, results in ipairs { { a:wait() }, { a:wait(1, 0) } } do
      assert.equal("closed stream", tostring(results[2]))
    end
  end)
end)
