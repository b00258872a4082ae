-- Several tasks that read from one socket: first come, first served.

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
