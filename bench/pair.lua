-- What a 64-byte send and recv over a socket pair take, in ns: pair.lua ROUNDS

local Socket = require "socket"

local rounds = tonumber(arg[1])
local message = ("x"):rep(64)
local a, b = Socket.pair("UNIX", "STREAM", 0)
local start = os.clock()
for _ = 1, rounds do
  a:send(message)
  b:recv(64)
end
print(("round=%.1f"):format((os.clock() - start) / rounds * 1e9))
