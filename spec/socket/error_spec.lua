local native = require "socket.native"

describe("Socket.Error", function()
  it("tells errors from other values", function()
    local Error = native.Error
    assert.is_true(Error.is(native.Socket.TIMEOUT))
    assert.is_true(Error.is(native.Socket.TIMEOUT, "TimeoutError"))
    assert.is_false(Error.is(native.Socket.TIMEOUT, "EAGAIN"))
    assert.is_false(Error.is("TimeoutError"))
    assert.is_false(Error.is({}))
  end)
end)
