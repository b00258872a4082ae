local example = require "spec.support.example"

describe("examples/message_server.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("sends back what it gets, to many at a time", function()
    local server <close>, port = example.start(15, "message_server", 0)
    example.echo_many(port)
    server:stop("KILL")
  end)

  it("sends to a client that reads late", function()
    local server <close>, port = example.start(15, "message_server", 0)
    local late <close> = example.connect(port)
    local total = 0
    repeat
      local count = late:write_nonblock(("x"):rep(100000))
      total = total + (count or 0)
    until not count and not late:wait_writable(0.05)
    local sock <close> = example.connect(port)
    assert(sock:puts("hello"))
    assert.equal("hello\n", sock:gets())
    assert.equal(total, #assert(late:read(total)))
    example.reset(late)
    assert(sock:puts("still there"))
    assert.equal("still there\n", sock:gets())
    server:stop("KILL")
  end)
end)
