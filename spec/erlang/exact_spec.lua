-- recv that waits for all of its bytes.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local EXACT = { exact = true }

-- How calls fail with bytes in hand.
local function fails_with(partial, name, value, err)
  assert.is_nil(value)
  assert.equal(name, err.name)
  assert.equal(partial, err.partial)
end

describe("recv of exactly so many bytes", function()
  it("gives those that are there, and no more", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "hello world")
    assert.equal("hello", b:recv(5, EXACT))
    assert.equal(" ", b:recv(1, 0, EXACT))
    assert.equal("world", b:recv(5, nil, { exact = true, timeout = 0 }))
    assert.equal("", b:recv(0, EXACT))
  end)

  it("waits for all of them", function()
    tasks.run(function()
      for _, pair in ipairs { net.pair, net.tcp_pair } do
        local a, b, _ <close> = pair()
        local task = tasks.waiting(b.recv, b, 10, 0, EXACT)
        for _, piece in ipairs { "1", "2345", "678", "90abc" } do
          assert.equal("waiting", task:status())
          assert(a:send(piece))
          tasks.pause()
        end
        assert.equal("1234567890", tasks.result(task))
        assert.equal("abc", b:recv(9))
      end
    end)
  end)

  it("takes many", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local big = ("0123456789"):rep(500000)
      local task = Socket.schedule(a.send, a, big)
      assert.equal(big, b:recv(#big, EXACT))
      tasks.result(task)
    end)
  end)

  it("takes what is left without EXACT where that is said", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "ab")
    assert.equal("ab", b:recv(5, { exact = false }))
  end)

  it("is served in order", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.recv, b, 5, EXACT)
      local second = tasks.waiting(b.recv, b, 5, EXACT)
      for _, piece in ipairs { "123", "45678", "90" } do
        assert(a:send(piece))
        tasks.pause()
      end
      assert.equal("12345", tasks.result(first))
      assert.equal("67890", tasks.result(second))
    end)
  end)

  it("gives what had come when its time is up", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "abc")
    local value, err = b:recv(5, { exact = true, timeout = 0.01 })
    fails_with("abc", "TimeoutError", value, err)
    assert.is_true(err == Socket.TIMEOUT)
    fails_with(nil, "TimeoutError",
      b:recv(5, { exact = true, timeout = 0.01 }))
  end)

  it("gives what had come when it must not wait", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "abc")
    local value, err = b:recv(5, 0, { exact = true, timeout = 0 })
    fails_with("abc", "EAGAIN", value, err)
    assert.is_true(err == Socket.WAIT_READABLE)
    assert(a:send "abc")
    fails_with("abc", "EAGAIN", b:recv(5, "DONTWAIT", EXACT))
    fails_with(nil, "EAGAIN", b:recv(5, "DONTWAIT", EXACT))
  end)

  it("gives what had come at the end of the stream", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "abc")
    a:close()
    fails_with("abc", "EOFError", b:recv(5, EXACT))
    assert.same({ n = 1, nil }, table.pack(b:recv(5, EXACT)))
  end)

  it("gives what had come before a reset", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local task = tasks.waiting(b.recv, b, 5, 0, EXACT)
      assert(a:send "abc")
      tasks.pause()
      assert(a:setsockopt(Socket.Option.linger(true, 0)))
      a:close()
      fails_with("abc", "ECONNRESET", tasks.result(task))
      fails_with(nil, "ECONNRESET", b:recv(5, EXACT))
    end)
  end)

  it("gives what had come when its socket is closed", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local task = tasks.waiting(b.recv, b, 5, 0, EXACT)
      assert(a:send "abc")
      tasks.pause()
      b:close()
      fails_with("abc", "IOError", tasks.result(task))
      fails_with(nil, "IOError", b:recv(5, EXACT))
    end)
  end)

  it("fails where bytes are buffered", function()
    local a, b, _ <close> = net.pair()
    assert(a:send "a\nb\n")
    assert.equal("a\n", b:gets())
    local value, err = b:recv(1, EXACT)
    assert.is_nil(value)
    assert.equal("recv for buffered IO", tostring(err))
  end)

  it("gives a message whole where there are messages", function()
    for _, socktype in ipairs { "DGRAM", "SEQPACKET" } do
      local a, b, _ <close> = net.pair(socktype)
      assert(a:send "abc")
      assert.equal("abc", b:recv(5, EXACT))
    end
  end)

  it("refuses what does not go with it", function()
    local a, _, _ <close> = net.pair()
    assert.error_matches(function() a:recv(EXACT) end, "exact needs a length")
    assert.error_matches(function() a:recv(1, "PEEK", EXACT) end,
      "bad argument #2 to 'recv' %(exact takes neither PEEK nor OOB")
    assert.error_matches(function() a:recv(1, { exact = 1 }) end,
      "exact must be a boolean")
    assert.error_matches(function() a:recvfrom(1, EXACT) end,
      "unknown keyword 'exact'")
  end)
end)
