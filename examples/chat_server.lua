-- A chat server: what one client writes goes to all. telnet and nc are clients.
--
--   chat_server.lua [PORT [HOST]]
--
-- The first line is one's name, each other one is told to everybody. A client
-- that does not read what it is told holds up nobody, and is put out.

local Socket = require "socket"

local MOST = 500 -- clients at a time
local MOST_LINE = 1000 -- bytes
local MOST_PENDING = 1000 -- lines that a client may be behind
local PATIENCE = 60 -- seconds that a client may take for its name, or to read

local port, host = arg[1] or "7778", arg[2]

-- Who is there: name -> client
local present = {}

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    print("listening on " .. sock:local_address():inspect_sockaddr())
  end
  io.stdout:flush()
end

-- Sends a client what has piled up, by one system call. This is a task that
-- lives as long as there is anything to send.
local function deliver(client)
  while client.pending[1] do
    local lines = client.pending
    client.pending = {}
    if not client.sock:write(lines) then client.sock:close() end
  end
  client.delivery = nil
end

-- Tells a client a line, without waiting for it. Closing its socket wakes the
-- task that reads from it, which then says that it has left.
local function tell(client, line)
  table.insert(client.pending, line .. "\n")
  if #client.pending > MOST_PENDING then
    client.sock:close()
  elseif not client.delivery then
    client.delivery = Socket.schedule(deliver, client)
  end
end

local function tell_all(...)
  local line = string.format(...)
  for _, client in pairs(present) do
    tell(client, line)
  end
end

-- A line without its end and what could play tricks on a terminal; nil when
-- the client is gone. A longer one comes as several.
local function read_line(sock)
  local line = sock:gets("\n", MOST_LINE, { timeout = math.huge })
  return line and line:gsub("%c", "")
end

-- The name that a client chooses, or nil if it goes away.
local function ask_name(sock)
  while sock:write("Your name? ") do
    local name = read_line(sock)
    if not name then return nil end
    if #name > 20 or not name:find("^[%w_-]+$") then
      sock:write("A name is 1 to 20 letters, digits, - or _.\n")
    elseif present[name] then
      sock:write("There is a ", name, " already.\n")
    else
      return name
    end
  end
end

local function names()
  local list = {}
  for name in pairs(present) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- One client, in a task of its own.
local function serve(sock)
  local _ <close> = sock
  sock:set_timeout(PATIENCE)
  sock:setsockopt("SOCKET", "KEEPALIVE", true) -- tells of a peer cut off
  local name = Socket.with_timeout(PATIENCE, ask_name, sock)
  if not name then return end

  local client = { sock = sock, pending = {}, delivery = nil }
  present[name] = client
  tell_all("* %s has come: %s", name, names())
  for line in read_line, sock do
    tell_all("%s: %s", name, line)
  end
  present[name] = nil
  tell_all("* %s has left", name)
  if client.delivery then client.delivery:join() end -- it may still read
end

assert(Socket.tcp_server_loop(host, port,
  { concurrency = MOST, listening = announce }, serve))
