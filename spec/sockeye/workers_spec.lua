-- Several processes that run one script.

local Socket = require "socket"
local activated = require "spec.support.activated"
local build = require "spec.support.build"
local net = require "spec.support.net"
local paths = require "spec.support.paths"
local service = require "spec.support.service"

-- Tells each connection which process serves it, then sends lines back.
local SERVER = [[
local own = id()
local function announce()
  say("listening", own)
end
local function serve(sock)
  local _ <close> = sock
  sock:puts(own)
  local line = sock:gets()
  while line do
    sock:write(line)
    line = sock:gets()
  end
end
if arg[1] then
  assert(Socket.tcp_server_loop("127.0.0.1", arg[1], { listening = announce },
    serve))
else
  local list = Socket.listen_fds()
  announce()
  assert(Socket.accept_loop(list, serve))
end
say "over"
]]

-- Holds a port that others of the same user may listen at.
local function hold_port(socktype)
  local sock = assert(Socket.new("INET", socktype or "STREAM"))
  assert(sock:setsockopt("SOCKET", "REUSEPORT", true))
  assert(sock:bind { family = "inet", addr = "127.0.0.1", port = 0 })
  return sock, sock:local_address():ip_port()
end

-- Starts that many workers, and waits until they listen.
local function serve(options, count, port)
  local running = service.start(options .. " --workers " .. count, SERVER, port)
  for _ = 1, count do
    running:await "^listening (%d+)"
  end
  return running
end

-- A connection, and the process at its other end.
local function connect(port)
  local sock = assert(Socket.tcp("127.0.0.1", port))
  sock:set_timeout(10)
  return sock, assert(sock:gets { chomp = true })
end

-- The system spreads connections by their ports: so many reach both of two.
local MANY = 40

