-- After a short read the next call may go straight to waiting, but only where
-- a short count proves that nothing is left: not when the end came with the
-- last bytes, not at a mark of urgent data, and not on unix sockets, whose
-- reads stop where descriptors or credentials change. Changes of readiness are
-- told once, so whoever waits then would wait for ever.

local Socket = require "socket"
local guard = require "socket.guard"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local schedule = Socket.schedule
local SOME = ("0123456789abcdef"):rep(1 << 12)

-- All that the socket gives, by a call that gives some.
local function collect(sock, method, ...)
  local pieces = {}
  while true do
    local piece, err = sock[method](sock, ...)
    if not piece then
      assert(err == nil or err.name == "EOFError", err)
      return table.concat(pieces)
    end
    pieces[#pieces + 1] = piece
  end
end

local METHODS = {
  { "recv", 65536 },
  { "recv", 7 },
  { "recvmsg", 65536 },
  { "recvfrom", 65536 },
  { "readpartial", 65536 },
  { "sysread", 100 },
  { "read", 3 },
  { "gets" },
  { "getc" },
}

describe("bytes and the end that come together", function()
  for _, row in ipairs(METHODS) do
    local name = table.concat(row, " ")

    net.each_family(function(host, family)
      it(("are both seen: %s, %s"):format(name, family), function()
        tasks.run(function()
          local a, b, _ <close> = net.tcp_pair(host)
          local task = tasks.waiting(collect, b, table.unpack(row))
          a:write("hello\nworld")
          a:close()
          assert.equal("hello\nworld", tasks.result(task))
        end)
      end)
    end)

    it("are both seen on a unix socket: " .. name, function()
      tasks.run(function()
        local a, b, _ <close> = net.pair()
        local task = tasks.waiting(collect, b, table.unpack(row))
        a:write("hello\nworld")
        a:close()
        assert.equal("hello\nworld", tasks.result(task))
      end)
    end)
  end

  it("are both seen after an earlier wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local task = tasks.waiting(collect, b, "recv", 65536)
      a:write("one ")
      tasks.pause()
      a:write("two ")
      a:close_write()
      assert.equal("one two ", tasks.result(task))
      assert.equal(6, b:write("answer"))
      assert.equal("answer", a:read(6))
    end)
  end)

  it("are both seen when they were there before the first wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      a:write("hello")
      a:close()
      tasks.pause()
      assert.equal("hello", b:recv(100))
      assert.is_nil(b:recv(100))
      assert.is_nil(b:recv(100))
    end)
  end)

  it("are both seen again and again", function()
    tasks.run(function()
      local server <close>, address = net.listener(nil, 64)
      local readers = {}
      local acceptor = schedule(function()
        for i = 1, 200 do
          local sock = assert(server:accept())
          readers[i] = schedule(function()
            local _ <close> = sock
            return collect(sock, "recv", 65536)
          end)
        end
      end)
      for i = 1, 200 do
        local client <close> = assert(Socket.new("INET", "STREAM"))
        assert(client:connect(address))
        client:write(("x"):rep(i))
        if i % 3 == 0 then tasks.pause(1) end
      end
      tasks.result(acceptor)
      for i = 1, 200 do
        assert.equal(i, #tasks.result(readers[i]))
      end
    end)
  end)

  it("are both seen when a reset comes", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local task = tasks.waiting(function()
        local first = b:recv(5)
        local second, err = b:recv(5)
        return first, second, err.name
      end)
      a:write("hello")
      a:setsockopt("SOCKET", "LINGER", ("ii"):pack(1, 0))
      tasks.pause()
      a:close()
      assert.same({ "hello", nil, "ECONNRESET" }, { tasks.result(task) })
    end)
  end)
end)

