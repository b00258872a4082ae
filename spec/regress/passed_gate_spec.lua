-- A server loop with `concurrency` and two listening sockets that had been full
-- accepted from one of them alone: room for a handler woke one of the two tasks
-- that accept, and that one only looked. It now wakes the other.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local function answer(sock)
  local _ <close> = sock
  for line in sock:lines() do
    sock:puts(line)
    if line == "break" then return Socket.BREAK end
  end
end

local function talk(server, text)
  local port = server:local_address():ip_port()
  local client <close> = assert(Socket.tcp("127.0.0.1", port))
  client:puts(text)
  assert.equal(text .. "\n", client:gets { timeout = 5 })
end

describe("a server loop that was full", function()
  it("accepts from each of its sockets again", function()
    tasks.run(function()
      local one <close> = net.listener()
      local two <close> = net.listener()
      local loop = tasks.waiting(Socket.accept_loop, { one, two },
        { concurrency = 1 }, answer)
      for _, server in ipairs { one, two, two, one, one, two } do
        talk(server, "x")
      end
      talk(one, "break")
      assert.is_true(tasks.result(loop))
    end)
  end)
end)
