-- The same on LuaSocket: luasocket.lua PORT

local socket = require "socket"

local sock = assert(socket.connect("127.0.0.1", tonumber(arg[1])))
local count = 0
local start = os.clock()
while sock:receive("*l") do
  count = count + 1
end
print(("%.1f"):format((os.clock() - start) / count * 1e9))
