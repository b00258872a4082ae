-- SIGTERM to a process with tasks that the stand-alone interpreter runs.

local Socket = require "socket"
local paths = require "spec.support.paths"
local service = require "spec.support.service"

local HEAD = [[
local function ready()
  say "ready"
end
local Closer = { __close = function() say "closing" end }
]]

-- Each ends with the word "over" where its loops have ended.
local LOOPS = {
  ["a concurrent loop"] = [[
    assert(Socket.tcp_server_loop(0, { concurrency = 5, listening = ready },
      print))
  ]],
  ["a concurrent loop under cqueues"] = [[
    Socket.set_scheduler(require "socket.adapters.cqueues")
    local controller = require "cqueues".new()
    controller:wrap(function()
      assert(Socket.tcp_server_loop(0, { concurrency = 5, listening = ready },
        print))
    end)
    assert(controller:loop())
  ]],
  ["a concurrent loop under luv"] = [[
    Socket.set_scheduler(require "socket.adapters.luv")
    Socket.schedule(function()
      assert(Socket.tcp_server_loop(0, { concurrency = 5, listening = ready },
        print))
    end)
    require "luv".run()
  ]],
  ["a loop in a task"] = [[
    Socket.run(function()
      Socket.schedule(function()
        assert(Socket.tcp_server_loop("127.0.0.1", 0, { listening = ready },
          print))
      end)
    end)
  ]],
  ["a loop in a coroutine in a task"] = [[
    Socket.run(coroutine.wrap(function()
      assert(Socket.tcp_server_loop(0, { listening = ready }, print))
    end))
  ]],
  ["loops in several tasks"] = [[
    Socket.run(function()
      local left = 3
      local opts = { listening = function()
        left = left - 1
        if left == 0 then ready() end
      end }
      Socket.schedule(Socket.tcp_server_loop, 0, opts, print)
      Socket.schedule(Socket.udp_server_loop, "127.0.0.1", 0, opts, print)
      Socket.schedule(Socket.unix_server_loop, arg[1], opts, print)
    end)
  ]],
  ["a loop beside a task that never rests"] = [[
    local runs = true
    Socket.run(function()
      Socket.schedule(function()
        while runs do Socket.sleep(0) end
      end)
      assert(Socket.tcp_server_loop(0, { listening = ready }, print))
      runs = false
    end)
  ]],
}

-- Connections that are served at the same time; two of them.
local SERVER = [[
local function announce(list)
  say("port", list[1]:local_address():ip_port())
end
assert(Socket.tcp_server_loop("127.0.0.1", 0,
  { concurrency = 5, listening = announce }, function(sock)
    local _ <close> = sock
    local _ <close> = setmetatable({}, Closer)
    say "connected"
    sock:write("got ", sock:gets())
  end))
say "over"
]]

local function connect(running)
  local port = running:await "^port (%d+)"
  local socks = {}
  for i = 1, 2 do
    socks[i] = assert(Socket.tcp("127.0.0.1", port))
    socks[i]:set_timeout(10)
    running:await "connected"
  end
  return table.unpack(socks)
end

local function count(text, word)
  return select(2, text:gsub(word, ""))
end

describe("SIGTERM to tasks in sockeye", function()
  if not service.program then
    pending "needs `make sockeye`"
    return
  end
  if not Socket.run then
    pending "needs tasks"
    return
  end

  for name, script in pairs(LOOPS) do
    it("ends " .. name, function()
      local running <close> = service.start("", HEAD .. script .. "say 'over'",
        paths.new())
      running:await "ready"
      local said, status = running:stop()
      assert.matches("over", said)
      assert.are.equal(0, status, said)
    end)
  end

  it("lets open connections end", function()
    local running <close> = service.start("", HEAD .. SERVER)
    local one, other = connect(running)
    running:kill "TERM"
    for _, sock in ipairs { other, one } do
      assert(sock:puts("hello"))
      assert.are.equal("got hello\n", sock:gets())
      sock:close()
    end
    local said, status = running:finish()
    assert.matches("over", said)
    assert.are.equal(0, status)
  end)

  it("cancels those that take longer than --grace", function()
    local running <close> = service.start("--grace 0.1", HEAD .. SERVER)
    local one, other = connect(running)
    running:kill "TERM"
    for _, sock in ipairs { one, other } do
      assert.is_nil((sock:gets()))
      sock:close()
    end
    local said, status = running:finish()
    assert.are.equal(2, count(said, "closing"))
    assert.matches("terminated!", said)
    assert.not_matches("over", said)
    assert.are.equal(1, status)
  end)

  it("cancels other tasks after --grace", function()
    local running <close> = service.start("--grace 0.1", HEAD .. [[
      Socket.run(function()
        Socket.schedule(function()
          local _ <close> = setmetatable({}, Closer)
          Socket.sleep(60)
        end)
        assert(Socket.tcp_server_loop(0, { listening = ready }, print))
        say "loop over"
      end)
      say "never"
    ]])
    running:await "ready"
    local said, status = running:stop()
    assert.matches("loop over\n.*closing", said)
    assert.not_matches("never", said)
    assert.are.equal(1, status)
  end)

  it("ends tasks without server loops at once", function()
    local running <close> = service.start("", HEAD .. [[
      Socket.run(function()
        ready()
        Socket.sleep(60)
      end)
    ]])
    running:await "ready"
    local _, status = running:stop()
    assert.are.equal(128 + 15, status)
  end)
end)
