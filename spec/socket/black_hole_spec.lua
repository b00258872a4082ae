-- Socket.tcp with the system's own resolver and network: in a process with
-- hosts and interfaces of its own, where one address never answers.

local build = require "spec.support.build"
local paths = require "spec.support.paths"

-- Of hole.test no address answers, of the others one at this machine may; the
-- other family's never answers, has no route (down6.test) or refuses.
local HOSTS = [[
127.0.0.1 localhost hole6.test off6.test down6.test
::1 hole4.test off6.test
2001:db8::2 hole6.test hole.test
192.0.2.2 hole4.test hole.test
2001:db8:ffff::1 down6.test
]]

-- What is sent to the far end of the pair has nobody to take it there.
local SETUP = [[
set -e
mount --bind "$1" /etc/hosts
ip link set lo up
ip link add hole type veth peer name far
ip link set hole up
ip link set far up
ip -6 addr add 2001:db8::1/64 dev hole nodad
ip addr add 192.0.2.1/24 dev hole
ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev hole nud permanent
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev hole nud permanent
]]

local PRELUDE = [[
local Socket = require "socket"
local net = require "spec.support.net"
local function check(name, address, port, opts)
  for _, new in ipairs { Socket.tcp, Socket.TCPSocket.new } do
    local sock <close> = assert(new(name, port, opts))
    assert(sock:remote_address():ip_address() == address)
  end
end
]]

local function write(text)
  local path = paths.new()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

-- Runs a command in such a place -> what it printed, whether it ended well.
local function run(command)
  return build.run(("unshare -mn sh -c %s sh %s"):format(
    build.quote(SETUP .. command), write(HOSTS)))
end

local function is_permitted()
  local _, ok = run "exit 0"
  paths.remove_all()
  return ok
end

if not is_permitted() then
  pending("networks of a spec's own cannot be made here")
  return
end

-- The script in a process there.
local function there(script)
  local output, ok = run(("exec timeout 15 %s %s"):format(build.command(),
    write(PRELUDE .. script)))
  assert.equal("", output)
  assert.is_true(ok)
end

describe("Socket.tcp to a host", function()
  it("whose IPv6 address never answers takes the other", function()
    there [[
      local server <close>, _, port = net.listener("127.0.0.1")
      check("hole6.test", "127.0.0.1", port)
    ]]
  end)

  it("whose IPv4 address never answers takes the other", function()
    there [[
      local server <close>, _, port = net.listener("::1")
      check("hole4.test", "::1", port)
    ]]
  end)

  it("whose IPv6 address has no route takes the other", function()
    there [[
      local server <close>, _, port = net.listener("127.0.0.1")
      check("down6.test", "127.0.0.1", port)
    ]]
  end)

  it("whose IPv6 address refuses takes the other", function()
    there [[
      local server <close>, _, port = net.listener("127.0.0.1")
      check("off6.test", "127.0.0.1", port)
    ]]
  end)

  it("whose addresses are tried one by one gives each its time", function()
    there [[
      local server <close>, _, port = net.listener("127.0.0.1")
      check("hole6.test", "127.0.0.1", port,
        { fast_fallback = false, connect_timeout = 0.05 })
    ]]
  end)

  it("of which no address answers ends at the timeout", function()
    there [[
      for _, name in ipairs { "connect_timeout", "open_timeout" } do
        local sock, err = Socket.tcp("hole.test", 1, { [name] = 0.05 })
        assert(not sock and err == Socket.TIMEOUT)
      end
    ]]
  end)
end)
