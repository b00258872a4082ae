-- While sendmsg waited, nothing held the objects that it was to pass: collected
-- meanwhile, they were closed, and others' fds or none went out. The buffer of
-- the control messages holds them now.

local Socket = require "socket"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

-- Fills the socket's queue.
local function fill(sock)
  local chunk = ("x"):rep(65536)
  repeat until not sock:send(chunk, "DONTWAIT")
end

-- The object that comes behind what fills the queue.
local function passed(sock)
  while true do
    local message = assert(sock:recvmsg { msghdr = true, scm_rights = true })
    local rights = message.ctrl[1]
    if rights then return rights.value[1] end
  end
end

describe("an object that sendmsg passes", function()
  local function lives(send)
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local peer
      local function object()
        local one, other = assert(Socket.pair("UNIX", "STREAM"))
        peer = other
        return one
      end
      fill(a)
      local task = tasks.waiting(send, a, object)
      collectgarbage()
      collectgarbage()
      local got <close> = passed(b)
      tasks.result(task)
      local _ <close> = peer
      assert(got:send "it lives")
      assert.equal("it lives", peer:recv(10))
    end)
  end

  it("lives while it waits in an argument", function()
    lives(function(a, object)
      return a:sendmsg("y", 0, nil,
        Socket.AncillaryData.unix_rights(object()))
    end)
  end)

  it("lives while it waits in a message", function()
    lives(function(a, object)
      return a:sendmsg {
        iov = "y",
        ctrl = { { level = "socket", type = "rights", value = { object() } } },
      }
    end)
  end)
end)
