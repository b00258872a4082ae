-- What passes through to the fd.

local net = require "spec.support.net"

-- Their numbers on Linux, and whether this is Linux.
local F_GETFD, F_SETFD, FIONREAD = 1, 2, 0x541B
local is_linux = io.open("/proc/self/status") ~= nil

describe("BasicSocket:fcntl and ioctl", function()
  it("give the result, and a structure back", function()
    if not is_linux then return pending("their numbers are Linux's") end
    local sock, peer, _ <close> = net.pair()
    assert.equal(1, sock:fcntl(F_GETFD))
    assert.equal(0, sock:fcntl(F_SETFD, 0))
    assert.is_false(sock:is_close_on_exec())
    assert.is_true(sock:set_close_on_exec(true))
    assert.is_true(sock:is_close_on_exec())
    peer:write("abcde")
    assert.same({ 0, string.pack("i4", 5) },
      { sock:ioctl(FIONREAD, string.pack("i4", 0)) })
    assert.same({ 0, "\5" }, { sock:ioctl(FIONREAD, "") })
  end)

  it("return what the system says", function()
    local sock, _, _ <close> = net.pair()
    assert.equal("EINVAL", select(2, sock:fcntl(99999)).name)
    assert.is_nil((sock:ioctl(-1, "x")))
    sock:close()
    assert.equal("closed stream", tostring(select(2, sock:fcntl(1))))
    assert.equal("closed stream", tostring(select(2, sock:ioctl(1))))
    assert.equal("closed stream", tostring(select(2, sock:nread())))
    assert.equal("closed stream",
      tostring(select(2, sock:is_close_on_exec())))
    assert.equal("closed stream",
      tostring(select(2, sock:set_close_on_exec(true))))
  end)

  it("refuse what is no number", function()
    local sock, _, _ <close> = net.pair()
    assert.error_matches(function() sock:fcntl() end, "#1")
    assert.error_matches(function() sock:fcntl(1, {}) end, "#2")
    assert.error_matches(function() sock:fcntl(2 ^ 40) end, "#1.*range")
    assert.error_matches(function() sock:ioctl("x") end, "#1")
    assert.error_matches(function() sock:set_close_on_exec() end, "#1")
  end)
end)

describe("BasicSocket:nread", function()
  it("counts the buffer, too", function()
    local sock, peer, _ <close> = net.pair()
    assert.equal(0, sock:nread())
    peer:write("a\nbc")
    assert.equal(4, sock:nread())
    sock:gets()
    peer:write("d")
    assert.equal(3, sock:nread())
    sock:close_read()
    assert.equal("IOError", select(2, sock:nread()).name)
  end)
end)
