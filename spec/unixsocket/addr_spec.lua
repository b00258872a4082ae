local Socket = require "socket"
local net = require "spec.support.net"

local UNIXServer, UNIXSocket = Socket.UNIXServer, Socket.UNIXSocket

describe("a UNIXSocket's addresses", function()
  it("are lists of family and path", function()
    local path = net.path()
    local server <close> = assert(UNIXServer.new(path))
    local client <close> = assert(UNIXSocket.new(path))
    local accepted <close> = assert(server:accept())
    assert.same({ "AF_UNIX", path }, server:addr())
    assert.same({ "AF_UNIX", path }, client:peeraddr())
    assert.same({ "AF_UNIX", path }, accepted:addr())
    assert.same({ "AF_UNIX", "" }, client:addr())
    assert.same({ "AF_UNIX", "" }, accepted:peeraddr())
    assert.equal(path, server:path())
    assert.equal(path, accepted:path())
    assert.equal("", client:path())
  end)

  it("keep every byte of an abstract name", function()
    local name = "\0sockeye spec\0" .. math.random(1 << 40)
    local server <close> = assert(UNIXServer.new(name))
    assert.same({ "AF_UNIX", name }, server:addr())
    assert.equal(name, server:path())
  end)

  it("say that there is no other end, and of which server", function()
    local path = net.path()
    local server <close> = assert(UNIXServer.new(path))
    local list, err, errno = server:peeraddr()
    assert.is_nil(list)
    assert.equal("Transport endpoint is not connected - getpeername(2) for "
      .. path, tostring(err))
    assert.equal(Socket.Errno.ENOTCONN, errno)
  end)

  it("are not told by a closed socket", function()
    local a, b = assert(UNIXSocket.pair())
    a:close()
    b:close()
    for _, name in ipairs { "addr", "peeraddr", "path", "recvfrom" } do
      local result, err = a[name](a)
      assert.is_nil(result)
      assert.equal("closed stream", tostring(err))
    end
  end)
end)

describe("UNIXSocket:recvfrom", function()
  it("tells the sender's path", function()
    local path = net.path()
    local bound <close> = assert(Socket.new("UNIX", "DGRAM"))
    assert(bound:bind { family = "local", path = path })
    local a, b = assert(UNIXSocket.pair("DGRAM"))
    local _ <close> = a
    local _ <close> = b
    assert.same({ "AF_UNIX", "" }, b:addr())
    a:send("hello")
    assert.same({ "he", { "AF_UNIX", "" }, true }, { b:recvfrom(2) })
    bound:send("named", 0, { family = "local", path = path })
    local adopted <close> = assert(UNIXSocket.for_fd(bound:detach()))
    assert.same({ "named", { "AF_UNIX", path } }, { adopted:recvfrom() })
  end)

  it("is nil alone at the end of a stream", function()
    local a, b = assert(UNIXSocket.pair())
    local _ <close> = b
    a:send("x")
    assert.same({ "x", { "AF_UNIX", "" } }, { b:recvfrom(5) })
    a:close()
    assert.same({ n = 1 }, table.pack(b:recvfrom(5)))
  end)
end)
