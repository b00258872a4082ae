-- SIGTERM to a process that the stand-alone interpreter runs.

local Socket = require "socket"
local build = require "spec.support.build"
local paths = require "spec.support.paths"
local service = require "spec.support.service"

-- Each ends with the word "over" where the loop has ended.
local LOOPS = {
  tcp_server_loop = [[
    assert(Socket.tcp_server_loop(0, { listening = ready }, print))
  ]],
  ["tcp_server_loop of one address"] = [[
    assert(Socket.tcp_server_loop("127.0.0.1", 0, { listening = ready }, print))
  ]],
  udp_server_loop = [[
    assert(Socket.udp_server_loop("127.0.0.1", 0, { listening = ready }, print))
  ]],
  unix_server_loop = [[
    assert(Socket.unix_server_loop(arg[1], { listening = ready }, print))
    assert(not io.open(arg[1]))
  ]],
  accept_loop = [[
    local servers = Socket.tcp_server_sockets("127.0.0.1", 0)
    Socket.pair("UNIX", "DGRAM", function(a, b)
      b:send("go", 0)
      -- nothing can come between: the word is said inside a loop
      assert(Socket.udp_server_loop_on(a, function()
        ready()
        assert(Socket.accept_loop(servers, print))
      end))
    end)
    assert(servers[1]:is_closed())
  ]],
  ["two loops in turn"] = [[
    assert(Socket.tcp_server_loop(0, { listening = ready }, print))
    assert(Socket.tcp_server_loop(0, print))
  ]],
}

local READY = [[
local function ready()
  say "ready"
end
]]

-- Serves lines, one connection after the other; prints its port.
local SERVER = [[
local function announce(list)
  say("port", list[1]:local_address():ip_port())
end
assert(Socket.tcp_server_loop("127.0.0.1", 0, { listening = announce },
  function(sock)
    local _ <close> = sock
    say "connected"
    handle(sock)
  end))
say "over"
]]

local ECHO = [[
local function handle(sock)
  sock:write("got ", sock:gets())
end
]] .. SERVER

-- Connects to a service that has told its port.
local function connect(running)
  local port = running:await "^port (%d+)"
  local sock = assert(Socket.tcp("127.0.0.1", port))
  sock:set_timeout(10)
  running:await "connected"
  return sock, port
end

-- Until nobody listens any more.
local function await_refusal(port)
  for _ = 1, 500 do
    local sock <close> = Socket.tcp("127.0.0.1", port)
    if not sock then return end
    Socket.sleep(0.01)
  end
  error "it still listens"
end

