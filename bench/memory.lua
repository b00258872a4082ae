-- What an accepted socket costs that does nothing: bytes in Lua's own count,
-- which has those of C, and in pages.

local Socket = require "socket"

local COUNT = 1000

-- So many come first and fill the holes in the heap, which would hide what the
-- others take.
local FIRST = 500

-- As much again is opened on the side of the clients, in another process, since
-- the limit of open files is that of one.
local CLIENT = [[
local Socket = require "socket"
local port, count = %d, %d
local socks = {}
for i = 1, count do
  socks[i] = assert(Socket.tcp("127.0.0.1", port))
end
io.read()
]]

-- What the kernel counts as written to by this process alone; nil elsewhere.
local function resident()
  local file = io.open("/proc/self/smaps_rollup")
  if not file then return nil end
  local kilobytes = file:read("a"):match("Private_Dirty:%s*(%d+)")
  file:close()
  return kilobytes * 1024
end

local function lua_bytes()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024
end

local server <close> = assert(Socket.new("INET", "STREAM"))
assert(server:bind { family = "inet", addr = "loopback", port = 0 })
assert(server:listen(128))
local port = server:local_address():ip_port()

local _ <close> = assert(io.popen(
  ("lua5.4 -e '%s' -"):format(CLIENT:format(port, COUNT)), "w"))

local socks = {}
for i = 1, COUNT do
  socks[i] = false
end

local function accept(first, last)
  for i = first, last do
    socks[i] = assert(server:accept())
  end
end

accept(1, FIRST)
local lua_before, all_before = lua_bytes(), resident()
accept(FIRST + 1, COUNT)
local lua_after, all_after = lua_bytes(), resident()

local measured = #socks - FIRST
print(("lua=%.0f"):format((lua_after - lua_before) / measured),
  all_before and ("pages=%.0f"):format((all_after - all_before) / measured))
