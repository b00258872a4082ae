-- Unix sockets by their paths.

local Socket = require "socket"
local guard = require "socket.guard"
local lfs = require "lfs"
local net = require "spec.support.net"

local function kind_of(path)
  return lfs.symlinkattributes(path, "mode")
end

local function write_file(path)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write("x"))
end

describe("Socket.unix_server_socket", function()
  it("listens at the path", function()
    local path = net.path()
    local server <close> = assert(Socket.unix_server_socket(path))
    assert.equal(("#<Socket:fd %d>"):format(server:fileno()), tostring(server))
    assert.equal(("#<Addrinfo: %s SOCK_STREAM>"):format(path),
      tostring(server:local_address()))
    local client <close> = assert(Socket.unix(path))
    local accepted <close>, peer = assert(server:accept())
    assert.equal("#<Addrinfo: empty-path-AF_UNIX-sockaddr SOCK_STREAM>",
      tostring(peer))
    client:send("x", 0)
    assert.equal("x", accepted:recv(1))
  end)

  it("leaves the path when the socket is closed", function()
    local path = net.path()
    assert(Socket.unix_server_socket(path)):close()
    assert.equal("socket", kind_of(path))
  end)

  it("takes the place of a stale socket", function()
    local path = net.path()
    assert(Socket.UNIXServer.new(path)):close()
    local server <close> = assert(Socket.unix_server_socket(path))
    assert.is_false(server:is_closed())
  end)

  it("leaves any other file alone", function()
    local path = net.path()
    write_file(path)
    local server, err, errno = Socket.unix_server_socket(path)
    assert.is_nil(server)
    assert.equal(Socket.Errno.EADDRINUSE, errno)
    assert.equal("Address already in use - bind(2) for " .. path, tostring(err))
    assert.equal("file", kind_of(path))
  end)

  it("does not follow a symbolic link to a socket", function()
    local path = net.path()
    local target = path .. "2"
    assert(Socket.UNIXServer.new(target)):close()
    assert(lfs.link(target, path, true))
    local server, err = Socket.unix_server_socket(path)
    assert.is_nil(server)
    assert.equal("EADDRINUSE", err.name)
    assert.equal("socket", kind_of(target))
    assert.equal("link", kind_of(path))
  end)

  it("fails without the folder", function()
    local path = net.path() .. "/none/s"
    local server, err = Socket.unix_server_socket(path)
    assert.is_nil(server)
    assert.equal("No such file or directory - bind(2) for " .. path,
      tostring(err))
  end)

  describe("with a function", function()
    it("closes the socket and removes the path after it", function()
      local path, seen = net.path(), nil
      assert.equal(path, Socket.unix_server_socket(path, function(server)
        seen = server
        assert.equal("socket", kind_of(path))
        return server:local_address():unix_path()
      end))
      assert.is_true(seen:is_closed())
      assert.is_nil(kind_of(path))
    end)

    it("does so when it raises", function()
      local path, seen = net.path(), nil
      local ok, err = pcall(Socket.unix_server_socket, path, function(server)
        seen = server
        error("oh", 0)
      end)
      assert.is_false(ok)
      assert.equal("oh", err)
      assert.is_true(seen:is_closed())
      assert.is_nil(kind_of(path))
    end)

    it("leaves what has taken the socket's place", function()
      local path = net.path()
      local other
      Socket.unix_server_socket(path, function()
        os.remove(path)
        other = assert(Socket.UNIXServer.new(path))
      end)
      assert.equal("socket", kind_of(path))
      other:close()
      os.remove(path)
      Socket.unix_server_socket(path, function()
        os.remove(path)
        write_file(path)
      end)
      assert.equal("file", kind_of(path))
    end)
  end)

  it("takes abstract names, which leave no file", function()
    local name = "\0sockeye-" .. net.path()
    local seen
    Socket.unix_server_socket(name, function(server)
      seen = server
      local client <close> = assert(Socket.unix(name))
      assert.equal(name, client:remote_address():unix_path())
    end)
    assert.is_true(seen:is_closed())
  end)

  it("raises for wrong arguments", function()
    for _, path in ipairs { 5, ("x"):rep(109), "a\0b", {} } do
      local ok, message = pcall(Socket.unix_server_socket, path)
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'unix_server_socket'", message)
    end
  end)
end)

