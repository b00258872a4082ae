-- What reading a line takes, in ns of processor time: sockeye.lua METHOD PORT

local Socket = require "socket"

local METHODS = {}

function METHODS.gets(sock)
  local count = 0
  while sock:gets() do
    count = count + 1
  end
  return count
end

function METHODS.lines(sock)
  local count = 0
  for _ in sock:lines() do
    count = count + 1
  end
  return count
end

local method, port = METHODS[arg[1]], tonumber(arg[2])
local sock = assert(Socket.new("INET", "STREAM"))
assert(sock:connect(Socket.pack_sockaddr_in(port, "127.0.0.1")))
local start = os.clock()
local count = method(sock)
print(("%.1f"):format((os.clock() - start) / count * 1e9))
