-- Describes server loops with `concurrency` under another event loop. `run(fn)`
-- is that of foreign_calls.lua; `run_noting(fn)` goes on after errors that end
-- coroutines: a list of them, then what the function returned.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"
local failures = require "spec.support.failures"
local fibers = require "spec.support.fibers"
local guard = require "socket.guard"
local net = require "spec.support.net"

local is_timeout = failures.is_timeout
local describe, it = busted.describe, busted.it
local accept_loop = Socket.accept_loop
local connect_to, clients_of = net.connect_to, net.clients_of

-- A coroutine of which nobody says that it is to end does, too.
local MOST_TURNS = 5000

local Ticker = {}

function Ticker:__close()
  self.is_over = true
end

-- Counts the turns of a coroutine: `count`.
local function start_ticker()
  local ticker = setmetatable({ count = 0, is_over = false }, Ticker)
  Socket.schedule(function()
    for i = 1, MOST_TURNS do
      if ticker.is_over then return end
      ticker.count = i
      Socket.sleep(0.001)
    end
  end)
  return ticker
end

-- Counts handlers, and lets each wait for a line: "break" ends the loop.
local function new_counting()
  local counting = { now = 0, most = 0, begun = 0, ended = 0 }
  function counting.handle(sock)
    local _ <close> = sock
    counting.now = counting.now + 1
    counting.most = math.max(counting.most, counting.now)
    counting.begun = counting.begun + 1
    local line = sock:gets()
    counting.now = counting.now - 1
    counting.ended = counting.ended + 1
    if line == "break\n" then return Socket.BREAK end
  end
  return counting
end

local function await(counting, name, count)
  fibers.wait_until(function() return counting[name] == count end)
end

-- A client's line, and the same from the server in capitals.
local function talk(client, text)
  client:puts(text)
  assert.equal(text:upper() .. "\n", client:gets())
end

local function answer(sock)
  local _ <close> = sock
  for line in sock:lines() do
    sock:puts(line:upper())
    if line == "break" then return Socket.BREAK end
  end
end

