local example = require "spec.support.example"

describe("examples/echo_server.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("sends back what it gets", function()
    local server <close>, port = example.start(15, "echo_server", 0)
    local sock <close> = example.connect(port)
    local text = ("x"):rep(100000)
    for _ = 1, 10 do
      assert(sock:write(text))
      assert.is_true(text == sock:read(#text))
    end
    assert(sock:write("the end"))
    sock:close_write()
    assert.equal("the end", sock:read())
    local _, ok = server:stop()
    assert.is_true(ok)
  end)

  it("serves many at a time", function()
    local server <close>, port = example.start(15, "echo_server", 0)
    example.echo_many(port)
    assert.is_true(select(2, server:stop()))
  end)

  it("survives clients that go away, and one that does not read", function()
    local server <close>, port = example.start(15, "echo_server", 0)
    for _ = 1, 10 do
      example.connect(port):close()
      local sock = example.connect(port)
      assert(sock:write("hello"))
      example.reset(sock)
    end
    local deaf <close> = example.connect(port)
    while deaf:write_nonblock(("x"):rep(100000)) do end
    local sock <close> = example.connect(port)
    assert(sock:puts("hello"))
    assert.equal("hello\n", sock:gets())
    sock:close()
    example.reset(deaf)
    assert.is_true(select(2, server:stop()))
  end)

  it("listens where it is told to", function()
    local server <close>, port = example.start(15, "echo_server", 0,
      "127.0.0.1")
    local sock <close> = example.connect(port)
    assert.equal("127.0.0.1", sock:remote_address():ip_address())
    sock:close()
    local output, ok = server:stop()
    assert.is_true(ok)
    assert.equal("", output)
  end)

  it("ends with its clients at Ctrl-C", function()
    local server <close>, port = example.start(15, "echo_server", 0)
    local sock <close> = example.connect(port)
    assert(sock:puts("hello"))
    assert.equal("hello\n", sock:gets())
    local output, _, status = server:stop("INT")
    assert.matches("interrupted!", output)
    assert.equal(1, status)
    assert.is_nil((sock:gets()))
  end)

  for what, case in pairs {
    ["a name for a port"] = { { "echoes" }, "Servname not supported" },
    ["a port that is none"] = { { "70000" }, "port 70000 is not an integer" },
    ["a host that is not here"] = { { "0", "192.0.2.1" }, "Cannot assign" },
  } do
    it("refuses " .. what, function()
      local arguments, message = table.unpack(case)
      local output, _, status = example.run("echo_server",
        table.unpack(arguments))
      assert.equal(1, status)
      assert.matches(message, output)
    end)
  end
end)
