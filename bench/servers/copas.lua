-- Serves in one of several modes, after printing its port: copas.lua MODE
-- Without a read that returns what is there, an echo takes messages of the
-- load's length.

local socket = require "socket"

local MESSAGE = 64
local BLOCK = ("x"):rep(65536)

local server = assert(socket.bind("127.0.0.1", 0, 4096))

local function print_port()
  print((select(2, server:getsockname())))
  io.stdout:flush()
end

local handlers = {}

function handlers.echo(sock)
  while true do
    local bytes = sock:receive(MESSAGE)
    if not bytes or not sock:send(bytes) then return end
  end
end

function handlers.line(sock)
  while true do
    local line = sock:receive "*l"
    if line == "collect" then collectgarbage() end
    if not line or not sock:send(line .. "\n") then return end
  end
end

function handlers.sink(sock)
  while sock:receive(65536) do end
end

function handlers.source(sock)
  while sock:send(BLOCK) do end
end

-- One connection, without copas.
local servers = {}

function servers.blocking()
  local sock = assert(server:accept())
  sock:setoption("tcp-nodelay", true)
  handlers.echo(sock)
end

function servers.gets()
  local sock = assert(server:accept())
  while sock:receive "*l" do end
end

local mode = arg[1]
print_port()
if servers[mode] then
  servers[mode]()
else
  local copas = require "copas"
  copas.addserver(server, function(sock)
    sock:setoption("tcp-nodelay", true)
    handlers[mode](copas.wrap(sock))
    sock:close()
  end)
  copas.loop()
end
