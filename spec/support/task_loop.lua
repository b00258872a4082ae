-- A server loop with `concurrency` where another event loop cannot wait, so
-- that it has tasks of its own: what the loop returns after one connection.

local Socket = require "socket"
local assert = require "luassert"
local net = require "spec.support.net"

return function()
  local server <close> = net.listener()
  local client <close> = net.connect_to(server)
  return Socket.accept_loop(server, { concurrency = 2 }, function(sock)
    local _ <close> = sock
    local task = Socket.schedule(client.puts, client, "x")
    assert.equal("x\n", sock:gets())
    assert.is_true(task:join())
    return Socket.BREAK
  end)
end