describe("Socket.unix", function()
  it("tells that nothing is there", function()
    local path = net.path()
    local sock, err, errno = Socket.unix(path)
    assert.is_nil(sock)
    assert.equal(Socket.Errno.ENOENT, errno)
    assert.equal("No such file or directory - connect(2) for " .. path,
      tostring(err))
  end)

  it("tells that nobody listens", function()
    local path = net.path()
    assert(Socket.UNIXServer.new(path)):close()
    local sock, err = Socket.unix(path)
    assert.is_nil(sock)
    assert.equal("ECONNREFUSED", err.name)
  end)

  it("returns what a function returns and closes the socket", function()
    local path = net.path()
    local _ <close> = assert(Socket.unix_server_socket(path))
    local seen
    assert.equal(42, Socket.unix(path, function(sock)
      seen = sock
      return 42
    end))
    assert.is_true(seen:is_closed())
  end)

  it("gives up past its timeout when the queue is full", function()
    local path = net.path()
    local server <close> = assert(Socket.unix_server_socket(path))
    assert(server:listen(0))
    local queue = {}
    local sock, err
    repeat
      sock, err = Socket.unix(path, { timeout = 0.02 })
      queue[#queue + 1] = sock
    until not sock or #queue > 8
    for _, waiting in ipairs(queue) do waiting:close() end
    assert.is_true(err == Socket.TIMEOUT)
  end)
end)

describe("Socket.unix_server_loop", function()
  it("serves until BREAK, then removes the path", function()
    local path = net.path()
    local client
    local opts = {
      listening = function()
        client = assert(Socket.unix(path))
      end,
    }
    assert.is_true(Socket.unix_server_loop(path, opts, function(sock, peer)
      sock:close()
      assert.is_true(peer:is_unix())
      assert.equal("socket", kind_of(path))
      return Socket.BREAK
    end))
    client:close()
    assert.is_nil(kind_of(path))
  end)
end)

describe("UNIXServer and UNIXSocket", function()
  it("connect and accept", function()
    local path = net.path()
    local server <close> = assert(Socket.UNIXServer.new(path))
    local client <close> = assert(Socket.UNIXSocket.new(path))
    local accepted <close>, nothing = assert(server:accept())
    assert.is_nil(nothing)
    assert.is_true(accepted:is_a(Socket.UNIXSocket))
    assert.is_false(accepted:is_a(Socket.UNIXServer))
    assert.equal(("#<UNIXServer:%s>"):format(path), tostring(server))
    assert.equal(("#<UNIXSocket:fd %d>"):format(client:fileno()),
      tostring(client))
    assert.equal(path, accepted:path())
    assert.equal("", client:path())
  end)

  it("do not replace what is at the path", function()
    local path = net.path()
    local _ <close> = assert(Socket.UNIXServer.new(path))
    local server, err = Socket.UNIXServer.new(path)
    assert.is_nil(server)
    assert.equal("Address already in use - connect(2) for " .. path,
      tostring(err))
  end)

  it("come in pairs", function()
    local a, b = assert(Socket.UNIXSocket.pair())
    local _ <close> = guard.owned(a, b)
    assert.is_true(a:is_a(Socket.UNIXSocket))
    a:send("x", 0)
    assert.equal("x", b:recv(1))
  end)

  it("are closed after a function", function()
    local one, two
    Socket.UNIXSocket.pair("DGRAM", function(a, b)
      one, two = a, b
    end)
    assert.is_true(one:is_closed() and two:is_closed())
  end)
end)
