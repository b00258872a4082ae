-- Calls that are started with timeout = "nowait", their messages, and cancel.

local Socket = require "socket"
local net = require "spec.support.net"
local no_yield = require "spec.support.no_yield"
local tasks = require "spec.support.tasks"

local SelectInfo = Socket.SelectInfo
local TIMEOUT = Socket.TIMEOUT
local receive = Socket.receive
local NOWAIT = { timeout = "nowait" }

-- Makes the call, which has to be started only -> its SelectInfo.
local function start(sock, method, ...)
  local results = table.pack(sock[method](sock, ...))
  assert.is_nil(results[1])
  assert.equal(3, results.n)
  assert.is_nil(results[3])
  local select = results[2]
  assert.is_true(SelectInfo.is(select), tostring(select))
  assert.equal(sock, select.socket)
  return select
end

local function is_nothing(value, err)
  assert.is_nil(value)
  assert.is_true(err == TIMEOUT, tostring(err))
end

-- The next message has to be this one.
local function is_told(select, kind)
  local message = assert(receive(5))
  assert.equal(kind or "select", message.type)
  assert.equal(select.socket, message.socket)
  assert.equal(select.ref, message.ref)
  assert.equal(kind == "abort" and "closed" or nil, message.reason)
end

local function is_gone(ok, err, errno)
  assert.is_nil(ok)
  assert.equal("EINVAL", err.name)
  assert.equal(Socket.Errno.EINVAL, errno)
end

local function is_closed(value, err)
  assert.is_nil(value)
  assert.equal("closed stream", tostring(err))
end

-- Fills what the socket sends to its peer.
local function fill(sock)
  local total = 0
  while true do
    local count, err = sock:write_nonblock(("x"):rep(1 << 16))
    if not count then
      assert.equal(Socket.WAIT_WRITABLE, err)
      return total
    end
    total = total + count
  end
end

