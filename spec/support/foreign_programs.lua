-- Describes programs under another event loop, which really drives the sockets.
-- `run(fn)` is that of foreign_calls.lua.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local failures = require "spec.support.failures"
local fibers = require "spec.support.fibers"
local native = require "socket.native"
local net = require "spec.support.net"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout
local describe, it = busted.describe, busted.it
local now = native.clock.now

local CLIENTS = 100

-- Echoes lines to so many clients, each in a coroutine.
local function serve(server, count)
  for _ = 1, count do
    local sock = assert(server:accept())
    Socket.schedule(function()
      local _ <close> = sock
      for line in sock:lines("L") do
        assert(sock:write(line))
      end
    end)
  end
end

local function talk(port, name, rounds)
  local sock <close> = assert(Socket.tcp("127.0.0.1", port))
  for i = 1, rounds do
    local line = ("%s:%d"):format(name, i)
    assert(sock:puts(line))
    assert.equal(line, sock:gets({ chomp = true }))
  end
  return true
end

local function describe_servers(run)
  it("an echo server has many clients at a time", function()
    run(function()
      local server <close>, _, port = net.listener("127.0.0.1", CLIENTS)
      local acceptor = fibers.start(serve, server, CLIENTS)
      local clients = {}
      for i = 1, CLIENTS do
        clients[i] = fibers.start(talk, port, "client " .. i, 5)
      end
      for i = 1, CLIENTS do
        assert.is_true(fibers.join(clients[i]))
      end
      fibers.join(acceptor)
    end)
  end)

  it("a server loop ends when its socket is closed", function()
    run(function()
      local server, _, port = net.listener()
      local loop = fibers.start(Socket.accept_loop, server, function(sock)
        local _ <close> = sock
        sock:write("hello\n")
      end)
      for _ = 1, 3 do
        local sock <close> = assert(Socket.tcp("localhost", port))
        assert.equal("hello\n", sock:gets())
        assert.is_nil(sock:gets())
      end
      server:close()
      fibers.join(loop)
    end)
  end)

  it("UDP is answered", function()
    run(function()
      local server <close> = assert(Socket.UDPSocket.new())
      assert(server:bind("127.0.0.1", 0))
      local answering = fibers.start(function()
        for _ = 1, 5 do
          local text, from = server:recvfrom(100)
          assert(server:send(text:upper(), 0, from[4], from[2]))
        end
      end)
      local client <close> = assert(Socket.UDPSocket.new())
      assert(client:connect("127.0.0.1", server:addr()[2]))
      for i = 1, 5 do
        client:send("text" .. i, 0)
        assert.equal("TEXT" .. i, client:recv(100))
      end
      fibers.join(answering)
      is_timeout(client:recv(100, 0, { timeout = 0.005 }))
    end)
  end)
end

