-- Server loops that handle several connections at a time.

local Socket = require "socket"
local guard = require "socket.guard"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local connect_to, clients_of = net.connect_to, net.clients_of
local schedule, sleep = Socket.schedule, Socket.sleep

-- Runs the function with errors of tasks noted -> them, then its results.
local function noting_errors(fn)
  local errors = {}
  Socket.set_on_error(function(err) errors[#errors + 1] = err end)
  local results = table.pack(pcall(fn))
  Socket.set_on_error(nil)
  if not results[1] then error(results[2], 0) end
  return errors, table.unpack(results, 2, results.n)
end

describe("accept_loop with concurrency", function()
  it("handles at most that many at a time, and all in the end", function()
    local server <close> = net.listener()
    local _ <close> = clients_of(server, 12)
    local now, most, handled = 0, 0, 0
    tasks.run(function()
      assert.is_true(Socket.accept_loop(server, { concurrency = 3 },
        function(sock)
          local _ <close> = sock
          now = now + 1
          most = math.max(most, now)
          tasks.pause(5)
          now = now - 1
          handled = handled + 1
          if handled == 10 then return Socket.BREAK end
        end))
    end)
    assert.equal(3, most)
    assert.equal(0, now)
    assert.is_true(handled >= 10 and handled <= 12)
  end)

  it("accepts no more until one ends", function()
    tasks.run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 3)
      local taken = 0
      local loop = schedule(Socket.accept_loop, server, { concurrency = 2 },
        function(sock)
          local _ <close> = sock
          taken = taken + 1
          sock:gets()
          if taken == 3 then return Socket.BREAK end
        end)
      tasks.pause(20)
      assert.equal(2, taken)
      assert.equal(server, server:wait_readable(0)) -- the third is queued
      clients[1]:puts("go")
      tasks.wait_until(function() return taken == 3 end)
      clients[2]:puts("go")
      clients[3]:puts("go")
      assert.is_true(tasks.result(loop))
    end)
  end)

  it("passes the peer, too", function()
    local server <close> = net.listener()
    local client <close> = connect_to(server)
    tasks.run(function()
      Socket.accept_loop(server, { concurrency = 2 }, function(sock, peer)
        local _ <close> = sock
        assert.equal(client:local_address(), peer)
        return Socket.BREAK
      end)
    end)
  end)

  it("starts a scheduler if none runs", function()
    local server <close> = net.listener()
    local clients <close> = clients_of(server, 2)
    local first_waits
    assert.is_true(Socket.accept_loop(server, { concurrency = 2 },
      function(sock)
        local _ <close> = sock
        if not first_waits then
          first_waits = true
          assert.equal("x\n", sock:gets()) -- the second makes it come
          return Socket.BREAK
        end
        clients[1]:puts("x")
      end))
    assert.has_error(function() schedule(print) end)
  end)

  it("stops accepting at BREAK, and waits for the handlers", function()
    tasks.run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 2)
      local ended = 0
      local loop = tasks.waiting(Socket.accept_loop, server,
        { concurrency = 5 }, function(sock)
          local _ <close> = sock
          local line = sock:gets()
          ended = ended + 1
          if line == "break\n" then return Socket.BREAK end
        end)
      clients[2]:puts("break")
      tasks.wait_until(function() return ended == 1 end)
      tasks.pause(5)
      assert.equal("waiting", loop:status())
      local late <close> = connect_to(server)
      tasks.pause(10)
      assert.equal(server, server:wait_readable(5))
      clients[1]:puts("end")
      assert.is_true(tasks.result(loop))
      assert.equal(2, ended)
      assert.is_false(server:is_closed())
      assert.is_truthy(late)
    end)
  end)

  it("goes on after a handler's error, which on_error is told", function()
    local server <close> = net.listener()
    local _ <close> = clients_of(server, 3)
    local value, count, failed = {}, 0, nil
    local errors, result = noting_errors(function()
      return Socket.accept_loop(server, { concurrency = 2 }, function(sock)
        count = count + 1
        if count == 1 then
          failed = sock
          sleep(0)
          error(value)
        end
        sock:close()
        if count == 3 then return Socket.BREAK end
      end)
    end)
    assert.is_true(result)
    assert.same({ value }, errors)
    assert.equal(3, count)
    assert.is_true(failed:is_closed())
  end)

  it("goes on when all its places had errors", function()
    local server <close> = net.listener()
    local _ <close> = clients_of(server, 9)
    local count = 0
    local errors = noting_errors(function()
      Socket.accept_loop(server, { concurrency = 2 }, function(sock)
        count = count + 1
        if count < 9 then error("oh", 0) end
        sock:close()
        return Socket.BREAK
      end)
    end)
    assert.equal(8, #errors)
  end)

  it("leaves the connection open when the handler returns", function()
    local server <close> = net.listener()
    local client <close> = connect_to(server)
    local kept
    tasks.run(function()
      Socket.accept_loop(server, { concurrency = 2 }, function(sock)
        kept = sock
        return Socket.BREAK
      end)
    end)
    assert.is_false(kept:is_closed())
    kept:puts("still there")
    kept:close()
    assert.equal("still there\n", client:gets())
  end)

  it("closes the connections of handlers that are cancelled", function()
    local server <close> = net.listener()
    local _ <close> = clients_of(server, 2)
    local socks = {}
    tasks.run(function()
      local loop = tasks.waiting(Socket.accept_loop, server,
        { concurrency = 2 }, function(sock)
          socks[#socks + 1] = sock
          sock:gets()
        end)
      tasks.wait_until(function() return #socks == 2 end)
      tasks.pause()
      loop:cancel()
      assert.same({ false, Socket.CANCELED }, { loop:join() })
    end)
    assert.is_true(socks[1]:is_closed())
    assert.is_true(socks[2]:is_closed())
    assert.is_false(server:is_closed())
  end)

  it("ends when the listening socket is closed, with its handlers", function()
    tasks.run(function()
      local server <close> = net.listener()
      local client <close> = connect_to(server)
      local ended = false
      local loop = tasks.waiting(Socket.accept_loop, server,
        { concurrency = 2 }, function(sock)
          local _ <close> = sock
          sock:gets()
          ended = true
        end)
      tasks.pause(5)
      server:close()
      tasks.pause(5)
      assert.is_false(ended)
      assert.equal("waiting", loop:status())
      client:puts("x")
      assert.is_true(tasks.result(loop))
      assert.is_true(ended)
    end)
  end)

  it("ends when a listening socket is closed while it is full", function()
    tasks.run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 2)
      local count = 0
      local loop = tasks.waiting(Socket.accept_loop, server,
        { concurrency = 1 }, function(sock)
          local _ <close> = sock
          count = count + 1
          sock:gets()
        end)
      tasks.pause(5)
      server:close()
      clients[1]:puts("x")
      assert.same({ true, n = 1 }, table.pack(tasks.result(loop)))
      assert.equal(1, count)
    end)
  end)

  it("serves several listening sockets within one bound", function()
    tasks.run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local _ <close> = clients_of(one, 5)
      local _ <close> = clients_of(two, 5)
      local now, most, handled = 0, 0, 0
      assert.is_true(Socket.accept_loop({ one, two }, { concurrency = 3 },
        function(sock)
          local _ <close> = sock
          now = now + 1
          most = math.max(most, now)
          tasks.pause(5)
          now = now - 1
          handled = handled + 1
          if handled == 10 then return Socket.BREAK end
        end))
      assert.equal(10, handled)
      assert.equal(3, most)
    end)
  end)

  it("handles one at a time with 1", function()
    local server <close> = net.listener()
    local _ <close> = clients_of(server, 4)
    local now, order = 0, {}
    tasks.run(function()
      Socket.accept_loop(server, { concurrency = 1 }, function(sock)
        local _ <close> = sock
        assert.equal(0, now)
        now = 1
        tasks.pause()
        now = 0
        order[#order + 1] = #order + 1
        if #order == 4 then return Socket.BREAK end
      end)
    end)
    assert.same({ 1, 2, 3, 4 }, order)
  end)

  it("refuses what is no count", function()
    local server <close> = net.listener()
    for _, wrong in ipairs { 0, -1, 1.5, "x", {} } do
      local ok, message = pcall(Socket.accept_loop, server,
        { concurrency = wrong }, print)
      assert.is_false(ok)
      assert.matches("bad argument #2 to '[%w.]*accept_loop'", message)
    end
  end)
end)