-- What holds in a task and where no scheduler runs.
local function examples(run)
  it("is done at once where it can", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      assert.equal(3, a:send("one", 0, nil, NOWAIT))
      assert.equal(4, a:write("two\n", NOWAIT))
      assert.is_true(b:wait_readable(5) == b)
      assert.equal("one", b:recv(3, NOWAIT))
      assert.equal("two\n", b:gets(NOWAIT))
      is_nothing(receive(0))
    end)
  end)

  it("tells when the socket is ready, once", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      assert.equal("recv", select.op)
      assert.is_not_nil(select.ref)
      is_nothing(receive(0))
      is_nothing(receive(0.001))
      a:send("bytes")
      is_told(select)
      is_nothing(receive(0))
      assert.equal("bytes", b:recv(NOWAIT))
      is_nothing(receive { timeout = 0 })
    end)
  end)

  it("gives the end and a reset of the peer", function()
    run(function()
      for _, linger in ipairs { false, true } do
        local a, b, _ <close> = net.tcp_pair()
        local select = start(b, "recv", NOWAIT)
        if linger then
          a:setsockopt(Socket.Option.linger(true, 0))
        end
        a:close()
        is_told(select)
        local bytes, err = b:recv(NOWAIT)
        assert.is_nil(bytes)
        assert.equal(linger and "ECONNRESET" or nil, err and err.name)
      end
    end)
  end)

  it("aborts when the socket is closed", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local first = start(b, "recv", NOWAIT)
      local second = start(b, "gets", NOWAIT)
      b:close()
      is_told(first, "abort")
      is_told(second, "abort")
      is_nothing(receive(0))
      is_closed(b:cancel(first))
      is_closed(b:recv(NOWAIT))
    end)
  end)

  it("aborts when the fd is given away", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      local fd <close> = Socket.for_fd(assert(b:detach()))
      is_told(select, "abort")
      assert.is_false(fd:is_closed())
    end)
  end)

  it("aborts instead of a message that was not taken yet", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local c, d, _ <close> = net.tcp_pair()
      local select, other = start(b, "recv", NOWAIT), start(d, "recv", NOWAIT)
      a:send("bytes")
      c:send("bytes")
      assert.is_truthy(Socket.select({ b }, nil, nil, 5))
      assert.is_truthy(Socket.select({ d }, nil, nil, 5))
      local told = assert(receive(5)).socket
      local left = told == b and other or select
      left.socket:close()
      is_told(left, "abort")
      told:close()
      is_nothing(receive(0)) -- its caller had been told
    end)
  end)

  it("forgets a request whose abort is cancelled", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      b:close()
      is_closed(b:cancel(select))
      is_nothing(receive(0))
    end)
  end)

  it("can be cancelled, once", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      assert.is_true(b:cancel(select))
      is_gone(b:cancel(select))
      a:send("bytes")
      assert.is_true(b:wait_readable(5) == b)
      is_nothing(receive(0))
      assert.equal("bytes", b:recv())
    end)
  end)

  it("can be cancelled before and after its message is taken", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      a:send("bytes")
      is_told(select)
      assert.is_true(b:cancel(select))
      assert.equal("bytes", b:recv())
      local first, second = start(b, "recv", NOWAIT), start(b, "recv", NOWAIT)
      a:send("more")
      assert.is_true(b:wait_readable(5) == b)
      assert.is_true(b:cancel(first))
      is_told(second)
      is_gone(b:cancel(first))
    end)
  end)

  it("is gone when the call was made again", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      a:send("bytes")
      is_told(select)
      assert.equal("bytes", b:recv())
      is_gone(b:cancel(select))
    end)
  end)

  it("refuses to cancel what is not the socket's", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      is_gone(a:cancel(select))
      for _, value in ipairs { 1, "text", {}, { ref = 1 }, b } do
        assert.has_error(function() b:cancel(value) end)
      end
      assert.has_error(function() b:cancel() end)
      assert.is_true(b:cancel(select))
    end)
  end)

  it("keeps the order of calls", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local first = start(b, "recv", NOWAIT)
      local second = start(b, "recv", 1, NOWAIT)
      local third = start(b, "recv", 1, NOWAIT)
      a:send("first")
      is_told(first)
      is_nothing(receive(0))
      assert.equal("first", b:recv(NOWAIT))
      is_nothing(receive(0))
      a:send("23")
      is_told(second)
      assert.equal("2", b:recv(1, NOWAIT))
      is_told(third)
      assert.equal("3", b:recv(1, NOWAIT))
      is_nothing(receive(0))
    end)
  end)

  it("is taken over by a call that waits, or finds the socket ready", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      a:send("bytes")
      assert.equal("bytes", b:recv(5))
      is_gone(b:cancel(select))
      select = start(b, "recv", NOWAIT)
      a:send("bytes")
      assert.is_true(b:wait_readable(5) == b)
      assert.equal("bytes", b:recv(5, NOWAIT))
      is_gone(b:cancel(select))
      is_nothing(receive(0))
    end)
  end)

  it("stays where a call that does not wait finds nothing", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      local bytes, err = b:recv_nonblock(5)
      assert.is_nil(bytes)
      assert.equal(Socket.WAIT_READABLE, err)
      assert.is_nil(b:recv(5, { timeout = 0 }))
      a:send("bytes")
      is_told(select)
      assert.equal("bytes", b:recv_nonblock(5))
      is_gone(b:cancel(select))
    end)
  end)

  it("may be started again where the socket is not ready after all", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "gets", NOWAIT)
      local behind = start(b, "gets", NOWAIT)
      a:send("a li")
      is_told(select)
      local again = start(b, "gets", NOWAIT)
      assert.are_not.equal(select.ref, again.ref)
      is_gone(b:cancel(select))
      a:send("ne\nanother\n")
      is_told(again)
      assert.equal("a line\n", b:gets(NOWAIT))
      is_told(behind)
      assert.equal("another\n", b:gets(NOWAIT))
    end)
  end)

  it("tells what had moved, and lets nothing come between", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local text = ("x"):rep(1 << 20)
      local select = start(a, "send", text, 0, nil, NOWAIT)
      assert.equal("send", select.op)
      assert.equal(#text, select.written + #select.rest)
      assert.is_true(select.written > 0)
      local behind = start(a, "write", "end", NOWAIT)
      assert.is_nil(behind.written)
      local got, rest = select.written, select.rest
      assert.equal(got, #b:read(got))
      while rest do
        is_told(select)
        local count, again = a:send(rest, 0, nil, NOWAIT)
        if count then break end
        assert.equal(again.written, #b:read(again.written))
        select, got, rest = again, got + again.written, again.rest
      end
      assert.equal(#text - got, #b:read(#text - got))
      is_told(behind)
      assert.equal(3, a:write("end", NOWAIT))
      assert.equal("end", b:read(3))
    end)
  end)

  it("gives the bytes that a longer receive had taken", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      local exact = { exact = true, timeout = "nowait" }
      a:send("12345")
      assert.is_true(b:wait_readable(5) == b)
      local select = start(b, "recv", 8, 0, exact)
      assert.equal("12345", select.partial)
      local behind = start(b, "recv", NOWAIT)
      a:send("67")
      is_told(select)
      select = start(b, "recv", 3, 0, exact)
      assert.equal("67", select.partial)
      a:send("89")
      is_told(select)
      assert.equal("8", b:recv(1, 0, exact))
      is_told(behind)
      assert.equal("9", b:recv(NOWAIT))
    end)
  end)

  it("tells of several sockets", function()
    run(function()
      local list, selects = {}, {}
      for i = 1, 20 do
        local a, b = net.tcp_pair()
        list[i] = { a = a, b = b }
        selects[start(b, "recv", NOWAIT).ref] = i
      end
      for _, i in ipairs(tasks.shuffled(20)) do
        list[i].a:send("bytes " .. i)
        local message = assert(receive(5))
        assert.equal(i, selects[message.ref])
        assert.equal("bytes " .. i, message.socket:recv(NOWAIT))
      end
      for _, pair in ipairs(list) do
        pair.a:close()
        pair.b:close()
      end
    end)
  end)

  it("is bounded by with_timeout while it is received", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      Socket.with_timeout(0.01, function()
        is_nothing(receive())
        is_nothing(receive(60))
      end)
      assert.is_true(b:cancel(select))
      Socket.with_timeout(0.01, function() is_nothing(receive()) end)
    end)
  end)

  it("is received where Lua cannot yield, and in a generator", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      for _, place in ipairs(no_yield) do
        local select, early = start(b, "recv", NOWAIT), start(b, "recv", NOWAIT)
        a:send("bytes")
        local message, bytes = place.enter(function()
          return receive(5), b:recv(NOWAIT)
        end)
        assert.equal(select.ref, message.ref, place.name)
        assert.equal("bytes", bytes, place.name)
        assert.is_true(b:cancel(early))
      end
    end)
  end)

  it("does not wait for ever for what cannot come", function()
    run(function()
      assert.has_error(receive,
        "deadlock: no call was started that a message could come from")
      local a, b, _ <close> = net.tcp_pair()
      local select = start(b, "recv", NOWAIT)
      a:send("bytes")
      is_told(select)
      assert.has_error(receive)
      is_nothing(receive(0.001))
    end)
  end)

  it("refuses bad arguments", function()
    run(function()
      local a, b, _ <close> = net.tcp_pair()
      for _, value in ipairs { "no wait", "NOWAIT", true, {}, -1 } do
        assert.has_error(function() b:recv { timeout = value } end)
        assert.has_error(function() receive { timeout = value } end)
        assert.has_error(function() receive(value) end)
      end
      for _, call in ipairs {
        function() receive(NOWAIT) end,
        function() receive { tmeout = 1 } end,
        function() b:close(NOWAIT) end,
        function() b:close_write(NOWAIT) end,
        function() b:each_line(NOWAIT) end,
        function() b:each_byte(NOWAIT) end,
        function() b:lines(NOWAIT) end,
        function() b:set_timeout("nowait") end,
      } do
        assert.has_error(call)
      end
      a:close()
    end)
  end)

  it("keeps a socket alive until its message is taken", function()
    run(function()
      local a
      local function begin()
        local b
        a, b = net.tcp_pair()
        start(b, "recv", NOWAIT)
      end
      begin()
      collectgarbage()
      collectgarbage()
      a:send("bytes")
      local message = assert(receive(5))
      assert.equal("bytes", message.socket:recv(NOWAIT))
      message.socket:close()
      a:close()
    end)
  end)

  it("lets a socket go after its message, and leaves no trace", function()
    run(function()
      local a, b = net.tcp_pair()
      local weak = setmetatable({ b }, { __mode = "v" })
      local select = start(b, "recv", NOWAIT)
      start(b, "recv", NOWAIT)
      a:send("bytes")
      is_told(select)
      assert.is_true(b:cancel(select))
      local message = assert(receive(5))
      assert.equal("select", message.type)
      a, b, select, message = a:close(), nil, nil, nil
      collectgarbage()
      collectgarbage()
      assert.is_nil(weak[1], tostring(b or select or message or a))
    end)
  end)

  it("may be of each kind of call", function()
    run(function()
      local function ready_to_read(sock, peer, methods, data)
        for _, method in ipairs(methods) do
          local select = start(sock, method[1], table.unpack(method, 2))
          assert.equal(method[1], select.op)
          peer:write(data)
          is_told(select)
          local results = table.pack(sock[method[1]](sock,
            table.unpack(method, 2)))
          assert.is_truthy(results[1], method[1])
        end
      end
      local a, b, _ <close> = net.tcp_pair()
      ready_to_read(b, a, {
        { "recv", 5, NOWAIT }, { "recvfrom", NOWAIT }, { "recvmsg", NOWAIT },
        { "read", 5, NOWAIT }, { "read", "l", NOWAIT }, { "gets", NOWAIT },
        { "readline", NOWAIT }, { "readpartial", 5, NOWAIT },
        { "sysread", 5, NOWAIT }, { "recvv", { 2, 3 }, NOWAIT },
        { "recvmsg", { msghdr = true, timeout = "nowait" } },
        { "recv", 5, 0, { exact = true, timeout = "nowait" } },
      }, "line\n")
      ready_to_read(b, a, {
        { "getc", NOWAIT }, { "getbyte", NOWAIT }, { "readchar", NOWAIT },
        { "readbyte", NOWAIT },
      }, "x")
      local c, d, _ <close> = net.udp_pair()
      ready_to_read(d, c, { { "recv", NOWAIT }, { "recvfrom", NOWAIT },
        { "recvmsg", NOWAIT } }, "datagram")
      local e, f, _ <close> = net.pair()
      for _, method in ipairs {
        { "send", "bytes", 0, nil, NOWAIT }, { "write", "bytes", NOWAIT },
        { "sendmsg", "bytes", 0, nil, NOWAIT }, { "print", "bytes", NOWAIT },
        { "puts", "bytes", NOWAIT }, { "syswrite", "bytes", NOWAIT },
        { "sendv", { "by", "tes" }, NOWAIT },
        { "sendmsg", { iov = { "by", "tes" } }, NOWAIT },
      } do
        local total = fill(e)
        local select = start(e, table.unpack(method))
        assert.equal(method[1], select.op)
        f:read(total)
        is_told(select)
        local result = assert(e[method[1]](e, table.unpack(method, 2)))
        assert.is_truthy(result)
        f:readpartial(100)
      end
      is_nothing(receive(0))
    end)
  end)

  it("may be an accept", function()
    run(function()
      local server <close>, address = net.listener()
      for _, method in ipairs { "accept", "sysaccept" } do
        local select = start(server, method, NOWAIT)
        assert.equal(method, select.op)
        local client <close> = assert(Socket.new("INET", "STREAM"))
        assert(client:connect(address))
        is_told(select)
        local peer, from = server[method](server, NOWAIT)
        local sock <close> = method == "accept" and peer or Socket.for_fd(peer)
        assert.equal(client:getsockname(), sock:getpeername())
        assert.equal(client:getsockname(), from:to_sockaddr())
      end
      local tcp_server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
      local select = start(tcp_server, "accept", NOWAIT)
      local client <close> = assert(Socket.new("INET", "STREAM"))
      assert(client:connect(tcp_server:getsockname()))
      is_told(select)
      local sock <close> = assert(tcp_server:accept(NOWAIT))
      assert.equal(client:getsockname(), sock:getpeername())
    end)
  end)

  it("may be a connect, which is finished without an address", function()
    run(function()
      local server <close>, address = net.listener()
      for _, again in ipairs { false, true } do
        local sock <close> = assert(Socket.new("INET", "STREAM"))
        local select = start(sock, "connect", address, NOWAIT)
        assert.equal("connect", select.op)
        is_told(select)
        assert.equal(0, sock:connect(again and address or nil, NOWAIT))
        is_gone(sock:cancel(select))
        assert(server:accept()):close()
      end
      local port, holder = net.closed_port()
      local sock <close> = assert(Socket.new("INET", "STREAM"))
      local ok, err = sock:connect({ family = "inet", addr = "127.0.0.1",
        port = port }, NOWAIT)
      if SelectInfo.is(err) then
        is_told(err)
        ok, err = sock:connect()
      end
      assert.is_nil(ok)
      assert.equal("ECONNREFUSED", err.name)
      holder:close()
    end)
  end)

  it("tells the method's name however it is called", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local _, select = select(2, pcall(b.readline, b, NOWAIT))
      assert.equal("readline", select.op)
      local fn = b.readpartial
      _, select = fn(b, 5, NOWAIT)
      assert.equal("readpartial", select.op)
      assert.equal("socket.SelectInfo: readpartial", tostring(select))
    end)
  end)
end

describe("nowait outside tasks", function()
  -- Code outside tasks has one mailbox for all examples.
  after_each(function()
    while receive(0) do end
  end)

  examples(function(fn) fn() end)
end)

describe("nowait in a task", function()
  examples(tasks.run)
end)

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