local function describe_streams(run)
  it("much is written both ways at a time", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local size = 1 << 22
      local texts = { ("a"):rep(size), ("b"):rep(size) }
      local writers = {
        fibers.start(a.write, a, texts[1]),
        fibers.start(b.write, b, texts[2]),
      }
      local reader = fibers.start(a.read, a, size)
      assert.is_true(b:read(size) == texts[1])
      assert.is_true(fibers.join(reader) == texts[2])
      assert.equal(size, fibers.join(writers[1]))
      assert.equal(size, fibers.join(writers[2]))
    end)
  end)

  it("one that reads and one that writes fail when the socket is closed",
    function()
      run(function()
        local a, _, _ <close> = net.pair()
        local reader = fibers.start(a.read, a, 4, { timeout = 15 })
        local writer = fibers.start(a.write, a, ("x"):rep(1 << 22))
        local second = fibers.start(a.read, a, 4)
        fibers.pause()
        a:close()
        is_closed(fibers.join(reader))
        is_closed(fibers.join(writer))
        is_closed(fibers.join(second))
        fibers.pause()
      end)
    end)

  it("several wait for a socket, and one of them is late", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local first = fibers.start(a.wait_readable, a, 0.005)
      local second = fibers.start(a.wait_readable, a, 15)
      local third = fibers.start(a.read, a, 2)
      local fourth = fibers.start(Socket.select, { a }, nil, nil, 15)
      is_timeout(fibers.join(first))
      assert.is_nil(second.results)
      assert.is_nil(fourth.results)
      b:write("x")
      assert.equal(a, fibers.join(second))
      assert.same({ { a }, {}, {} }, { fibers.join(fourth) })
      b:write("y")
      assert.equal("xy", fibers.join(third))
    end)
  end)

  it("fd numbers are used again", function()
    run(function()
      for i = 1, 20 do
        local a, b, _ <close> = net.pair()
        local reader = fibers.start(a.gets, a)
        fibers.pause()
        b:puts("line " .. i)
        assert.equal("line " .. i .. "\n", fibers.join(reader))
        if i % 2 == 0 then a:close() end
        local fd = b:detach()
        Socket.for_fd(fd):close()
      end
    end)
  end)

  it("sockets are collected after they were waited for", function()
    run(function()
      for i = 1, 20 do
        local a, b = net.pair()
        local reader = fibers.start(a.gets, a)
        b:puts("line " .. i)
        assert.equal("line " .. i .. "\n", fibers.join(reader))
        a, b, reader = nil, nil, nil -- what follows may have their fds
        assert(not (a or b or reader))
        if i % 5 == 0 then collectgarbage() end
      end
    end)
  end)

  it("copy_stream waits for both ends", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local c, d, _ <close> = net.tcp_pair()
      local copying = fibers.start(Socket.copy_stream, a, c)
      local text = ("0123456789"):rep(1 << 17)
      local writing = fibers.start(function()
        assert(b:write(text))
        return b:close()
      end)
      assert.is_true(d:read(#text) == text)
      fibers.join(writing)
      assert.equal(#text, fibers.join(copying))
    end)
  end)
end

local function describe_time(run)
  it("time passes in sleep, for all at once", function()
    run(function()
      local start = now()
      local list = {}
      for i = 1, 20 do
        list[i] = fibers.start(Socket.sleep, 0.02)
      end
      for i = 1, 20 do
        assert.is_true(fibers.join(list[i]))
      end
      assert.is_true(now() - start >= 0.02)
    end)
  end)

  it("a wait does not end before its deadline", function()
    run(function()
      local a, _, _ <close> = net.pair()
      for _ = 1, 5 do
        local start = now()
        is_timeout(a:recv(1, 0, { timeout = 0.0035 }))
        assert.is_true(now() - start >= 0.0035)
      end
    end)
  end)

  it("with_timeout bounds all waits, each coroutine's own", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local other = fibers.start(a.read, a, 3)
      is_timeout(Socket.with_timeout(0.005, function()
        assert.is_true(Socket.sleep(0.001))
        is_timeout(b:recv(1))
        return Socket.sleep(1)
      end))
      b:write("xyz")
      assert.equal("xyz", fibers.join(other))
    end)
  end)
end

local function describe_names(run)
  it("a host is connected to by name", function()
    run(function()
      local server <close>, _, port = net.listener()
      for _ = 1, 3 do
        local sock <close> = assert(Socket.tcp("localhost", port))
        local peer <close> = assert(server:accept())
        assert(peer:is_a(Socket))
        sock:write("x")
      end
    end)
  end)

  it("names are looked up by several at a time", function()
    run(function()
      local list = {}
      for i = 1, 10 do
        list[i] = fibers.start(Socket.Addrinfo.getaddrinfo, "localhost", "http")
      end
      for i = 1, 10 do
        assert.equal(80, fibers.join(list[i])[1]:ip_port())
      end
    end)
  end)

  it("addresses that refuse fail, and those that do not answer are late",
    function()
      run(function()
        local port, keeper = net.closed_port()
        local _ <close> = keeper
        local sock, err = Socket.tcp("localhost", port)
        assert.is_nil(sock)
        assert.equal("ECONNREFUSED", err.name)
        local _, _, full, closer = net.full_listener()
        local _ <close> = closer
        sock, err = Socket.tcp("127.0.0.1", full, { open_timeout = 0.005 })
        assert.is_nil(sock)
        assert.equal("TimeoutError", err.name)
      end)
    end)
end

return function(run)
  describe("in a program,", function()
    describe_servers(run)
    describe_streams(run)
    describe_time(run)
    describe_names(run)

    it("waits in generators and where Lua cannot yield block", function()
      run(function()
        local a, b, _ <close> = net.pair()
        b:write("1\n2\n3\n")
        local lines = coroutine.wrap(function()
          for line in a:lines() do coroutine.yield(line) end
        end)
        assert.same({ "1", "2", "3" }, { lines(), lines(), lines() })
        is_timeout(coroutine.wrap(function()
          return a:recv(1, 0, { timeout = 0.005 })
        end)())
        table.sort({ 2, 1 }, function(x, y)
          assert.is_true(Socket.sleep(0.001))
          return x < y
        end)
      end)
    end)

    it("a message tells of a call that was started", function()
      run(function()
        local a, b, _ <close> = net.pair()
        local value, select = a:recv(5, 0, { timeout = "nowait" })
        assert.is_nil(value)
        assert.equal(a, select.socket)
        local writer = fibers.start(function()
          Socket.sleep(0.001)
          return b:write("hello")
        end)
        local message = assert(Socket.receive(15))
        assert.same({ "select", select.ref }, { message.type, message.ref })
        assert.equal("hello", a:recv(5))
        assert.equal(5, fibers.join(writer))
        is_timeout(Socket.receive(0.005))
        assert.is_nil((a:recv(5, 0, { timeout = "nowait" })))
        local receiver = fibers.start(Socket.receive, 15)
        a:close()
        assert.equal("abort", fibers.join(receiver).type)
      end)
    end)

    it("the built-in scheduler runs inside", function()
      run(function()
        local a, b, _ <close> = net.pair()
        local reader = fibers.start(a.gets, a)
        assert.equal("inner", Socket.run(function()
          Socket.sleep(0.001)
          return "inner"
        end))
        b:puts("x")
        assert.equal("x\n", fibers.join(reader))
      end)
    end)
  end)
end
