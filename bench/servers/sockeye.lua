-- Serves in one of several modes, after printing its port: sockeye.lua MODE

local Socket = require "socket"

-- More than any load opens.
local CONCURRENCY = 20000

local BLOCK = ("x"):rep(65536)

local function print_port(sockets)
  print(sockets[1]:local_address():ip_port())
  io.stdout:flush()
end

-- What is done with each of many connections.
local handlers = {}

function handlers.echo(sock)
  local _ <close> = sock
  sock:setsockopt("TCP", "NODELAY", true)
  while true do
    local bytes = sock:recv(4096)
    if not bytes or not sock:send(bytes) then return end
  end
end

handlers.counters = handlers.echo
handlers.unlisted = handlers.echo

function handlers.line(sock)
  local _ <close> = sock
  sock:setsockopt("TCP", "NODELAY", true)
  while true do
    local line = sock:gets()
    if line == "collect\n" then collectgarbage() end
    if not line or not sock:write(line) then return end
  end
end

function handlers.sink(sock)
  local _ <close> = sock
  sock:setsockopt("TCP", "NODELAY", true)
  while sock:recv(65536) do end
end

function handlers.source(sock)
  local _ <close> = sock
  sock:setsockopt("TCP", "NODELAY", true)
  while sock:send(BLOCK) do end
end

-- Servers that need no loop for connections.
local servers = {}

function servers.udp()
  local opts = { listening = print_port }
  Socket.udp_server_loop("127.0.0.1", 0, opts, function(message, source)
    source:reply(message)
  end)
end

local function listen()
  local server = assert(Socket.TCPServer.new("127.0.0.1", 0))
  print_port { server }
  return server
end

-- Lines, in tasks that hold nothing but their socket.
function servers.task()
  local server = listen()
  server:listen(4096)
  Socket.run(function()
    while true do
      Socket.schedule(handlers.line, (assert(server:accept())))
    end
  end)
end

function servers.blocking()
  local sock <close> = assert(listen():accept())
  sock:setsockopt("TCP", "NODELAY", true)
  while true do
    local bytes = sock:recv(65536)
    if not bytes or not sock:send(bytes) then return end
  end
end

function servers.copy()
  local server = listen()
  local from <close> = assert(server:accept())
  local to <close> = assert(server:accept())
  Socket.copy_stream(from, to)
end

function servers.gets()
  local sock <close> = assert(listen():accept())
  while sock:gets() do end
end

local mode = arg[1]
Socket.use_registry(mode ~= "unlisted")
if servers[mode] then
  servers[mode]()
else
  local opts = { concurrency = CONCURRENCY, listening = print_port }
  assert(Socket.tcp_server_loop("127.0.0.1", 0, opts, handlers[mode]))
end
