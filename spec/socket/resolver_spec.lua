-- Look-ups that Lua code waits for itself: what Socket.tcp is built on.

local Socket = require "socket"
local native = require "socket.native"

local start, poll = native.resolver.start, native.wait.poll
local READABLE = native.wait.READABLE

describe("a look-up", function()
  it("of numbers has its result at once, without waiting", function()
    for host, family in pairs { ["127.0.0.1"] = "INET", ["::1"] = "INET6" } do
      local lookup <close> = assert(start(host, "80", family, "STREAM"))
      assert.is_nil(lookup:wanted())
      local list = assert(lookup:result())
      assert.equal(1, #list)
      assert.equal(host, list[1]:ip_address())
      assert.equal(80, list[1]:ip_port())
    end
  end)

  it("of a name can be waited for until its result is there", function()
    local lookup <close> = assert(start("localhost", 80, "INET", "STREAM"))
    assert.same({ READABLE }, poll({ lookup:wanted() }, { READABLE }, 10))
    local list = assert(lookup:result())
    assert.equal("#<Addrinfo: 127.0.0.1:80 TCP (localhost)>",
      tostring(list[1]))
    assert.equal(list[1], assert(lookup:result())[1])
  end)

  it("tells what the resolver refuses", function()
    local lookup <close> = assert(start("127.0.0.1", 80, "INET6", "STREAM"))
    local list, err, errno = lookup:result()
    assert.is_nil(list)
    assert.equal("ResolutionError", err.name)
    assert.is_nil(errno)
  end)

  it("gives its fd back when it is closed, twice or not at all", function()
    local lookup = assert(start("localhost", 80))
    lookup:close()
    lookup:close()
    assert.is_nil(lookup:wanted())
    local list, err = lookup:result()
    assert.is_nil(list)
    assert.equal(Socket.WAIT_READABLE, err)
    assert(start("localhost", 80))
  end)

  it("raises for wrong arguments", function()
    assert.has_error(function() start({}, 80) end)
    assert.has_error(function() start("localhost", 65536) end)
    assert.has_error(function() start("localhost", 80, "nonsense") end)
  end)
end)