-- Connections to two workers, each of which serves one at a time -> the two,
-- and the processes at their other ends.
local function connect_to_both(port)
  local socks, served = {}, {}
  for i = 1, MANY do
    socks[i] = assert(Socket.tcp("127.0.0.1", port))
  end
  while #served < 2 do
    for _, sock in ipairs(assert(Socket.select(socks, nil, nil, 10))) do
      served[#served + 1], served[sock] = sock, true
    end
    for i = #socks, 1, -1 do
      if served[socks[i]] then table.remove(socks, i) end
    end
  end
  for _, sock in ipairs(socks) do
    sock:close()
  end
  local one, other = table.unpack(served)
  return one, other, one:gets { chomp = true }, other:gets { chomp = true }
end

-- Connects until that process has answered.
local function await_answer(port, wanted)
  for _ = 1, 500 do
    local sock, id = connect(port)
    sock:close()
    if id == wanted then return end
  end
  error "it does not answer"
end

local function refuses(arguments, why)
  local said, _, status = build.run(service.program .. " " .. arguments)
  assert.is_truthy(said:find(why, 1, true), said)
  assert.are.equal(1, status)
end

describe("sockeye --workers", function()
  if not service.program then
    pending "needs `make sockeye`"
    return
  end

  it("serves with each of them at one port", function()
    local holder <close>, port = hold_port()
    local running <close> = serve("", 2, port)
    local one, other, first, second = connect_to_both(port)
    for _, sock in ipairs { one, other } do
      assert(sock:puts("hello"))
      assert.are.equal("hello\n", sock:gets())
    end
    assert.are_not.equal(first, second)
    assert.is_false(holder:is_closed())
    running:kill "TERM"
    one:close()
    other:close()
    local _, status = running:finish()
    assert.are.equal(0, status)
  end)

  it("serves datagrams with each of them", function()
    local holder <close>, port = hold_port "DGRAM"
    local running <close> = service.start("--workers 2", [[
      local own = id()
      local function announce()
        say("listening", own)
      end
      assert(Socket.udp_server_loop("127.0.0.1", arg[1],
        { listening = announce }, function(_, source)
          source:reply(own)
        end))
    ]], port)
    running:await "^listening"
    running:await "^listening"
    holder:close() -- a datagram could come here
    local seen, count = {}, 0
    for _ = 1, 500 do
      local sock <close> = assert(Socket.UDPSocket.new())
      assert(sock:connect("127.0.0.1", port))
      assert(sock:send("who", 0))
      local id = assert(sock:recv(10, { timeout = 10 }))
      if not seen[id] then
        seen[id], count = true, count + 1
      end
      if count == 2 then break end
    end
    assert.are.equal(2, count)
    local _, status = running:stop()
    assert.are.equal(0, status)
  end)

  it("lets each connection end", function()
    local holder <close>, port = hold_port()
    local running <close> = serve("", 2, port)
    local one, other = connect_to_both(port)
    holder:close()
    running:kill "TERM"
    for _, sock in ipairs { one, other } do
      assert(sock:puts("hello"))
      assert.are.equal("hello\n", sock:gets())
      sock:close()
    end
    local said, status = running:finish()
    assert.are.equal(0, status)
    assert.are.equal(2, select(2, said:gsub("\nover", "")))
    assert.are.equal(2, select(2, said:gsub(" ended, pid %d+, status 0", "")))
  end)

  it("starts one anew that was killed", function()
    local _ <close>, port = hold_port()
    local running <close> = serve("", 2, port)
    local sock <close>, first = connect(port)
    running:kill("KILL", first)
    running:await("ended, pid " .. first .. ", signal 9")
    local second = running:await "^listening (%d+)"
    assert.are_not.equal(first, second)
    assert.is_nil((sock:gets()))
    await_answer(port, second)
  end)

  it("takes longer and longer to start one anew that dies at once", function()
    local running <close> = service.start("--workers 1", "os.exit(3)")
    local before = 0
    for _ = 1, 4 do
      local pause = running:await
        "worker 1 ended, pid %d+, status 3, starts anew in (%d+%.%d) s"
      assert.is_true(tonumber(pause) > before, pause)
      before = tonumber(pause)
    end
    local _, status = running:stop()
    assert.are.equal(0, status)
  end)

  it("ends when all have ended well", function()
    local running <close> = service.start("--workers 3", "say(...)", "hello")
    local said, status = running:finish()
    assert.are.equal(0, status)
    assert.are.equal(3, select(2, said:gsub("hello", "")))
    assert.are.equal(3, select(2, said:gsub("started", "")))
    assert.are.equal(3, select(2, said:gsub(", status 0", "")))
  end)

  it("starts one anew until it ends well", function()
    local path = paths.new()
    local running <close> = service.start("--workers 1", [[
      local file = io.open(arg[1])
      if file then return end
      assert(io.open(arg[1], "w")):close()
      error "not yet"
    ]], path)
    local said, status = running:finish()
    assert.matches("not yet.*status 1, starts anew.*status 0", said)
    assert.are.equal(0, status)
  end)

  it("runs options in each", function()
    local running <close> = service.start(
      "--workers=2 -e 'io.stderr:write(\"hello\\n\")'", "")
    local said = running:finish()
    assert.are.equal(2, select(2, said:gsub("hello", "")))
  end)

  it("gives each its own random numbers", function()
    local running <close> = service.start("--workers 2",
      "say('number', math.random(0))")
    local one = running:await "^number (.*)"
    local other = running:await "^number (.*)"
    assert.are_not.equal(one, other)
  end)

  it("ends workers without a server loop", function()
    local running <close> = service.start("--workers 2",
      "say 'ready' Socket.sleep(60)")
    running:await "ready"
    running:await "ready"
    local said, status = running:stop()
    assert.are.equal(2, select(2, said:gsub("signal 15", "")))
    assert.are.equal(0, status)
  end)

  for _, signal in ipairs { "INT", "HUP" } do
    it("ends with SIG" .. signal .. ", which all of them get", function()
      local _ <close>, port = hold_port()
      local running <close> = serve("", 2, port)
      local one, other, first, second = connect_to_both(port)
      running:kill(signal, first, second, running.id)
      for _, sock in ipairs { one, other } do
        assert(sock:puts("hello"))
        assert.are.equal("hello\n", sock:gets())
        sock:close()
      end
      local said, status = running:finish()
      assert.are.equal(0, status)
      assert.not_matches("interrupted!", said)
    end)
  end

  it("interrupts connections that take longer than --grace", function()
    local _ <close>, port = hold_port()
    local running <close> = serve("--grace 0.1", 1, port)
    local sock <close> = connect(port)
    running:kill "TERM"
    assert.is_nil((sock:gets()))
    local said, status = running:finish()
    assert.matches("terminated!", said)
    assert.matches("status 1", said)
    assert.are.equal(1, status)
  end)

  it("kills workers that do not end", function()
    local running <close> = service.start("--workers 1 --grace=0",
      "say 'ready' Socket.sleep(60)", "", "trap '' TERM")
    running:await "ready"
    local said, status = running:stop "INT"
    assert.matches("signal 9", said)
    assert.are.equal(1, status)
  end)

  it("passes a second signal on", function()
    local _ <close>, port = hold_port()
    local running <close> = serve("--grace 60", 1, port)
    local _ <close> = connect(port)
    for _ = 1, 1000 do
      if not os.execute(("kill -TERM %d 2>/dev/null"):format(running.id)) then
        break
      end
      Socket.sleep(0.01)
    end
    local said = running:finish()
    assert.matches("signal 15", said)
  end)

  it("starts nobody anew while it ends", function()
    local running <close> = service.start("--workers 1", "error 'no'")
    running:await "starts anew"
    running:await "starts anew"
    local _, status = running:stop()
    assert.are.equal(0, status)
  end)

  it("ends its workers when it is killed itself", function()
    if build.folder:find "portable" then
      return pending "where the system tells them"
    end
    local _ <close>, port = hold_port()
    local running <close> = serve("", 2, port)
    local said = running:stop "KILL" -- the last one closes the pipe
    assert.are.equal(2, select(2, said:gsub("\nover", "")))
  end)

  it("shares sockets that are passed to it", function()
    local server <close>, _, port = net.listener("127.0.0.1", 2 * MANY)
    local before, kept = activated.command { server }
    local running <close> = service.start("--workers 2", SERVER, nil, before)
    for _, sock in ipairs(kept) do
      sock:close()
    end
    running:await "^listening"
    running:await "^listening"
    local one, other, first, second = connect_to_both(port)
    assert.are_not.equal(first, second)
    one:close()
    other:close()
    running:kill("KILL", first)
    await_answer(port, running:await "^listening (%d+)")
    local said, status = running:stop()
    assert.are.equal(2, select(2, said:gsub("\nover", "")), said)
    assert.are.equal(0, status)
  end)

  it("gives each a port of its own for 0", function()
    local running <close> = service.start("--workers 2", [[
      local server = assert(Socket.TCPServer.new("127.0.0.1", 0))
      assert(not server:getsockopt("SOCKET", "REUSEPORT"):bool())
      say("port", server:addr()[2])
      Socket.sleep(60)
    ]])
    local one = running:await "^port (%d+)"
    local other = running:await "^port (%d+)"
    assert.are_not.equal(one, other)
  end)

  it("leaves reuseport to who names it", function()
    local _ <close>, port = hold_port()
    local running <close> = service.start("--workers 1", [[
      local server, err = Socket.TCPServer.new("127.0.0.1", arg[1],
        { reuseport = false })
      assert(not server and err.name == "EADDRINUSE")
      local sock <close> = assert(Socket.TCPServer.new("127.0.0.1", arg[1]))
      local unix <close> = assert(Socket.UNIXServer.new(arg[2]))
    ]], port .. " " .. paths.new())
    local said, status = running:finish()
    assert.are.equal(0, status, said)
  end)

  it("is told when a worker cannot run the script", function()
    local path = service.script "x x"
    refuses("--workers 2 /no/such.lua", "cannot open /no/such.lua")
    refuses("--workers 2 " .. path, "syntax error near 'x'")
  end)

  for _, wrong in ipairs { "0", "-1", "x", "1.5", "2x", "''", "1025",
      "99999999999999999999" } do
    it("refuses " .. wrong, function()
      refuses("--workers " .. wrong .. " script.lua", "'--workers' needs ")
      refuses("--workers=" .. wrong .. " script.lua", "needs ")
    end)
  end

  it("needs a script", function()
    refuses("--workers", "'--workers' needs argument")
    refuses("--workers 2", "'--workers' needs a script's file")
    refuses("--workers 2 -", "'--workers' needs a script's file")
    refuses("--workers 2 -e 'print(1)'", "'--workers' needs a script's file")
    refuses("--workers 2 -i script.lua", "exclude each other")
    refuses("--worker 2 script.lua", "unrecognized option '--worker'")
    refuses("--workersx 2 script.lua", "unrecognized option '--workersx'")
  end)
end)
