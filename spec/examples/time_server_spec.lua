local Socket = require "socket"
local example = require "spec.support.example"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local CLIENTS = 50
local EPOCH = 2208988800 -- 1970 in seconds since 1900

-- A socket connected to the server.
local function client(port, host)
  local sock = assert(Socket.Addrinfo.udp(host or "127.0.0.1", port):connect())
  sock:set_timeout(10)
  return sock
end

local function check_time(message)
  assert.equal(4, #assert(message))
  local seconds = string.unpack(">I4", message) - EPOCH
  assert.is_true(math.abs(seconds - os.time()) <= 10)
end

describe("examples/time_server.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("answers by four bytes or a line, on every family", function()
    local server <close>, port = example.start(15, "time_server", 0)
    net.each_family(function(host)
      local sock <close> = client(port, host)
      assert(sock:send("", 0))
      check_time(sock:recv())
      for _, question in ipairs { "text", "text\n", "text\r\n" } do
        assert(sock:send(question, 0))
        assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ\n$", sock:recv())
      end
    end)
    assert.is_true(select(2, server:stop()))
  end)

  it("does not answer anything else", function()
    local server <close>, port = example.start(15, "time_server", 0)
    local sock <close> = client(port)
    for _, odd in ipairs { "\0\0\0\0", "\n", "texts", ("x"):rep(60000),
      "2026-01-01T00:00:00Z\n" } do
      assert(sock:send(odd, 0))
    end
    assert(sock:send("", 0))
    check_time(sock:recv())
    assert.equal(Socket.WAIT_READABLE, select(2, sock:recv_nonblock(10)))
    assert.is_true(select(2, server:stop()))
  end)

  it("survives clients that go away, and serves many", function()
    local server <close>, port = example.start(15, "time_server", 0)
    for _ = 1, 20 do
      local sock <close> = client(port)
      assert(sock:send("", 0))
    end
    tasks.run(function()
      for _ = 1, CLIENTS do
        Socket.schedule(function()
          local sock <close> = client(port)
          for _ = 1, 5 do
            assert(sock:send("", 0))
            check_time(sock:recv())
          end
        end)
      end
    end)
    assert.is_true(select(2, server:stop()))
  end)

  it("is asked by itself", function()
    local server <close>, port = example.start(15, "time_server", 0,
      "127.0.0.1")
    for _, host in ipairs { "127.0.0.1", "localhost" } do
      local output, ok = example.run("time_server", "--ask", host, port)
      assert.is_true(ok, output)
      assert.matches("^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d UTC\n$", output)
    end
    assert.is_true(select(2, server:stop()))
  end)

  it("says that nobody answers", function()
    local sock <close> = assert(Socket.UDPSocket.new("INET"))
    assert(sock:bind("127.0.0.1", 0))
    local port = sock:local_address():ip_port()
    local output, _, status = example.run("time_server", "--ask", "127.0.0.1",
      port)
    assert.equal(1, status)
    assert.matches("^127%.0%.0%.1 port %d+: ", output)
    sock:close()
    output, _, status = example.run("time_server", "--ask", "127.0.0.1", port)
    assert.equal(1, status)
    assert.matches("Connection refused", output)
  end)

  it("takes only a time for an answer", function()
    local sock <close> = assert(Socket.Addrinfo.udp("127.0.0.1", 0):bind())
    sock:set_timeout(10)
    local pipe <close> = assert(io.popen(example.command("time_server",
      "--ask", "127.0.0.1", sock:local_address():ip_port())))
    for _, answer in ipairs { "", "\0\0\0\0\0", string.pack(">I4", 60) } do
      local question, from = sock:recvfrom(10)
      assert.equal("", question)
      assert(sock:send(answer, 0, from))
    end
    assert.equal("2036-02-07 06:29:16 UTC\n", pipe:read("a"))
  end)

  it("refuses a port that is none", function()
    local output, ok = example.run("time_server", "70000")
    assert.is_false(ok)
    assert.matches("70000", output)
    output, ok = example.run("time_server", "--ask", "localhost", "70000")
    assert.is_false(ok)
    assert.matches("70000", output)
  end)
end)
