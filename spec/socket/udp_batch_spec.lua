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