describe("SIGTERM to sockeye", function()
  if not service.program then
    pending "needs `make sockeye`"
    return
  end

  for name, script in pairs(LOOPS) do
    it("ends " .. name, function()
      local running <close> = service.start("", READY .. script .. "say 'over'",
        paths.new())
      running:await "ready"
      local said, status = running:stop()
      assert.matches("over", said)
      assert.are.equal(0, status)
    end)
  end

  it("ends a program without server loops at once", function()
    local running <close> = service.start("", "say 'ready' Socket.sleep(60)")
    running:await "ready"
    local _, status = running:stop()
    assert.are.equal(128 + 15, status)
  end)

  it("ends a program behind its loop at once", function()
    local running <close> = service.start("", [[
      local a, b = Socket.pair("UNIX", "DGRAM", 0)
      b:send("x", 0)
      Socket.udp_server_loop_on(a, function() return Socket.BREAK end)
      say "ready"
      Socket.sleep(60)
    ]])
    running:await "ready"
    local _, status = running:stop()
    assert.are.equal(128 + 15, status)
  end)

  it("ends a program whose loop's coroutine was dropped at once", function()
    local running <close> = service.start("", [[
      local a, b = Socket.pair("UNIX", "DGRAM", 0)
      b:send("x", 0)
      coroutine.wrap(function()
        Socket.udp_server_loop_on(a, coroutine.yield)
      end)()
      collectgarbage()
      collectgarbage()
      say "ready"
      Socket.sleep(60)
    ]])
    running:await "ready"
    local _, status = running:stop()
    assert.are.equal(128 + 15, status)
  end)

  it("lets an open connection end", function()
    local running <close> = service.start("", ECHO)
    local sock <close> = connect(running)
    running:kill "TERM"
    assert(sock:puts("hello"))
    assert.are.equal("got hello\n", sock:gets())
    local said, status = running:finish()
    assert.matches("over", said)
    assert.are.equal(0, status)
  end)

  it("ends a loop that never waits", function()
    local running <close> = service.start("", [[
      local a, b = Socket.pair("UNIX", "DGRAM", 0)
      b:send("x", 0)
      assert(Socket.udp_server_loop_on(a, function()
        say "ready"
        b:send("x", 0)
      end))
      say "over"
    ]])
    running:await "ready"
    local said, status = running:stop()
    assert.matches("over", said)
    assert.are.equal(0, status)
  end)

  it("interrupts a connection that takes longer than --grace", function()
    local running <close> = service.start("--grace 0.1", ECHO)
    local sock <close> = connect(running)
    running:kill "TERM"
    assert.is_nil((sock:gets()))
    local said, status = running:finish()
    assert.matches("terminated!", said)
    assert.not_matches("over", said)
    assert.are.equal(1, status)
  end)

  it("gives no time with --grace=0", function()
    local running <close> = service.start("--grace=0", ECHO)
    local sock <close> = connect(running)
    local said, status = running:stop()
    assert.matches("terminated!", said)
    assert.are.equal(1, status)
    assert.is_nil((sock:gets()))
  end)

  it("ends one that withstands the interruption", function()
    local running <close> = service.start("--grace 0.1", [[
      local function handle(sock)
        while true do pcall(sock.gets, sock) end
      end
    ]] .. SERVER)
    local sock <close> = connect(running)
    running:kill "TERM"
    assert.is_nil((sock:gets()))
    local _, status = running:finish()
    assert.are.equal(128 + 15, status)
  end)

  it("ends one that computes", function()
    local running <close> = service.start("--grace 0.1", [[
      local function handle()
        while true do end
      end
    ]] .. SERVER)
    local _ <close> = connect(running)
    local said, status = running:stop()
    assert.matches("terminated!", said)
    assert.are.equal(1, status)
  end)

  it("ends the process at once when it comes twice", function()
    local running <close> = service.start("", [[
      local function handle(sock)
        sock:gets { timeout = 60 }
      end
    ]] .. SERVER)
    local _ <close>, port = connect(running)
    running:kill "TERM"
    await_refusal(port)
    local _, status = running:stop()
    assert.are.equal(128 + 15, status)
  end)

  it("stays ignored where it was", function()
    local running <close> = service.start("", ECHO, "", "trap '' TERM")
    local sock <close> = connect(running)
    running:kill "TERM"
    assert(sock:puts("hello"))
    assert.are.equal("got hello\n", sock:gets())
    local said = running:stop "KILL"
    assert.not_matches("over", said)
  end)

  it("does not concern the module in another interpreter", function()
    if build.lua ~= "lua5.4" then
      return pending "the specs run in this very interpreter"
    end
    local command = "%s -e 'Socket = require \"socket\" ' -e %s 2>&1"
    local said = build.run(command:format(build.command(), build.quote [[
      Socket.tcp_server_loop(0, { listening = function(list)
        os.execute "kill -TERM $PPID"
      end }, print)
      print "over"
    ]]))
    assert.not_matches("over", said)
  end)

  it("frees the port", function()
    local running <close> = service.start("", ECHO)
    local port = running:await "^port (%d+)"
    running:kill "TERM"
    running:finish()
    local server <close> = assert(Socket.TCPServer.new("127.0.0.1", port))
    assert.are.equal(math.tointeger(port), server:addr()[2])
  end)

  it("is told of in the interpreter's help", function()
    for _, option in ipairs { "-h", "--help" } do
      local said, ok = build.run(service.program .. " " .. option)
      assert.is_true(ok)
      assert.matches("%-%-grace S", said)
      assert.matches("%-%-workers N", said)
    end
  end)

  for _, wrong in ipairs { "", "x", "-1", "nan", "inf", "1s" } do
    it("has no --grace of " .. (wrong == "" and "nothing" or wrong), function()
      local said, _, status = build.run(("%s --grace='%s' -e 'print(1)'")
        :format(service.program, wrong))
      assert.matches("'%-%-grace[^']*' needs ", said)
      assert.matches("\nusage: ", said)
      assert.are.equal(1, status)
    end)
  end

  it("has options with letters like others'", function()
    local said = build.run(service.program .. " --grace 1e1 -e 'print(arg[2])'")
    assert.are.equal("1e1\n", said)
  end)

  it("leaves other listening sockets alone", function()
    local running <close> = service.start("", READY .. [[
      local other = Socket.tcp_server_sockets("127.0.0.1", 0)
      assert(Socket.tcp_server_loop(0, { listening = ready }, print))
      assert(not other[1]:is_closed())
      say "over"
    ]])
    running:await "ready"
    local said, status = running:stop()
    assert.matches("over", said)
    assert.are.equal(0, status)
  end)
end)