local function describe_bound(run)
  it("serves several clients at a time, while others go on", function()
    run(function()
      local opened
      local loop = fibers.start(Socket.tcp_server_loop, "127.0.0.1", 0, {
        concurrency = 10,
        listening = function(list) opened = list end,
      }, answer)
      local ticker <close> = start_ticker()
      local clients <close> = clients_of(opened[1], 8)
      for round = 1, 3 do
        local before = ticker.count
        for i, client in ipairs(clients) do
          talk(client, ("line %d of %d"):format(round, i))
        end
        fibers.wait_until(function() return ticker.count > before end)
      end
      clients:close()
      local last <close> = connect_to(opened[1])
      talk(last, "break")
      assert.is_true(fibers.join(loop))
      assert.is_true(opened[1]:is_closed())
    end)
  end)

  it("accepts no more than the limit until one ends", function()
    run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 3)
      local counting = new_counting()
      local loop = fibers.start(accept_loop, server, { concurrency = 2 },
        counting.handle)
      await(counting, "begun", 2)
      fibers.pause(10)
      assert.equal(2, counting.begun)
      assert.equal(server, server:wait_readable(5)) -- the third is queued
      clients[1]:puts("go")
      await(counting, "begun", 3)
      clients[2]:puts("go")
      clients[3]:puts("break")
      assert.is_true(fibers.join(loop))
      assert.equal(2, counting.most)
    end)
  end)

  it("handles many, and all in the end", function()
    run(function()
      local server <close> = net.listener("127.0.0.1", 50)
      local clients <close> = clients_of(server, 30)
      local counting = new_counting()
      local loop = fibers.start(accept_loop, server, { concurrency = 3 },
        counting.handle)
      for i, client in ipairs(clients) do
        client:puts(i < #clients and "go" or "break")
      end
      assert.is_true(fibers.join(loop))
      assert.equal(30, counting.ended)
      assert.equal(0, counting.now)
    end)
  end)

  it("passes the peer, and leaves the connection open", function()
    run(function()
      local server <close> = net.listener()
      local client <close> = connect_to(server)
      local kept
      assert.is_true(accept_loop(server, { concurrency = 2 },
        function(sock, peer)
          kept = sock
          assert.equal(client:local_address(), peer)
          return Socket.BREAK
        end))
      kept:puts("still there")
      kept:close()
      assert.equal("still there\n", client:gets())
    end)
  end)
end

local function describe_end(run)
  it("stops accepting at BREAK, and waits for the handlers", function()
    run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 2)
      local counting = new_counting()
      local loop = fibers.start(accept_loop, server, { concurrency = 5 },
        counting.handle)
      await(counting, "begun", 2)
      clients[2]:puts("break")
      await(counting, "ended", 1)
      local _ <close> = connect_to(server)
      fibers.pause(10)
      assert.is_nil(loop.results)
      assert.equal(server, server:wait_readable(5))
      clients[1]:puts("end")
      assert.is_true(fibers.join(loop))
      assert.equal(2, counting.ended)
      assert.is_false(server:is_closed())
    end)
  end)

  it("ends when its socket is closed, with its handlers", function()
    run(function()
      local server <close> = net.listener()
      local client <close> = connect_to(server)
      local counting = new_counting()
      local loop = fibers.start(accept_loop, server, { concurrency = 2 },
        counting.handle)
      await(counting, "begun", 1)
      server:close()
      fibers.pause(10)
      assert.is_nil(loop.results)
      client:puts("x")
      assert.is_true(fibers.join(loop))
      assert.equal(1, counting.ended)
    end)
  end)

  it("ends when its socket is closed while it is full", function()
    run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 2)
      local counting = new_counting()
      local loop = fibers.start(accept_loop, server, { concurrency = 1 },
        counting.handle)
      await(counting, "begun", 1)
      server:close()
      clients[1]:puts("x")
      assert.same({ true, n = 1 }, table.pack(fibers.join(loop)))
      assert.equal(1, counting.begun)
    end)
  end)

  it("removes the path of a unix socket", function()
    run(function()
      local path = net.path()
      local loop = fibers.start(Socket.unix_server_loop, path,
        { concurrency = 2 }, answer)
      local one <close> = assert(Socket.unix(path))
      local two <close> = assert(Socket.unix(path))
      talk(one, "x")
      talk(two, "break")
      one:close()
      assert.is_true(fibers.join(loop))
      assert.is_nil(io.open(path))
    end)
  end)

  it("is bounded by with_timeout", function()
    run(function()
      local server <close> = net.listener()
      local counting = new_counting()
      is_timeout(Socket.with_timeout(0.005, accept_loop, server,
        { concurrency = 2 }, counting.handle))
      local _ <close> = connect_to(server)
      fibers.pause(10)
      assert.equal(0, counting.begun)
      assert.equal(server, server:wait_readable(5))
    end)
  end)
end

