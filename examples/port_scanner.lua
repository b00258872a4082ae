-- A port scanner: tells which TCP ports of a host are open.
--
--   port_scanner.lua [--progress] HOST [PORTS]...
--
-- PORTS are 22 or 8000-8100; without any, 1-1024. How far it is stands on
-- standard error, if that is a terminal or --progress is given.

local Socket = require "socket"

local MOST = 100 -- ports that are tried at a time
local PATIENCE = 1 -- seconds that a port has to answer
local OUTCOMES = { ECONNREFUSED = "closed", TimeoutError = "silent",
  ETIMEDOUT = "silent" }

local function fail(status, ...)
  io.stderr:write(table.concat({ ... }), "\n")
  os.exit(status)
end

-- Adds the ports that a word names to the list: whether it names some.
local function add_ports(list, word)
  local first, last = word:match("^(%d+)%-(%d+)$")
  first = math.tointeger(tonumber(first or word:match("^%d+$")))
  last = math.tointeger(tonumber(last)) or first
  if not first or first < 1 or last < first or last > 65535 then
    return false
  end
  for port = first, last do
    list[#list + 1] = port
  end
  return true
end

-- Reads the arguments: host, ports, whether to show progress
local function arguments(words)
  local is_asked = words[1] == "--progress"
  local at = is_asked and 2 or 1
  if not words[at] then
    fail(2, "usage: port_scanner.lua [--progress] HOST [PORTS]...")
  end
  local list = {}
  for i = at + 1, #words do
    if not add_ports(list, words[i]) then fail(2, "no ports: ", words[i]) end
  end
  if not list[1] then add_ports(list, "1-1024") end
  return words[at], list, is_asked or os.execute("test -t 2")
end

local host, ports, shows_progress = arguments(arg)
local counts = { open = 0, closed = 0, silent = 0 } -- of ports by outcome

-- Tries a port: "open", "closed", "silent" or an error's name
local function try(address, port)
  local sock <close>, err = Socket.tcp(address, port,
    { open_timeout = PATIENCE })
  if not sock then return OUTCOMES[err.name] or err.name end
  -- On this machine the system may choose the very port to connect from.
  if sock:local_address() == sock:remote_address() then return "closed" end
  return "open"
end

local function show_progress(done)
  if not shows_progress then return end
  io.stderr:write(("\r%d of %d ports, %d open"):format(done, #ports,
    counts.open), done == #ports and "\n" or "")
end

local function show_open(port)
  if shows_progress then io.stderr:write("\r\27[K") end
  print(port, Socket.getservbyport(port, "tcp") or "")
end

-- Tries all ports, MOST at a time: each of so many tasks takes the next.
local function scan(address)
  local begun, done = 0, 0
  local function work()
    while begun < #ports do
      begun = begun + 1
      local port = ports[begun]
      local outcome = try(address, port)
      counts[outcome] = (counts[outcome] or 0) + 1
      done = done + 1
      if outcome == "open" then show_open(port) end
      show_progress(done)
    end
  end
  for _ = 1, math.min(MOST, #ports) do
    Socket.schedule(work)
  end
end

local found, err = Socket.Addrinfo.getaddrinfo(host, nil, nil, "STREAM")
if not found then fail(1, host, ": ", tostring(err)) end
io.stdout:setvbuf("line")
Socket.run(scan, found[1]:ip_address())

local parts = {}
for outcome, count in pairs(counts) do
  if count > 0 then parts[#parts + 1] = count .. " " .. outcome end
end
table.sort(parts)
io.stderr:write(found[1]:ip_address(), ": ", table.concat(parts, ", "), "\n")
