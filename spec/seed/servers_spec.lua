-- The convenience clients and servers, as the documentation shows them.

local Socket = require "socket"
local child = require "spec.support.child"
local lfs = require "lfs"
local net = require "spec.support.net"

-- A port that nobody uses for the moment.
local function free_port()
  local port, holder = net.closed_port()
  holder:close()
  return port
end

-- Sends the message, then prints what comes back until the end.
local TCP_CLIENT = [[
local host, port, message = ...
local sock <close> = assert(attempt(Socket.tcp, host, port))
assert(sock:write(message))
sock:close_write()
io.write(sock:read())
]]

local UNIX_CLIENT = [[
local path, message = ...
local sock <close> = assert(attempt(Socket.unix, path))
assert(sock:write(message))
sock:close_write()
io.write(sock:read())
]]

local function echo(sock)
  local _ <close> = sock
  sock:write(sock:read())
end

-- An echo for a loop that ends after `n` connections.
local function echo_times(n)
  return function(sock)
    echo(sock)
    n = n - 1
    if n == 0 then return Socket.BREAK end
  end
end

describe("Socket.tcp", function()
  it("gives a block the socket and returns what the block returns", function()
    local server <close>, _, port = net.listener()
    local used
    local reply = Socket.tcp("127.0.0.1", port, function(sock)
      used = sock
      sock:write("GET / HTTP/1.0\r\n\r\n")
      sock:close_write()
      local peer <close> = assert(server:accept())
      assert.are.equal("GET / HTTP/1.0\r\n\r\n", peer:read())
      peer:write("HTTP/1.0 200 OK\r\n\r\n")
      peer:close()
      return sock:read()
    end)
    assert.are.equal("HTTP/1.0 200 OK\r\n\r\n", reply)
    assert.is_true(used:is_closed())
  end)
end)

describe("Socket.tcp_server_loop", function()
  it("serves one client after the other", function()
    local port = free_port()
    local a <close> = child.start(TCP_CLIENT, "127.0.0.1", port, "first")
    local b <close> = child.start(TCP_CLIENT, "127.0.0.1", port, "second")
    Socket.tcp_server_loop("127.0.0.1", port, echo_times(2))
    assert.are.equal("first", (a:finish()))
    assert.are.equal("second", (b:finish()))
  end)

  it("passes the client's address", function()
    local port = free_port()
    local client <close> = child.start(TCP_CLIENT, "127.0.0.1", port, "x")
    local address
    Socket.tcp_server_loop("127.0.0.1", port, function(sock, addrinfo)
      address = addrinfo:ip_address()
      echo(sock)
      return Socket.BREAK
    end)
    assert.are.equal("127.0.0.1", address)
    assert.are.equal("x", (client:finish()))
  end)
end)

describe("Socket.tcp_server_sockets", function()
  it("listens to every address of this machine", function()
    local port = free_port()
    local seen = {}
    Socket.tcp_server_sockets(port, function(list)
      for _, sock in ipairs(list) do
        seen[sock:local_address():inspect_sockaddr()] = true
      end
    end)
    assert.is_true(seen["0.0.0.0:" .. port])
    if net.has_ipv6() then assert.is_true(seen["[::]:" .. port]) end
  end)

  it("has one port for all where 0 is given", function()
    Socket.tcp_server_sockets(0, function(list)
      local port = list[1]:local_address():ip_port()
      assert.are_not.equal(0, port)
      for _, sock in ipairs(list) do
        assert.are.equal(port, sock:local_address():ip_port())
      end
    end)
  end)

  it("closes the sockets after the block", function()
    local kept
    Socket.tcp_server_sockets(0, function(list)
      kept = { table.unpack(list) }
      assert.is_false(list[1]:is_closed())
    end)
    for _, sock in ipairs(kept) do
      assert.is_true(sock:is_closed())
    end
  end)
end)

describe("a UDP server", function()
  local function client_of(port)
    local sock = assert(Socket.new("INET", "DGRAM"))
    assert(sock:connect(Socket.pack_sockaddr_in(port, "127.0.0.1")))
    assert(sock:send("ping", 0))
    return sock
  end

  local function answer(message, source)
    source:reply(message)
    return Socket.BREAK
  end

  it("answers from sockets that a block opens", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(list)
      local port = list[1]:local_address():ip_port()
      assert.are_not.equal(0, port)
      local client <close> = client_of(port)
      Socket.udp_server_loop_on(list, answer)
      assert.are.equal("ping", client:recv(10))
    end)
  end)

  it("answers what udp_server_recv takes off ready sockets", function()
    Socket.udp_server_sockets("127.0.0.1", 0, function(list)
      local client <close> = client_of(list[1]:local_address():ip_port())
      local readable = assert(Socket.select(list, nil, nil, 5))
      Socket.udp_server_recv(readable, answer)
      assert.are.equal("ping", client:recv(10))
    end)
  end)

  it("answers in a loop of its own", function()
    local port = free_port()
    local client <close> = child.start([[
      local sock <close> = assert(Socket.new("INET", "DGRAM"))
      sock:connect(Socket.pack_sockaddr_in(tonumber(...), "127.0.0.1"))
      for _ = 1, 500 do
        sock:send("ping", 0)
        local answer = sock:recv(10, { timeout = 0.01 })
        if answer then
          print(answer)
          break
        end
      end
    ]], port)
    Socket.udp_server_loop("127.0.0.1", port, answer)
    assert.are.equal("ping\n", (client:finish()))
  end)
end)

describe("a unix server", function()
  it("carries data in both directions", function()
    local path = net.path()
    Socket.unix_server_socket(path, function(server)
      local used
      Socket.unix(path, function(sock)
        used = sock
        local peer <close> = assert(server:accept())
        sock:write("to the server")
        assert.are.equal("to the server", peer:recv(100))
        peer:write("to the client")
        assert.are.equal("to the client", sock:recv(100))
      end)
      assert.is_true(used:is_closed())
    end)
  end)

  it("echoes in a loop and removes its path", function()
    local path = net.path()
    local client <close> = child.start(UNIX_CLIENT, path, "hello")
    local mode
    Socket.unix_server_loop(path, function(sock)
      mode = lfs.attributes(path, "mode")
      echo(sock)
      return Socket.BREAK
    end)
    assert.are.equal("hello", (client:finish()))
    assert.are.equal("socket", mode)
    assert.is_nil(lfs.attributes(path, "mode"))
  end)

  it("keeps its path without a block", function()
    local path = net.path()
    local server <close> = assert(Socket.unix_server_socket(path))
    assert.are.equal(("#<Socket:fd %d>"):format(server:fileno()),
      server:inspect())
    assert.are.equal("#<Addrinfo: " .. path .. " SOCK_STREAM>",
      server:local_address():inspect())
    assert.are.equal("socket", lfs.attributes(path, "mode"))
  end)

  it("removes its path after a block", function()
    local path = net.path()
    local used
    Socket.unix_server_socket(path, function(server)
      used = server
      assert.are.equal(path, server:local_address():unix_path())
    end)
    assert.is_true(used:is_closed())
    assert.is_nil(lfs.attributes(path, "mode"))
  end)
end)