local function describe_several(run)
  it("serves several listening sockets within one bound", function()
    run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local clients <close> = guard.owned()
      for _ = 1, 3 do
        clients:add(connect_to(one))
        clients:add(connect_to(two))
      end
      local counting = new_counting()
      local loop = fibers.start(accept_loop, { one, two }, { concurrency = 2 },
        counting.handle)
      await(counting, "begun", 2)
      for i, client in ipairs(clients) do
        client:puts(i < 6 and "go" or "break")
      end
      assert.is_true(fibers.join(loop))
      assert.equal(2, counting.most)
    end)
  end)

  it("accepts from each of them after it was full", function()
    run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local loop = fibers.start(accept_loop, { one, two }, { concurrency = 1 },
        answer)
      for _, server in ipairs { one, two, two, one, one, two } do
        local client <close> = connect_to(server)
        talk(client, "x")
      end
      local client <close> = connect_to(one)
      talk(client, "break")
      assert.is_true(fibers.join(loop))
    end)
  end)

  it("ends the accepting of all at BREAK", function()
    run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local counting = new_counting()
      local loop = fibers.start(accept_loop, { one, two }, { concurrency = 1 },
        counting.handle)
      local first <close> = connect_to(one)
      local second <close> = connect_to(two)
      await(counting, "begun", 1)
      first:puts("break")
      second:puts("break")
      assert.is_true(fibers.join(loop))
      one:close()
      two:close()
      fibers.pause()
      assert.equal(1, counting.begun)
    end)
  end)

  it("leaves others that wait for its sockets alone", function()
    run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local acceptor = fibers.start(two.accept, two)
      local loop = fibers.start(accept_loop, { one, two }, { concurrency = 1 },
        answer)
      local client <close> = connect_to(one)
      talk(client, "break")
      assert.is_true(fibers.join(loop))
      assert.is_nil(acceptor.results)
      local _ <close> = connect_to(two)
      local sock <close> = fibers.join(acceptor)
      assert.is_truthy(sock)
      loop = fibers.start(accept_loop, { one, two }, { concurrency = 1 },
        answer)
      local last <close> = connect_to(two)
      talk(last, "break")
      assert.is_true(fibers.join(loop))
    end)
  end)

  it("ends the accepting of all when one fails", function()
    run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      two:set_timeout(0.005)
      local counting = new_counting()
      is_timeout(accept_loop({ one, two }, { concurrency = 2 },
        counting.handle))
      local _ <close> = connect_to(one)
      fibers.pause(10)
      assert.equal(0, counting.begun)
    end)
  end)
end

local function describe_errors(run_noting)
  it("goes on after errors of handlers, whose sockets it closes", function()
    local value, socks = {}, {}
    local errors = run_noting(function()
      local server <close> = net.listener("127.0.0.1", 10)
      local _ <close> = clients_of(server, 9)
      assert.is_true(accept_loop(server, { concurrency = 2 }, function(sock)
        socks[#socks + 1] = sock
        local number = #socks
        if number % 2 == 0 then fibers.pause() end
        if number < 9 then error(value) end
        sock:close()
        return Socket.BREAK
      end))
    end)
    assert.equal(9, #socks)
    assert.equal(8, #errors)
    for i = 1, 8 do
      assert.equal(value, errors[i])
      assert.is_true(socks[i]:is_closed())
    end
  end)
end

local function describe_elsewhere(run)
  it("has tasks inside Socket.run", function()
    run(function()
      local server <close> = net.listener()
      local client <close> = connect_to(server)
      local ticker <close> = start_ticker()
      fibers.pause()
      local before, kind = ticker.count, nil
      assert.is_true(Socket.run(accept_loop, server, { concurrency = 2 },
        function(sock)
          local _ <close> = sock
          kind = Socket.schedule(client.puts, client, "x")
          assert.equal("x\n", sock:gets())
          return Socket.BREAK
        end))
      assert.is_true(kind:join())
      assert.equal(before, ticker.count)
    end)
  end)

  it("has tasks where Lua cannot yield", function()
    run(function()
      local server <close> = net.listener()
      local clients <close> = clients_of(server, 2)
      local ticker <close> = start_ticker()
      fibers.pause()
      local before, waits, result = ticker.count, false, nil
      table.sort({ 2, 1 }, function()
        if result then return false end
        result = accept_loop(server, { concurrency = 2 }, function(sock)
          local _ <close> = sock
          if waits then return clients[1]:puts("x") and nil end
          waits = true
          assert.equal("x\n", sock:gets())
          return Socket.BREAK
        end)
        return false
      end)
      assert.is_true(result)
      assert.equal(before, ticker.count)
    end)
  end)
end

return function(run, run_noting)
  describe("a server loop with concurrency", function()
    describe_bound(run)
    describe_end(run)
    describe_several(run)
    describe_errors(run_noting)
    describe_elsewhere(run)
  end)
end
