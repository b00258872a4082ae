-- Serves in one of several modes, after printing its port: cqueues.lua MODE

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local BLOCK = ("x"):rep(65536)

local handlers = {}

function handlers.echo(sock)
  while true do
    local bytes = sock:read(-4096)
    if not bytes or not sock:write(bytes) then return end
  end
end

function handlers.line(sock)
  while true do
    local line = sock:read "*L"
    if line == "collect\n" then collectgarbage() end
    if not line or not sock:write(line) then return end
  end
end

function handlers.sink(sock)
  while sock:read(-65536) do end
end

function handlers.source(sock)
  while sock:write(BLOCK) do end
end

local handler = assert(handlers[arg[1]])
local loop = cqueues.new()
local server = socket.listen { host = "127.0.0.1", port = 0, nodelay = true }
assert(server:listen())
print((select(3, server:localname())))
io.stdout:flush()

loop:wrap(function()
  for sock in server:clients { nodelay = true } do
    sock:setmode("bn", "bn")
    sock:onerror(function(_, _, err)
      return err
    end)
    loop:wrap(function()
      handler(sock)
      sock:close()
    end)
  end
end)
assert(loop:loop())
