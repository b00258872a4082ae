-- Several tasks on one socket: first come, first served.

local Socket = require "socket"
local build = require "spec.support.build"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout
local schedule = Socket.schedule

describe("reads of several tasks", function()
  it("are served whole, in order", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 10)
      local second = tasks.waiting(b.read, b, 10)
      local third = tasks.waiting(b.read, b, 10)
      for _, piece in ipairs { "1234567", "8", "90abc", "defghij", "KLMN",
        "OPQRST" } do
        a:write(piece)
        tasks.pause()
      end
      assert.equal("1234567890", tasks.result(first))
      assert.equal("abcdefghij", tasks.result(second))
      assert.equal("KLMNOPQRST", tasks.result(third))
    end)
  end)

  it("are served in order when all comes at once", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local list = {}
      for i = 1, 100 do
        list[i] = tasks.waiting(b.read, b, 4)
      end
      local text = {}
      for i = 1, 100 do
        text[i] = ("%04d"):format(i)
      end
      a:write(text)
      for i = 1, 100 do
        assert.equal(text[i], tasks.result(list[i]))
      end
    end)
  end)

  it("may be of lines and of counts", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local line = tasks.waiting(b.gets, b)
      local counted = tasks.waiting(b.read, b, 5)
      local last = tasks.waiting(b.gets, b)
      a:write("a li")
      tasks.pause()
      a:write("ne\n12")
      tasks.pause()
      assert.equal("done", line:status())
      assert.equal("waiting", counted:status())
      a:write("345rest\n")
      assert.equal("a line\n", tasks.result(line))
      assert.equal("12345", tasks.result(counted))
      assert.equal("rest\n", tasks.result(last))
    end)
  end)

  it("find what the one before has left", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      b:set_line_limit(8)
      local lines = {}
      for i = 1, 4 do
        lines[i] = tasks.waiting(b.gets, b)
      end
      a:write("one\ntwo\nfar too long for a line")
      assert.equal("one\n", tasks.result(lines[1]))
      assert.equal("two\n", tasks.result(lines[2]))
      for i = 3, 4 do
        local line, err = tasks.result(lines[i])
        assert.is_nil(line)
        assert.equal("line longer than 8 bytes", err.message)
      end
    end)
  end)

  it("end at the end of the stream, each", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local lines = {}
      for i = 1, 3 do
        lines[i] = tasks.waiting(b.gets, b)
      end
      a:write("one\nhalf")
      tasks.pause()
      a:close()
      assert.equal("one\n", tasks.result(lines[1]))
      assert.equal("half", tasks.result(lines[2]))
      assert.is_nil(tasks.result(lines[3]))
    end)
  end)

  it("are not overtaken by one that comes later and could be served", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 10)
      a:write("12345")
      tasks.pause()
      local second = tasks.waiting(b.readpartial, b, 10)
      a:write("67890abc")
      assert.equal("1234567890", tasks.result(first))
      assert.equal("abc", tasks.result(second))
    end)
  end)

  it("are not overtaken by one of bytes that are buffered", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 10)
      a:write("12\n45")
      tasks.pause()
      local second = tasks.waiting(b.read, b, 3)
      local third = tasks.waiting(b:lines())
      a:write("67890abcline\n")
      assert.equal("12\n4567890", tasks.result(first))
      assert.equal("abc", tasks.result(second))
      assert.equal("line", tasks.result(third))
    end)
  end)

  it("are not overtaken by one that finds its message there", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair("DGRAM")
      local first = tasks.waiting(b.recvmsg, b)
      a:send("first")
      local second = schedule(b.recvmsg, b)
      tasks.pause()
      a:send("second")
      assert.equal("first", (tasks.result(first)))
      assert.equal("second", (tasks.result(second)))
    end)
  end)

  it("go on with the next when the first one's time is up", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 10, { timeout = 0.005 })
      local second = tasks.waiting(b.read, b, 5)
      a:write("12345")
      is_timeout(tasks.result(first))
      assert.equal("12345", tasks.result(second))
    end)
  end)

  it("go on with the next when the first is cancelled", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 10)
      local second = tasks.waiting(b.gets, b)
      a:write("line\n")
      tasks.pause()
      assert.equal("waiting", second:status())
      first:cancel()
      assert.equal("line\n", tasks.result(second))
    end)
  end)

  it("let a waiter in the middle leave the queue", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 5)
      local second = tasks.waiting(b.read, b, 5, { timeout = 0.005 })
      local third = tasks.waiting(b.read, b, 5)
      is_timeout(tasks.result(second))
      a:write("1234567890")
      assert.equal("12345", tasks.result(first))
      assert.equal("67890", tasks.result(third))
    end)
  end)

  it("may wait their turn in a generator, too", function()
    if build.is_portable then return pending("takes C stacks") end
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(function()
        return coroutine.wrap(b.read)(b, 5)
      end)
      local second = tasks.waiting(b.read, b, 5)
      local third = tasks.waiting(function()
        return coroutine.wrap(b.read)(b, 5)
      end)
      a:write("12345678")
      tasks.pause()
      a:write("90abcde")
      assert.equal("12345", tasks.result(first))
      assert.equal("67890", tasks.result(second))
      assert.equal("abcde", tasks.result(third))
    end)
  end)

  it("all end when the stream ends", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local list = {}
      for i = 1, 5 do
        list[i] = tasks.waiting(b.read, b, 4)
      end
      a:write("abcdef")
      a:close()
      assert.equal("abcd", tasks.result(list[1]))
      assert.equal("ef", tasks.result(list[2]))
      for i = 3, 5 do
        assert.is_nil(tasks.result(list[i]))
      end
    end)
  end)

  it("all fail when the socket is closed", function()
    tasks.run(function()
      local _, b, _ <close> = net.pair()
      local list = {}
      for _, call in ipairs { b.gets, b.read, b.recv, b.wait_readable } do
        list[#list + 1] = tasks.waiting(call, b)
      end
      b:close()
      for _, task in ipairs(list) do
        is_closed(tasks.result(task))
      end
    end)
  end)

  it("leave a call that does not wait nothing to take", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(b.read, b, 5)
      local value, err = b:read_nonblock(5)
      assert.is_nil(value)
      assert.is_true(err == Socket.WAIT_READABLE)
      value, err = b:recv_nonblock(5)
      assert.is_nil(value)
      assert.is_true(err == Socket.WAIT_READABLE)
      a:write("12345")
      assert.equal("12345", tasks.result(first))
    end)
  end)

  it("do not hold up writes", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local reader = tasks.waiting(b.gets, b)
      assert.equal(5, b:write("line\n"))
      assert.equal("line\n", a:gets())
      a:write("answer\n")
      assert.equal("answer\n", tasks.result(reader))
    end)
  end)
