-- A server loop takes the datagrams that are there with one system call, and
-- sends their answers with another. None of that shows, but in speed.

local Socket = require "socket"
local net = require "spec.support.net"

local function client_of(host, port)
  local sock = assert(Socket.new(host:find(":", 1, true) and "INET6" or "INET",
    "DGRAM"))
  assert(sock:connect(Socket.pack_sockaddr_in(port, host)))
  return sock
end

-- Serves what `ask` has sent, until the handler says that it is over.
local function serve(host, ask, handler)
  local asked
  assert(Socket.udp_server_loop(host, 0, {
    listening = function(list)
      asked = ask(list[1]:local_address():ip_port())
    end,
  }, handler))
  return asked
end

-- Sends the words to the server -> the client
local function asking(host, words)
  return function(port)
    local client = client_of(host, port)
    for _, word in ipairs(words) do assert(client:send(word)) end
    return client
  end
end

local function words(count)
  local list = {}
  for i = 1, count do list[i] = "word " .. i end
  return list
end

-- A handler that answers, and ends the loop with the last of so many.
local function answering(count, answer)
  local seen = 0
  return function(message, source)
    seen = seen + 1
    answer(message, source, seen)
    if seen == count then return Socket.BREAK end
  end
end

local function answers(client, count)
  local list = {}
  for i = 1, count do list[i] = assert(client:recv(nil, { timeout = 5 })) end
  return list
end

