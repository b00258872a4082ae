local Socket = require "socket"
local lfs = require "lfs"
local net = require "spec.support.net"

local UNIXServer, UNIXSocket = Socket.UNIXServer, Socket.UNIXSocket

describe("a UNIXServer", function()
  it("accepts UNIXSockets at its path, which stays", function()
    local path = net.path()
    local server = assert(UNIXServer.new(path))
    assert.equal("#<UNIXServer:" .. path .. ">", tostring(server))
    local client <close> = assert(UNIXSocket.new(path))
    local results = table.pack(server:accept())
    local accepted <close> = results[1]
    assert.equal(1, results.n)
    assert.is_true(accepted:is_a(UNIXSocket))
    assert.is_false(accepted:is_a(UNIXServer))
    client:send("x")
    assert.equal("x", accepted:recv(1))
    assert.equal(0, server:listen(1))
    server:close()
    assert.equal("socket", lfs.attributes(path, "mode"))
  end)

  it("gives a bare fd", function()
    local path = net.path()
    local server <close> = assert(UNIXServer.new(path))
    assert.equal(Socket.WAIT_READABLE, select(2, server:accept_nonblock()))
    local client <close> = assert(UNIXSocket.open(path))
    local accepted <close> = assert(UNIXSocket.for_fd(server:sysaccept()))
    assert.same(client:peeraddr(), accepted:addr())
  end)

  it("passes the server to its block, and closes it", function()
    local kept
    assert.equal("done", UNIXServer.open(net.path(), function(server)
      kept = server
      return "done"
    end))
    assert.is_true(kept:is_closed())
  end)

  it("removes nothing that is there", function()
    local path = net.path()
    assert(UNIXServer.new(path)):close()
    local server, err, errno = UNIXServer.new(path)
    assert.is_nil(server)
    assert.equal("Address already in use - connect(2) for " .. path,
      tostring(err))
    assert.equal(Socket.Errno.EADDRINUSE, errno)
  end)

  it("names an abstract path as it was given", function()
    local name = "\0sockeye spec " .. math.random(1 << 40)
    local sock, err = UNIXSocket.new(name)
    assert.is_nil(sock)
    assert.equal("Connection refused - connect(2) for \\0" .. name:sub(2),
      tostring(err))
  end)
end)