describe("tcp_server_loop with concurrency", function()
  it("serves clients that talk at the same time", function()
    tasks.run(function()
      local opened
      local loop = schedule(Socket.tcp_server_loop, "127.0.0.1", 0, {
        concurrency = 10,
        listening = function(list) opened = list end,
      }, function(sock)
        local _ <close> = sock
        for line in sock:lines() do
          sock:puts(line:upper())
          if line == "break" then return Socket.BREAK end
        end
      end)
      tasks.wait_until(function() return opened end)
      local clients <close> = clients_of(opened[1], 8)
      for round = 1, 3 do
        for i, client in ipairs(clients) do
          client:puts(("line %d of %d"):format(round, i))
        end
      end
      for i, client in ipairs(clients) do
        for round = 1, 3 do
          assert.equal(("LINE %d OF %d\n"):format(round, i), client:gets())
        end
      end
      clients:close()
      local last <close> = connect_to(opened[1])
      last:puts("break")
      assert.equal("BREAK\n", last:gets())
      assert.is_true(tasks.result(loop))
      assert.is_true(opened[1]:is_closed())
    end)
  end)

  it("echoes to each client what it sent", function()
    tasks.run(function()
      local opened
      local loop = schedule(Socket.tcp_server_loop, "127.0.0.1", 0, {
        concurrency = 5,
        listening = function(list) opened = list end,
      }, function(sock)
        local _ <close> = sock
        Socket.copy_stream(sock, sock)
      end)
      tasks.wait_until(function() return opened end)
      local list = {}
      for i = 1, 20 do
        list[i] = schedule(function()
          local sock <close> = connect_to(opened[1])
          local text = ("client %d "):format(i):rep(1000)
          sock:write(text)
          sock:close_write()
          return sock:read() == text
        end)
      end
      for i = 1, 20 do
        assert.is_true(tasks.result(list[i]))
      end
      loop:cancel()
      assert.same({ false, Socket.CANCELED }, { loop:join() })
      assert.is_true(opened[1]:is_closed())
    end)
  end)
end)

