-- Calls that are started with timeout = "nowait", their messages, and cancel.

local Socket = require "socket"
local net = require "spec.support.net"
local no_yield = require "spec.support.no_yield"
local nowait = require "spec.support.nowait"
local tasks = require "spec.support.tasks"

local receive = Socket.receive
local NOWAIT = nowait.NOWAIT
local start = nowait.start
local is_nothing = nowait.is_nothing
local is_told = nowait.is_told
local is_gone = nowait.is_gone
local is_closed = nowait.is_closed

nowait.describe("a call that is started", function(run)
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
end)