describe("urgent data in the middle", function()
  for _, row in ipairs(METHODS) do
    it("stops nobody for ever: " .. table.concat(row, " "), function()
      tasks.run(function()
        local a, b, _ <close> = net.tcp_pair()
        local task = tasks.waiting(collect, b, table.unpack(row))
        a:write("before\n")
        a:send("!", "OOB")
        a:write("after\n")
        tasks.pause()
        a:close_write()
        assert.equal("before\nafter\n", tasks.result(task))
      end)
    end)
  end

  it("stops nobody when it all was there before", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      a:write("before")
      a:send("!", "OOB")
      a:write("after")
      assert.equal(b, b:wait_priority(5))
      assert.equal("!", b:recv(1, "OOB"))
      local task = schedule(b.read, b, 11)
      assert.equal("beforeafter", tasks.result(task))
    end)
  end)

  it("wakes who waits for it, not who waits for bytes", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local reader = tasks.waiting(b.recv, b, 10)
      local waiter = tasks.waiting(b.wait_priority, b)
      a:send("!", "OOB")
      assert.equal(b, tasks.result(waiter))
      assert.equal("!", b:recv(1, "OOB"))
      assert.equal("waiting", reader:status())
      a:write("bytes")
      assert.equal("bytes", tasks.result(reader))
    end)
  end)

  it("read in line is a byte like the others", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      assert(b:setsockopt("SOCKET", "OOBINLINE", true))
      local task = tasks.waiting(collect, b, "recv", 100)
      a:write("before")
      a:send("!", "OOB")
      a:write("after")
      tasks.pause()
      a:close_write()
      assert.equal("before!after", tasks.result(task))
    end)
  end)
end)

describe("descriptors between bytes of a unix stream", function()
  for _, row in ipairs(METHODS) do
    it("stop nobody for ever: " .. table.concat(row, " "), function()
      tasks.run(function()
        local a, b = assert(Socket.UNIXSocket.pair())
        local _ <close> = guard.owned(a, b)
        local task = tasks.waiting(collect, b, table.unpack(row))
        a:write("before\n")
        assert(a:send_io(a))
        a:write("after\n")
        a:write("more\n")
        tasks.pause()
        a:close()
        local text = tasks.result(task)
        assert.matches("^before\n.after\nmore\n$", text)
      end)
    end)
  end

  it("come by recv_io between reads of bytes", function()
    tasks.run(function()
      local a, b = assert(Socket.UNIXSocket.pair())
      local _ <close> = guard.owned(a, b)
      local task = tasks.waiting(function()
        local before = b:recv(6)
        local io <close> = assert(b:recv_io())
        return before, io:is_a(Socket.UNIXSocket), b:recv(100)
      end)
      a:write("before")
      assert(a:send_io(a))
      a:write("after")
      assert.same({ "before", true, "after" }, { tasks.result(task) })
    end)
  end)
end)

describe("credentials between bytes of a unix stream", function()
  it("stop nobody for ever", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      if not Socket.SO_PASSCRED then return end
      local task = tasks.waiting(collect, b, "recv", 100)
      a:write("one ")
      assert(b:setsockopt("SOCKET", "PASSCRED", true))
      a:write("two ")
      assert(b:setsockopt("SOCKET", "PASSCRED", false))
      a:write("three")
      tasks.pause()
      a:close()
      assert.equal("one two three", tasks.result(task))
    end)
  end)
end)

describe("much data", function()
  for name, make in pairs { TCP = net.tcp_pair, unix = net.pair } do
    it("goes through whole, by pieces of any size: " .. name, function()
      tasks.run(function()
        local a, b, _ <close> = make()
        local writer = schedule(function()
          for i = 1, 20 do
            assert(a:write(SOME:sub(1, i * 3001)))
          end
          a:close_write()
        end)
        local text, i = {}, 0
        while true do
          i = i + 1
          local piece = b:recv(i * 7919 % 65536 + 1)
          if not piece then break end
          text[#text + 1] = piece
        end
        tasks.result(writer)
        local expected = {}
        for k = 1, 20 do
          expected[k] = SOME:sub(1, k * 3001)
        end
        assert.is_true(table.concat(expected) == table.concat(text))
      end)
    end)
  end

  it("fills and empties small buffers many times", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      assert(a:setsockopt("SOCKET", "SNDBUF", 4608))
      assert(b:setsockopt("SOCKET", "RCVBUF", 4608))
      local writer = schedule(a.write, a, SOME)
      assert.is_true(SOME == b:read(#SOME))
      assert.equal(#SOME, tasks.result(writer))
    end)
  end)

  it("does not keep other tasks from their turn", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local writer = schedule(function()
        while a:write(SOME) do end
      end)
      local reader = schedule(function()
        local count = 0
        while true do
          local piece = b:recv(1000)
          if not piece then return count end
          count = count + #piece
        end
      end)
      local c, d, _ <close> = net.pair()
      local echo = schedule(function()
        for line in d:lines() do d:puts(line) end
      end)
      for i = 1, 20 do
        c:puts(i)
        assert.equal(i .. "\n", c:gets())
      end
      b:close()
      a:close()
      assert.is_true(tasks.result(reader) > 0)
      tasks.result(writer)
      c:close()
      tasks.result(echo)
    end)
  end)
end)