describe("unix_server_loop with concurrency", function()
  it("serves clients that wait for each other, and removes its path", function()
    local path = net.path()
    local waiting
    local clients <close> = guard.owned()
    local result = Socket.unix_server_loop(path, {
      concurrency = 2,
      listening = function()
        for i = 1, 2 do
          clients:add(assert(Socket.unix(path))):puts(i)
        end
      end,
    }, function(sock)
      local _ <close> = sock
      sock:gets()
      if not waiting then
        waiting = sock
        assert.equal("from the other\n", sock:gets())
        return Socket.BREAK
      end
      clients[1]:puts("from the other")
    end)
    assert.is_true(result)
    assert.is_nil(io.open(path))
    assert.is_nil(Socket.unix(path))
  end)
end)

describe("a server loop without concurrency", function()
  it("handles one after the other in a task, too", function()
    tasks.run(function()
      local server <close> = net.listener()
      local _ <close> = clients_of(server, 3)
      local ticker <close> = tasks.ticker()
      local now, count = 0, 0
      Socket.accept_loop(server, function(sock)
        local _ <close> = sock
        assert.equal(0, now)
        now = 1
        tasks.pause()
        now = 0
        count = count + 1
        if count == 3 then return Socket.BREAK end
      end)
      assert.is_true(ticker.count > 3)
    end)
  end)

  it("closes the connection of a handler that is cancelled", function()
    tasks.run(function()
      local server <close> = net.listener()
      local _ <close> = clients_of(server, 1)
      local seen
      local loop = schedule(Socket.accept_loop, server, function(sock)
        seen = sock
        sock:gets()
      end)
      tasks.wait_until(function() return seen end)
      loop:cancel()
      assert.same({ false, Socket.CANCELED }, { loop:join() })
      assert.is_true(seen:is_closed())
      assert.is_false(server:is_closed())
    end)
  end)

  it("of datagrams lets other tasks go on", function()
    tasks.run(function()
      local opened
      local loop = schedule(Socket.udp_server_loop, "127.0.0.1", 0, {
        listening = function(list) opened = list end,
      }, function(message, source)
        if message == "break" then return Socket.BREAK end
        source:reply(message:upper())
      end)
      tasks.wait_until(function() return opened end)
      local sock <close> = assert(Socket.new("INET", "DGRAM"))
      assert(sock:connect(opened[1]:local_address()))
      for i = 1, 5 do
        sock:send("message " .. i, 0)
        assert.equal("MESSAGE " .. i, sock:recv(100))
      end
      sock:send("break", 0)
      assert.is_true(tasks.result(loop))
    end)
  end)
end)
