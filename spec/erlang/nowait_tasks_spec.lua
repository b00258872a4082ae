-- Calls that several tasks have started with timeout = "nowait".

local Socket = require "socket"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"
local tasks = require "spec.support.tasks"

local SelectInfo = Socket.SelectInfo
local receive = Socket.receive
local NOWAIT = nowait.NOWAIT
local start = nowait.start
local is_nothing = nowait.is_nothing
local is_told = nowait.is_told
local is_gone = nowait.is_gone
local is_closed = nowait.is_closed

describe("nowait of several tasks", function()
  it("sends its messages to the task that called", function()
    tasks.run(function()
      local list = {}
      for i = 1, 10 do
        local a, b = net.tcp_pair()
        local task = tasks.waiting(function()
          local select = start(b, "recv", NOWAIT)
          is_told(select)
          is_nothing(receive(0))
          local bytes = b:recv(NOWAIT)
          b:close()
          return bytes
        end)
        list[i] = { a = a, task = task }
      end
      for _, i in ipairs(tasks.shuffled(10)) do
        assert.equal("waiting", list[i].task:status())
        list[i].a:send("bytes " .. i)
        assert.equal("bytes " .. i, tasks.result(list[i].task))
        list[i].a:close()
      end
      is_nothing(receive(0))
    end)
  end)

  it("lets others go on while a message is waited for", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local ticker <close> = tasks.ticker()
      local select = start(b, "recv", NOWAIT)
      Socket.schedule(function()
        tasks.wait_until(function() return ticker.count > 50 end)
        a:send("bytes")
      end)
      is_told(select)
      assert.is_true(ticker.count > 50)
    end)
  end)

  it("has calls of other tasks wait behind it", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      local behind = tasks.waiting(b.recv, b, 2)
      a:send("1234")
      tasks.pause(10)
      assert.equal("waiting", behind:status())
      is_told(select)
      tasks.pause(10)
      assert.equal("waiting", behind:status())
      assert.equal("12", b:recv(2, NOWAIT))
      assert.equal("34", tasks.result(behind))
    end)
  end)

  it("waits behind calls of other tasks", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local first = tasks.waiting(b.recv, b, 2)
      local select = start(b, "recv", 2, NOWAIT)
      local third = tasks.waiting(b.recv, b, 2)
      a:send("12")
      assert.equal("12", tasks.result(first))
      is_nothing(receive(0))
      a:send("3456")
      is_told(select)
      assert.equal("34", b:recv(2, NOWAIT))
      assert.equal("56", tasks.result(third))
    end)
  end)

  it("is told of what a call before it left in the buffer", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local first = tasks.waiting(b.gets, b)
      local select = start(b, "gets", NOWAIT)
      a:send("one\ntwo\n")
      assert.equal("one\n", tasks.result(first))
      is_told(select)
      assert.equal("two\n", b:gets(NOWAIT))
    end)
  end)

  it("lets the next call go on when it is cancelled", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      for _, told in ipairs { false, true } do
        local select = start(b, "recv", NOWAIT)
        local behind = tasks.waiting(b.recv, b, 5)
        a:send("bytes")
        if told then is_told(select) end
        assert.is_true(b:cancel(select))
        assert.equal("bytes", tasks.result(behind))
      end
      local select = start(b, "recv", NOWAIT)
      assert.is_true(tasks.result(Socket.schedule(b.cancel, b, select)))
      is_gone(b:cancel(select))
    end)
  end)

  it("ends with its task", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      for _, ending in ipairs { "return", "raise", "cancel", "told" } do
        local may_end = false
        local task = tasks.waiting(function()
          local select = start(b, "recv", NOWAIT)
          start(b, "recv", NOWAIT)
          tasks.wait_until(function() return may_end end)
          if ending == "told" then is_told(select) end
          if ending == "raise" then error("raised", 0) end
          if ending == "cancel" then receive() end
        end)
        local behind = tasks.waiting(b.recv, b, 5)
        local joined = Socket.schedule(task.join, task)
        may_end = true
        tasks.pause()
        if ending == "cancel" then task:cancel() end
        a:send("bytes")
        assert.equal("bytes", tasks.result(behind))
        assert.equal(ending == "return" or ending == "told",
          (tasks.result(joined)))
      end
    end)
  end)

  it("aborts each one's when the socket is closed", function()
    tasks.run(function()
      local _, b, _ <close> = net.tcp_pair()
      local list = {}
      for i = 1, 3 do
        list[i] = tasks.waiting(function()
          is_told(start(b, "recv", NOWAIT), "abort")
          return true
        end)
      end
      local reader = tasks.waiting(b.recv, b)
      b:close()
      for i = 1, 3 do
        assert.is_true(tasks.result(list[i]))
      end
      is_closed(tasks.result(reader))
    end)
  end)

  it("keeps the turn of code outside them", function()
    local a, b, _ <close> = net.tcp_pair()
    local select = start(b, "recv", NOWAIT)
    tasks.run(function()
      a:send("bytes")
      is_nothing(b:recv(5, { timeout = 0.01 }))
      local inner = start(b, "recv", NOWAIT)
      is_nothing(receive(0.01))
      is_nothing(receive(0))
      assert.is_true(b:cancel(inner))
      assert.has_error(receive)
    end)
    is_told(select)
    assert.equal("bytes", b:recv(NOWAIT))
  end)

  it("is aborted for code outside them", function()
    local _, b, _ <close> = net.tcp_pair()
    local select = start(b, "recv", NOWAIT)
    tasks.run(function() b:close() end)
    is_told(select, "abort")
  end)

  it("leaves a deadline to those who wait behind it", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      local behind = tasks.waiting(function()
        is_nothing(b:recv(1, { timeout = 0.01 }))
        return true
      end)
      assert.is_true(tasks.result(behind))
      a:send("bytes")
      is_told(select)
      assert.equal("bytes", b:recv(NOWAIT))
    end)
  end)

  it("serves many connections", function()
    local COUNT = 200
    tasks.run(function()
      local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
      assert(server:listen(COUNT))
      local address, served = server:getsockname(), 0
      local task = Socket.schedule(function()
        start(server, "accept", NOWAIT)
        while served < COUNT do
          local sock = assert(receive(10)).socket
          if sock == server then
            local peer, err = sock:accept(NOWAIT)
            while peer do
              start(peer, "gets", NOWAIT)
              peer, err = server:accept(NOWAIT)
            end
            assert.is_true(SelectInfo.is(err))
          else
            local line, err = sock:gets(NOWAIT)
            if line then
              sock:write(line)
              sock:close()
              served = served + 1
            else
              assert.is_true(SelectInfo.is(err))
            end
          end
        end
      end)
      local clients = {}
      for i = 1, COUNT do
        clients[i] = Socket.schedule(function()
          local sock <close> = assert(Socket.new("INET", "STREAM"))
          assert(sock:connect(address))
          Socket.sleep(i % 7 / 1000)
          sock:write("line ")
          Socket.sleep(i % 3 / 1000)
          sock:write(i, "\n")
          return sock:gets()
        end)
      end
      for i = 1, COUNT do
        assert.equal(("line %d\n"):format(i), tasks.result(clients[i]))
      end
      tasks.result(task)
    end)
  end)
end)
