-- Ctrl-C ends whatever a program waits in.

local Socket = require "socket"
local build = require "spec.support.build"

local PRELUDE = [[
local Socket = require "socket"
local net = require "spec.support.net"
local function ready()
  io.write("ready\n")
  io.flush()
end
]]

local WAITS = {
  accept = [[
    local server = net.listener()
    ready()
    server:accept()
  ]],
  ["accept with a deadline"] = [[
    local server = net.listener()
    ready()
    server:accept({ timeout = 60 })
  ]],
  recv = [[
    local a, b = net.tcp_pair()
    ready()
    a:recv(10)
  ]],
  ["recv with a deadline"] = [[
    local a, b = net.tcp_pair()
    ready()
    a:recv(10, { timeout = 60 })
  ]],
  ["receive of a message"] = [[
    local a, b = net.tcp_pair()
    a:recv(10, { timeout = "nowait" })
    ready()
    Socket.receive()
  ]],
  recvfrom = [[
    local a, b = net.udp_pair()
    ready()
    a:recvfrom(10)
  ]],
  gets = [[
    local a, b = net.pair()
    b:send("half a line", 0)
    ready()
    a:gets()
  ]],
  read = [[
    local a, b = net.pair()
    ready()
    a:read(10)
  ]],
  write = [[
    local a, b = net.pair()
    ready()
    a:write(("x"):rep(2 ^ 24))
  ]],
  ["buffered write"] = [[
    local a, b = net.pair()
    a:set_sync(false)
    ready()
    a:write(("x"):rep(2 ^ 24))
  ]],
  send = [[
    local a, b = net.pair()
    ready()
    a:send(("x"):rep(2 ^ 24), 0)
  ]],
  connect = [[
    local server, address, _, queue = net.full_listener()
    local sock = Socket.new("INET", "STREAM")
    ready()
    sock:connect(address)
  ]],
  ["connect with a deadline"] = [[
    local server, address, _, queue = net.full_listener()
    local sock = Socket.new("INET", "STREAM")
    ready()
    sock:connect(address, { timeout = 60 })
  ]],
  ["connecting to several addresses"] = [[
    local names = require "spec.support.names"
    local server, address, port, queue = net.full_listener()
    local list = { { "127.0.0.1", port }, { "127.0.0.1", port } }
    local served = names.serve { INET6 = names.NEVER, INET = list }
    ready()
    Socket.tcp("name", port)
  ]],
  wait_readable = [[
    local a, b = net.pair()
    ready()
    a:wait_readable()
  ]],
  lines = [[
    local a, b = net.pair()
    b:write("a line\nhalf a line")
    ready()
    for _ in a:lines() do end
  ]],
  copy_stream = [[
    local a, b = net.pair()
    local c, d = net.pair()
    ready()
    Socket.copy_stream(a, c)
  ]],
  ["a server loop"] = [[
    Socket.tcp_server_sockets(0, function(list)
      ready()
      Socket.accept_loop(list, print)
    end)
  ]],
  ["a datagram loop"] = [[
    Socket.udp_server_sockets(0, function(list)
      ready()
      Socket.udp_server_loop_on(list, print)
    end)
  ]],
  sleep = [[
    ready()
    Socket.sleep(60)
  ]],
  select = [[
    local a, b = net.pair()
    ready()
    Socket.select({ a })
  ]],
  ["select without sockets"] = [[
    ready()
    Socket.select(nil, nil, nil, 60)
  ]],
}

local IN_COROUTINE = "coroutine.wrap(function() %s end)()"
local IN_TASK = "Socket.run(function() %s end)"
local IN_OTHER_TASK = [[
  Socket.run(function()
    local task = Socket.schedule(function() %s end)
    Socket.schedule(Socket.sleep, 60)
    assert(task:join())
  end)
]]

-- The signal comes while a task runs; the wait after that is the first.
local LATE = {
  ["a sleep"] = "Socket.sleep(60)",
  ["a read"] = "local a, b = net.pair() a:read(1)",
  ["a server loop"] = [[
    Socket.tcp_server_sockets(0, function(list)
      Socket.accept_loop(list, { concurrency = 2 }, print)
    end)
  ]],
  ["a wait of a task's end"] = [[
    Socket.schedule(function()
      local _ <close> = setmetatable({}, {
        __close = function() Socket.sleep(0.05) end,
      })
      Socket.sleep(60)
    end)
    Socket.sleep(60)
  ]],
}

local SIGNALED = [[
  local pipe = io.popen("kill -INT $PPID; sleep 0.05")
  pipe:read("a")
  pipe:close()
]]

local Program = {}
Program.__index = Program

-- Starts a script whose process prints its id, then "ready".
local function start(interpreter, script)
  local command = ("echo $$; exec %s -e %s - 2>&1 </dev/null"):format(
    build.command(interpreter), build.quote(PRELUDE .. script))
  local pipe = assert(io.popen(command))
  local program = setmetatable({ pipe = pipe, id = pipe:read("n") }, Program)
  pipe:read("l")
  return program
end

function Program:kill(signal)
  os.execute(("kill -%s %d 2>/dev/null"):format(signal, self.id))
end

-- Whether the process sleeps in a system call.
function Program:is_asleep()
  local file <close> = assert(io.open("/proc/" .. self.id .. "/stat"))
  return file:read("a"):match("%) (%a)") == "S"
end

function Program:wait_until_asleep()
  for _ = 1, 2000 do
    if self:is_asleep() then return end
    Socket.select(nil, nil, nil, 0.001)
  end
  error("the program does not wait")
end

function Program:__close()
  if not self.pipe then return end
  self:kill("KILL")
  self.pipe:close()
end

-- Waits for its end -> what it printed, whether it ended well, how.
function Program:finish()
  local pipe = self.pipe
  local output = pipe:read("a")
  self.pipe = nil
  return output, pipe:close()
end

local function check_end(program)
  local output, ok, how, code = program:finish()
  assert.is_truthy(output:find("interrupted!", 1, true), output)
  assert.is_falsy(ok)
  assert.are.equal("exit", how)
  assert.are_not.equal(0, code)
end

local function check(interpreter, script)
  local program <close> = start(interpreter, script)
  assert.are.equal("ready", program.pipe:read("l"))
  program:wait_until_asleep()
  program:kill("INT")
  check_end(program)
end

local names = {}
for name in pairs(WAITS) do
  names[#names + 1] = name
end
table.sort(names)

local INTERPRETERS = {
  ["the interpreter of the specs"] = build.lua,
  ["the stand-alone interpreter"] = build.program("sockeye"),
}

for title, interpreter in pairs(INTERPRETERS) do
  describe("under " .. title .. ", Ctrl-C ends", function()
    for _, name in ipairs(names) do
      it(name, function() check(interpreter, WAITS[name]) end)

      it(name .. " in a coroutine", function()
        check(interpreter, IN_COROUTINE:format(WAITS[name]))
      end)

      it(name .. " in a run", function()
        check(interpreter, IN_TASK:format(WAITS[name]))
      end)

      it(name .. " in a task that another one joins", function()
        check(interpreter, IN_OTHER_TASK:format(WAITS[name]))
      end)

      it(name .. " in a generator in a task", function()
        check(interpreter, IN_TASK:format(IN_COROUTINE:format(WAITS[name])))
      end)
    end

    for name, script in pairs(LATE) do
      it(name .. " that a task begins after it", function()
        local program <close> = start(interpreter,
          IN_TASK:format(SIGNALED .. script))
        check_end(program)
      end)
    end
  end)
end

if not build.program("sockeye") then
  pending("under the stand-alone interpreter, Ctrl-C needs `make sockeye`")
end
