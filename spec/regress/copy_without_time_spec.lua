-- A copy without time left took a short count of its destination's write for
-- the whole piece, and lost the rest; now it fails with what is left.

local Socket = require "socket"
local net = require "spec.support.net"

describe("a copy through Lua without time", function()
  it("tells what its destination had no room for", function()
    local a, b, _ <close> = net.pair()
    local bytes = ("0123456789"):rep(100000)
    local source = { read = function() return bytes end }
    local copied, err, errno = Socket.copy_stream(source, a, #bytes,
      { timeout = 0 })
    assert.is_nil(copied)
    assert.is_true(err == Socket.WAIT_WRITABLE)
    assert.equal(Socket.Errno.EAGAIN, errno)
    assert.is_true(err.written > 0)
    assert.equal(bytes:sub(err.written + 1), err.rest)
    assert.equal(bytes:sub(1, err.written),
      b:recv(err.written, { exact = true }))
    assert.equal(Socket.WAIT_READABLE, select(2, b:recv_nonblock(1)))
  end)
end)
