-- Ten thousand connections held and served in one process, and what each costs
-- while it is idle. Their clients are in another process.

local build = require "spec.support.build"

-- The portable poller asks about every fd at every wait.
local COUNT = build.is_portable and 1000 or 10000

-- Bytes of resident memory that an idle connection may cost. A sanitizer's
-- allocator needs more.
local MOST = 1.6 * 1024
local is_measured = not build.folder:find("asan", 1, true)
  and os.getenv("SPEC_GC") == nil

local SERVER = [[
local Socket = require "socket"
local count, client = %d, %s

local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = assert(io.open("/proc/self/statm"))
  local _, pages = file:read("n", "n")
  return pages * 4096
end

local served = 0
local function serve(sock)
  local line = sock:gets()
  sock:write(line)
  sock:close()
  served = served + 1
end

Socket.run(function()
  local server = assert(Socket.TCPServer.new("127.0.0.1", 0))
  assert(server:listen(4096))
  local port = server:addr()[2]
  local pipe = assert(io.popen(client .. " " .. port .. " " .. count, "w"))
  local before
  for i = 1, count do
    if i == 100 then before = resident() end
    Socket.schedule(serve, assert(server:accept()))
  end
  Socket.sleep(0)
  local each = (resident() - before) / (count - 100)
  pipe:write("go\n")
  pipe:flush()
  while served < count do Socket.sleep(0.001) end
  print(served, each, pipe:close())
end)
]]

local CLIENT = [[
local Socket = require "socket"
local port, count = tonumber(arg[1]), tonumber(arg[2])
local list = {}
for i = 1, count do
  list[i] = assert(Socket.new("INET", "STREAM"))
  assert(list[i]:connect { family = "inet", addr = "127.0.0.1", port = port })
end
assert(io.read("l") == "go")
for i = 1, count do assert(list[i]:write(i, "\n")) end
for i = count, 1, -1 do
  assert(list[i]:gets() == i .. "\n")
  list[i]:close()
end
]]

-- A command that runs the script, whose first argument follows.
local function command(script)
  local file = os.tmpname()
  local handle <close> = assert(io.open(file, "w"))
  handle:write(script)
  return build.command() .. " " .. file, file
end

describe("many idle connections", function()
  local limit = ("ulimit -n %d"):format(COUNT + 100)
  if not os.execute(limit .. " 2>/dev/null") then
    pending(("need %d open files, which the system does not permit")
      :format(COUNT + 100))
    return
  end

  it("are held and served, and cost little", function()
    local client, client_file = command(CLIENT)
    local server, server_file = command(SERVER:format(COUNT,
      ("%q"):format(client)))
    local output, ok = build.run(limit .. " && timeout -s KILL 15 " .. server)
    os.remove(client_file)
    os.remove(server_file)
    assert.is_true(ok, output)
    local served, each, client_ok = output:match("^(%d+)%s+(%S+)%s+(%S+)")
    assert.equal(COUNT, tonumber(served), output)
    assert.equal("true", client_ok)
    if is_measured and not build.is_portable then
      assert.is_true(tonumber(each) < MOST, each .. " bytes each")
    end
  end)
end)
