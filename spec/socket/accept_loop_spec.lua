-- Server loops for connections. The clients connect before the loop begins.

local Socket = require "socket"
local build = require "spec.support.build"
local guard = require "socket.guard"
local native = require "socket.native"
local net = require "spec.support.net"

local Errno = Socket.Errno

-- Replaces a function of a class for the length of a scope.
local function replacing(class, name, fn)
  local original = class[name]
  class[name] = fn
  return setmetatable({}, {
    __close = function()
      class[name] = original
    end,
  }), original
end

local function connect_to(sock)
  return assert(Socket.tcp("127.0.0.1", sock:local_address():ip_port()))
end

-- Two listening sockets, and what closes them.
local function listeners()
  local one = net.listener()
  local two = net.listener()
  return one, two, guard.owned(one, two)
end

describe("Socket.accept_loop", function()
  it("passes each connection and its peer until BREAK", function()
    local server <close> = net.listener()
    local a <close> = connect_to(server)
    local b <close> = connect_to(server)
    local seen = {}
    assert.is_true(Socket.accept_loop(server, function(sock, peer)
      local _ <close> = sock
      seen[#seen + 1] = peer
      assert.is_true(sock:is_a(Socket))
      if #seen == 2 then return Socket.BREAK end
    end))
    assert.same({ a:local_address(), b:local_address() }, seen)
    assert.is_false(server:is_closed())
  end)

  it("serves several listening sockets, in lists or not", function()
    local one, two, _ <close> = listeners()
    local three <close> = net.listener()
    local _ <close> = guard.owned(connect_to(three), connect_to(one),
      connect_to(two))
    local count = 0
    assert.is_true(Socket.accept_loop({ one, two }, three, function(sock)
      local _ <close> = sock
      count = count + 1
      if count == 3 then return Socket.BREAK end
    end))
  end)

  it("waits for the next connection", function()
    local one, two, _ <close> = listeners()
    local clients <close>, count = guard.owned(connect_to(one)), 0
    assert.is_true(Socket.accept_loop(one, two, function(sock)
      local _ <close> = sock
      count = count + 1
      if count == 3 then return Socket.BREAK end
      clients:add(connect_to(two))
    end))
  end)

  it("gives the peer for a TCPServer, too", function()
    local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
    local client <close> = connect_to(server)
    assert.is_true(Socket.accept_loop(server, function(sock, peer)
      local _ <close> = sock
      assert.is_true(sock:is_a(Socket.TCPSocket))
      assert.equal(client:local_address(), peer)
      return Socket.BREAK
    end))
  end)

  it("leaves the connection open when the function returns", function()
    local server <close> = net.listener()
    local _ <close> = connect_to(server)
    local kept
    Socket.accept_loop(server, function(sock)
      kept = sock
      return Socket.BREAK
    end)
    assert.is_false(kept:is_closed())
    kept:close()
  end)

  it("closes the connection when the function raises", function()
    local server <close> = net.listener()
    local _ <close> = connect_to(server)
    local value, seen = {}, nil
    local ok, err = pcall(Socket.accept_loop, server, function(sock)
      seen = sock
      error(value)
    end)
    assert.is_false(ok)
    assert.equal(value, err)
    assert.is_true(seen:is_closed())
    assert.is_false(server:is_closed())
  end)

  it("closes the connection when its coroutine is closed", function()
    local server <close> = net.listener()
    local _ <close> = connect_to(server)
    local co = coroutine.create(function()
      Socket.accept_loop(server, coroutine.yield)
    end)
    local _, sock = coroutine.resume(co)
    assert.is_false(sock:is_closed())
    coroutine.close(co)
    assert.is_true(sock:is_closed())
  end)

  it("ends when all listening sockets are closed", function()
    local one, two, _ <close> = listeners()
    local _ <close> = connect_to(one)
    assert.is_true(Socket.accept_loop(one, two, function(sock)
      sock:close()
      one:close()
      two:close()
    end))
  end)

  it("goes on with those that are still open", function()
    local one, two, _ <close> = listeners()
    local _ <close> = guard.owned(connect_to(one), connect_to(two))
    local count = 0
    assert.is_true(Socket.accept_loop(one, two, function(sock)
      local _ <close> = sock
      count = count + 1
      if count == 2 then return Socket.BREAK end
      one:close()
    end))
    assert.equal(2, count)
  end)

  it("ends when the time of its only socket is up", function()
    local server <close> = net.listener()
    server:set_timeout(0.01)
    local ok, err = Socket.accept_loop(server, error)
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
  end)

  it("ends when the time of one of its sockets is up", function()
    local one, two, _ <close> = listeners()
    two:set_timeout(0.01)
    local ok, err = Socket.accept_loop(one, two, error)
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
  end)

  it("ends with a failure of the listening socket itself", function()
    local server <close> = assert(Socket.new("INET", "STREAM"))
    local ok, err, errno = Socket.accept_loop(server, error)
    assert.is_nil(ok)
    assert.equal("EINVAL", err.name)
    assert.equal(Errno.EINVAL, errno)
  end)

  for _, name in ipairs { "ECONNABORTED", "EPROTO", "EINTR" } do
    it("passes over " .. name, function()
      local server <close> = net.listener()
      local _ <close> = connect_to(server)
      local failures, accept = 3, nil
      local _ <close>, original = replacing(Socket, "accept", function(sock)
        failures = failures - 1
        if failures < 0 then return accept(sock) end
        return native.failure.system("accept(2)", Errno[name])
      end)
      accept = original
      assert.is_true(Socket.accept_loop(server, function(sock)
        sock:close()
        return Socket.BREAK
      end))
    end)
  end

  for _, name in ipairs { "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM" } do
    it("collects garbage and goes on after " .. name, function()
      local server <close> = net.listener()
      local _ <close> = connect_to(server)
      local failed, accept = false, nil
      local garbage = setmetatable({ {} }, { __mode = "v" })
      local _ <close>, original = replacing(Socket, "accept", function(sock)
        if failed then return accept(sock) end
        failed = true
        return native.failure.system("accept(2)", Errno[name])
      end)
      accept = original
      assert.is_true(Socket.accept_loop(server, function(sock)
        sock:close()
        return Socket.BREAK
      end))
      assert.is_nil(garbage[1])
    end)
  end

  it("finds fds again that the program has dropped", function()
    local output, ok = build.run("ulimit -n 40; " .. build.command() .. " -e "
      .. build.quote [[
        local Socket = require "socket"
        local server = assert(Socket.tcp_server_sockets("127.0.0.1", 0))[1]
        local port = server:local_address():ip_port()
        local client = assert(Socket.tcp("127.0.0.1", port))
        collectgarbage("stop")
        repeat local file = io.open("/dev/null") until not file
        print(Socket.accept_loop(server, function() return Socket.BREAK end))
      ]])
    assert.equal("true\n", output)
    assert.is_true(ok)
  end)

  it("raises for wrong arguments", function()
    local server <close> = net.listener()
    local function complaint(...)
      local ok, message = pcall(Socket.accept_loop, ...)
      assert.is_false(ok)
      return message:match("bad argument .*$")
    end
    assert.equal("bad argument #1 to 'accept_loop' (no sockets)", complaint())
    assert.equal("bad argument #2 to 'accept_loop' (function expected, got "
      .. "nil)", complaint(server))
    assert.equal("bad argument #2 to 'accept_loop' (socket expected, got "
      .. "string)", complaint(server, "x", print))
    assert.equal("bad argument #1 to 'accept_loop' (socket expected, got "
      .. "number)", complaint({ 5 }, print))
  end)
end)

describe("Socket.tcp_server_loop", function()
  -- Runs a loop that is connected to once before it begins.
  local function loop(fn)
    local opened, client
    local opts = {
      listening = function(sockets)
        opened = sockets
        client = connect_to(sockets[1])
      end,
    }
    local results = table.pack(pcall(Socket.tcp_server_loop, 0, opts, fn))
    client:close()
    for _, sock in ipairs(opened) do assert.is_true(sock:is_closed()) end
    return table.unpack(results, 1, results.n)
  end

  it("serves until BREAK, then closes its sockets", function()
    local ok, result = loop(function(sock)
      sock:close()
      return Socket.BREAK
    end)
    assert.is_true(ok)
    assert.is_true(result)
  end)

  it("closes everything when the function raises", function()
    local value, seen = {}, nil
    local ok, err = loop(function(sock)
      seen = sock
      error(value)
    end)
    assert.is_false(ok)
    assert.equal(value, err)
    assert.is_true(seen:is_closed())
  end)

  it("closes its sockets when `listening` raises", function()
    local opened
    local ok, err = pcall(Socket.tcp_server_loop, "127.0.0.1", 0, {
      listening = function(sockets)
        opened = sockets
        error("oh", 0)
      end,
    }, print)
    assert.is_false(ok)
    assert.equal("oh", err)
    assert.is_true(opened[1]:is_closed())
  end)

  it("fails when the port is taken", function()
    local _ <close>, _, port = net.listener()
    local ok, err = Socket.tcp_server_loop("127.0.0.1", port, print)
    assert.is_nil(ok)
    assert.equal("EADDRINUSE", err.name)
  end)
end)
