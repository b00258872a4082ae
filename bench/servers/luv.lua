-- Serves in one of several modes, after printing its port: luv.lua MODE

local uv = require "luv"

local BACKLOG = 4096
local BLOCK = ("x"):rep(65536)

local handlers = {}

local function reader(fn)
  return function(sock)
    sock:read_start(function(err, bytes)
      if err or not bytes then return sock:close() end
      fn(sock, bytes)
    end)
  end
end

handlers.echo = reader(function(sock, bytes)
  sock:try_write(bytes)
end)

handlers.sink = reader(function() end)

function handlers.line(sock)
  local half = ""
  reader(function(_, bytes)
    half = half .. bytes
    local from = 1
    for line, next in half:gmatch "([^\n]*\n)()" do
      if line == "collect\n" then collectgarbage() end
      sock:try_write(line)
      from = next
    end
    half = half:sub(from)
  end)(sock)
end

function handlers.source(sock)
  local function again(err)
    if err then return sock:close() end
    sock:write(BLOCK, again)
  end
  again()
end

local function print_port(handle)
  print(handle:getsockname().port)
  io.stdout:flush()
end

local function serve_udp()
  local server = uv.new_udp()
  assert(server:bind("127.0.0.1", 0))
  print_port(server)
  server:recv_start(function(_, bytes, from)
    if bytes then server:try_send(bytes, from.ip, from.port) end
  end)
end

local function serve_tcp(handler)
  local server = uv.new_tcp()
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen(BACKLOG, function()
    local sock = uv.new_tcp()
    server:accept(sock)
    sock:nodelay(true)
    handler(sock)
  end))
  print_port(server)
end

if arg[1] == "udp" then
  serve_udp()
else
  serve_tcp(assert(handlers[arg[1]]))
end
uv.run()
