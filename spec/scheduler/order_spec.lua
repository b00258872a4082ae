-- Several tasks on one socket: first come, first served. Those that read are in
-- read_order_spec.lua.

local Socket = require "socket"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout
local schedule = Socket.schedule

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