describe("udp_server_loop", function()
  net.each_family(function(host, name)
    it("answers many datagrams at once in order over " .. name, function()
      local list = words(100)
      local client <close> = serve(host, asking(host, list),
        answering(#list, function(message, source)
          assert.equal(#message, source:reply(message))
        end))
      assert.same(list, answers(client, #list))
    end)
  end)

  it("sends several answers to one, long ones, and none", function()
    local long = ("x"):rep(5000)
    local client <close> = serve("127.0.0.1", asking("127.0.0.1", words(8)),
      answering(8, function(_, source, i)
        if i == 2 then
          assert.equal(1, source:reply("a"))
          assert.equal(#long, source:reply(long))
          assert.equal(0, source:reply(""))
        elseif i > 6 then
          source:reply(tostring(i))
        end
      end))
    local got = answers(client, 5)
    table.sort(got)
    assert.same({ "", "7", "8", "a", long }, got)
  end)

  it("answers through a source that is kept", function()
    local kept = {}
    local client <close> = serve("127.0.0.1", asking("127.0.0.1", words(40)),
      answering(40, function(_, source, i)
        kept[i] = source
        if i == 40 then
          for _, earlier in ipairs(kept) do
            assert.equal(4, earlier:reply("late"))
          end
        end
      end))
    for _, answer in ipairs(answers(client, 40)) do
      assert.equal("late", answer)
    end
  end)

  it("does not keep an answer waiting for a slow handler", function()
    local first
    local client <close> = serve("127.0.0.1", asking("127.0.0.1", words(3)),
      answering(3, function(_, source, i)
        source:reply(tostring(i))
        if i < 3 then Socket.sleep(0.005) end
        first = first or i == 2 and source
      end))
    assert.same({ "1", "2", "3" }, answers(client, 3))
    assert.is_not_nil(first)
  end)

  for name, around in pairs {
    ["a handler"] = function(fn) return fn() end,
    ["a task's handler"] = Socket.run,
    ["a generator in a handler"] = function(fn)
      return Socket.run(coroutine.wrap(fn))
    end,
  } do
    it("does not keep an answer while " .. name .. " waits", function()
      around(function()
        local first, got
        serve("127.0.0.1", function(port)
          first = asking("127.0.0.1", words(3))(port)
          return first
        end, answering(3, function(_, source, i)
          assert(source:reply(tostring(i)))
          if i < 3 then return end
          got = answers(first, 3)
          assert(source:reply("more"))
        end))
        local _ <close> = first
        assert.same({ "1", "2", "3" }, got)
        assert.same({ "more" }, answers(first, 1))
      end)
    end)
  end

  it("sends answers that another task gives meanwhile", function()
    local got = {}
    Socket.run(function()
      local client
      serve("127.0.0.1", function(port)
        client = asking("127.0.0.1", words(2))(port)
      end, answering(2, function(_, source, i)
        Socket.schedule(function() assert(source:reply(tostring(i))) end)
        if i == 2 then got = answers(client, 2) end
      end))
      local _ <close> = client
    end)
    assert.same({ "1", "2" }, got)
  end)

  -- Neighbours of one length may leave in one piece: none may show.
  net.each_family(function(host, name)
    it("sends answers of any lengths to several over " .. name, function()
      local lengths = { 5, 5, 5, 2, 2, 0, 0, 7, 1200, 1200, 1, 1201, 1201, 3 }
      local clients, expected = {}, { {}, {} }
      assert(Socket.udp_server_loop(host, 0, {
        listening = function(list)
          local port = list[1]:local_address():ip_port()
          for i = 1, 2 do clients[i] = client_of(host, port) end
          for i = 1, 2 * #lengths do
            assert(clients[i % 5 // 3 + 1]:send(tostring(i)))
          end
        end,
      }, answering(2 * #lengths, function(message, source, i)
        local answer = message:rep(1300):sub(1, lengths[(i - 1) % #lengths + 1])
        assert.equal(#answer, source:reply(answer))
        table.insert(expected[i % 5 // 3 + 1], answer)
      end)))
      for i, client in ipairs(clients) do
        local _ <close> = client
        assert.same(expected[i], answers(client, #expected[i]))
        assert.is_nil((client:recv_nonblock()))
      end
    end)
  end)

  it("answers with the strings of an array", function()
    local client <close> = serve("127.0.0.1", asking("127.0.0.1", words(3)),
      answering(3, function(_, source, i)
        assert.equal(3, source:reply { "a", { "b", i } })
      end))
    assert.same({ "ab1", "ab2", "ab3" }, answers(client, 3))
  end)

  it("tells the ends of a datagram when all else is gone", function()
    local kept
    local client <close> = serve("127.0.0.1", asking("127.0.0.1", words(2)),
      answering(2, function(_, source) kept = source end))
    collectgarbage()
    assert.equal(client:local_address(), kept:remote_address())
    local address, err = kept:local_address()
    assert.is_nil(address)
    assert.equal("IOError", err.name)
    assert.matches(" to closed>$", kept:inspect())
  end)

  it("tells of answers that come too late", function()
    local kept
    local _ <close> = serve("127.0.0.1", asking("127.0.0.1", words(2)),
      answering(2, function(_, source) kept = source end))
    local size, err = kept:reply("late")
    assert.is_nil(size)
    assert.equal("IOError", err.name)
  end)

  it("tells that answers are refused, but for the first ones", function()
    local client, refused
    assert(Socket.udp_server_loop("127.0.0.1", 0, {
      listening = function(list)
        client = asking("127.0.0.1", words(2))(
          list[1]:local_address():ip_port())
        list[1]:shutdown("WR") -- Linux says that it is not connected; it works
      end,
    }, function(_, source)
      local size, err = source:reply("answer")
      if not size then
        refused = err
        return Socket.BREAK
      end
      client:send("again")
      client:send("and again")
    end))
    local _ <close> = client
    assert.equal("EPIPE", refused.name)
  end)

  it("sends what was answered before a handler raises", function()
    local client
    local ok, err = pcall(Socket.udp_server_loop, "127.0.0.1", 0, {
      listening = function(list)
        client = asking("127.0.0.1", words(3))(
          list[1]:local_address():ip_port())
      end,
    }, answering(3, function(_, source, i)
      source:reply(tostring(i))
      if i == 2 then error("enough", 0) end
    end))
    local _ <close> = client
    assert.is_false(ok)
    assert.equal("enough", err)
    assert.same({ "1", "2" }, answers(client, 2))
  end)

  it("tells the ends of each datagram", function()
    local texts = {}
    local port
    local client <close> = serve("127.0.0.1", function(server_port)
      port = server_port
      return asking("127.0.0.1", words(2))(server_port)
    end, answering(2, function(_, source, i)
      texts[i] = { source:remote_address():inspect(),
        source:local_address():inspect() }
    end))
    for i = 1, 2 do
      assert.same({ "#<Addrinfo: 127.0.0.1:"
        .. client:local_address():ip_port() .. " UDP>",
        "#<Addrinfo: 127.0.0.1:" .. port .. " UDP>" }, texts[i])
    end
  end)
end)

describe("udp_server_loop_on", function()
  it("serves several sockets in tasks at a time", function()
    local got = {}
    Socket.run(function()
      for i = 1, 5 do
        local list = assert(Socket.udp_server_sockets("127.0.0.1", 0))
        local port = list[1]:local_address():ip_port()
        Socket.schedule(function()
          local _ <close> = list[1]
          local seen = 0
          assert(Socket.udp_server_loop_on(list, function(message, source)
            seen = seen + 1
            assert(source:reply(i .. message))
            return seen == 20 and Socket.BREAK
          end))
        end)
        Socket.schedule(function()
          local client <close> = client_of("127.0.0.1", port)
          local list_of = {}
          for j = 1, 20 do
            assert(client:send(tostring(j)))
            list_of[j] = answers(client, 1)[1]
          end
          got[i] = table.concat(list_of, " ")
        end)
      end
    end)
    for i = 1, 5 do
      local expected = {}
      for j = 1, 20 do expected[j] = i .. tostring(j) end
      assert.equal(table.concat(expected, " "), got[i])
    end
  end)
end)

describe("a reply from a socket on all addresses", function()
  it("leaves from the address that was asked over IPv6", function()
    if not net.has_ipv6() then return pending("no IPv6 here") end
    local list = assert(Socket.udp_server_sockets("::", 0))
    local server <close> = list[1]
    assert.equal(1, #list)
    local port = server:local_address():ip_port()
    local client <close> = client_of("::1", port)
    client:send("ask")
    assert(Socket.udp_server_loop_on(list, function(message, source)
      assert.equal("[::1]:" .. port, source:local_address()
        :inspect_sockaddr())
      assert.equal(3, source:reply(message))
      return Socket.BREAK
    end))
    assert.equal("ask", client:recv(nil, { timeout = 5 }))
  end)

  it("leaves from the address that was asked over IPv4", function()
    local server <close> = assert(Socket.new("INET", "DGRAM"))
    assert(server:setsockopt("IP", "PKTINFO", true))
    assert(server:bind(Socket.pack_sockaddr_in(0, "0.0.0.0")))
    local port = server:local_address():ip_port()
    local client <close> = client_of("127.0.0.2", port)
    client:send("ask")
    local source
    assert(Socket.udp_server_loop_on({ server }, function(_, asked_by)
      source = asked_by
      return Socket.BREAK
    end))
    assert.equal("127.0.0.2:" .. port,
      source:local_address():inspect_sockaddr())
    assert.equal(6, source:reply("answer"))
    assert.equal("answer", client:recv(nil, { timeout = 5 }))
  end)
end)