end)

describe("writes of several tasks", function()
  local SIZE = 1 << 20

  local function check_unmixed(make)
    tasks.run(function()
      local a, b, _ <close> = make()
      local list = {}
      for i = 1, 3 do
        list[i] = schedule(a.write, a, tostring(i):rep(SIZE))
      end
      for i = 1, 3 do
        assert.is_true(tostring(i):rep(SIZE) == b:read(SIZE))
      end
      for i = 1, 3 do
        assert.equal(SIZE, tasks.result(list[i]))
      end
    end)
  end

  it("do not mix", function()
    check_unmixed(net.pair)
    check_unmixed(net.tcp_pair)
  end)

  it("are not overtaken by a message that finds room", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local text = ("x"):rep(1 << 20)
      local first = tasks.waiting(a.write, a, text)
      local read = #b:recv(1 << 18)
      local second = schedule(a.sendmsg, a, "message")
      tasks.pause(1)
      assert.equal(text:sub(1, -read - 1), b:read(#text - read))
      assert.equal("message", b:read(7))
      assert.equal(#text, tasks.result(first))
      assert.equal(7, tasks.result(second))
    end)
  end)

  it("do not mix with those of other methods, nor in pieces", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local writers = {
        schedule(a.send, a, ("1"):rep(SIZE), 0),
        schedule(a.print, a, ("2"):rep(SIZE // 2), ("2"):rep(SIZE // 2)),
        schedule(a.write, a, { ("3"):rep(SIZE // 2), ("3"):rep(SIZE // 2) }),
        schedule(a.sendmsg, a, ("4"):rep(SIZE)),
        schedule(function()
          return coroutine.wrap(a.write)(a, ("5"):rep(SIZE))
        end),
      }
      for i = 1, #writers do
        assert.is_true(tostring(i):rep(SIZE) == b:read(SIZE))
      end
      for _, task in ipairs(writers) do
        tasks.result(task)
      end
    end)
  end)

  it("go on with the next when the first one's time is up", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local first = tasks.waiting(a.write, a, ("1"):rep(SIZE),
        { timeout = 0.01 })
      local second = tasks.waiting(a.write, a, "end")
      local value, err = tasks.result(first)
      is_timeout(value, err)
      assert.equal(("1"):rep(err.written), b:read(err.written))
      assert.equal("end", b:read(3))
      assert.equal(3, tasks.result(second))
    end)
  end)

  it("all fail when the socket is closed", function()
    tasks.run(function()
      local a, _, _ <close> = net.pair()
      local list = {}
      for i = 1, 5 do
        list[i] = tasks.waiting(a.write, a, ("x"):rep(SIZE))
      end
      a:close()
      for i = 1, 5 do
        is_closed(tasks.result(list[i]))
      end
    end)
  end)
end)

describe("accepts of several tasks", function()
  it("are served first come, first served", function()
    tasks.run(function()
      local server <close>, address = net.listener()
      local order, list = {}, {}
      for i = 1, 20 do
        list[i] = tasks.waiting(function()
          local _ <close> = assert(server:accept())
          order[#order + 1] = i
        end)
      end
      for _ = 1, 20 do
        local client <close> = assert(Socket.new("INET", "STREAM"))
        assert(client:connect(address))
        tasks.pause(1)
      end
      for i = 1, 20 do
        tasks.result(list[i])
        assert.equal(i, order[i])
      end
    end)
  end)

  it("take one connection each when several come at once", function()
    tasks.run(function()
      local server <close>, address = net.listener()
      local peers = {}
      for i = 1, 10 do
        tasks.waiting(function()
          local _ <close>, peer = assert(server:accept())
          peers[i] = peer:ip_port()
        end)
      end
      local ports = {}
      for i = 1, 10 do
        local client <close> = assert(Socket.new("INET", "STREAM"))
        assert(client:connect(address))
        ports[i] = client:local_address():ip_port()
      end
      tasks.wait_until(function() return #peers == 10 end)
      assert.same(ports, peers)
    end)
  end)

  it("leave the queue when their time is up", function()
    tasks.run(function()
      local server <close>, address = net.listener()
      local first = tasks.waiting(server.accept, server, { timeout = 0.005 })
      local second = tasks.waiting(server.accept, server)
      is_timeout(tasks.result(first))
      local client <close> = assert(Socket.new("INET", "STREAM"))
      assert(client:connect(address))
      local sock <close> = tasks.result(second)
      assert.equal(client:local_address(), sock:remote_address())
    end)
  end)

  it("leave one that does not wait nothing to take", function()
    tasks.run(function()
      local server <close>, address = net.listener()
      local waiting = tasks.waiting(server.accept, server)
      local value, err = server:accept_nonblock()
      assert.is_nil(value)
      assert.is_true(err == Socket.WAIT_READABLE)
      local client <close> = assert(Socket.new("INET", "STREAM"))
      assert(client:connect(address))
      local _ <close> = tasks.result(waiting)
    end)
  end)
end)

describe("datagrams for several tasks", function()
  it("go to one each, in order", function()
    tasks.run(function()
      local a, b, _ <close> = net.udp_pair()
      local list = {}
      for i = 1, 10 do
        list[i] = tasks.waiting(b.recv, b, 10)
      end
      for i = 1, 10 do
        a:send(tostring(i), 0)
      end
      for i = 1, 10 do
        assert.equal(tostring(i), tasks.result(list[i]))
      end
    end)
  end)
end)

describe("a wake-up", function()
  it("for an earlier socket with the same fd number is dropped", function()
    tasks.run(function()
      for _ = 1, 50 do
        local a, b, _ <close> = net.pair()
        local first = tasks.waiting(b.gets, b)
        a:write("late\n")
        b:close()
        is_closed(tasks.result(first))
        local c, d, _ <close> = net.pair()
        local second = tasks.waiting(d.gets, d, { timeout = 15 })
        tasks.pause()
        assert.equal("waiting", second:status())
        c:write("own\n")
        assert.equal("own\n", tasks.result(second))
      end
    end)
  end)

  it("belongs to one wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local c, d, _ <close> = net.pair()
      local task = tasks.waiting(function()
        b:wait_readable(0.002)
        return d:gets()
      end)
      tasks.pause()
      Socket.sleep(0.005)
      a:write("not for this wait\n")
      tasks.pause()
      assert.equal("waiting", task:status())
      c:write("line\n")
      assert.equal("line\n", tasks.result(task))
    end)
  end)
end)
