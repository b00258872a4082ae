-- A UDP time server, and its client.
--
--   time_server.lua [PORT [HOST]]
--   time_server.lua --ask HOST [PORT]
--
-- An empty datagram is answered as the Time Protocol says (RFC 868), by the
-- seconds since 1900 in four bytes, and "text" by the time as a line. Nothing
-- else gets an answer, in particular no answer: two servers of which somebody
-- tells each that the other has asked would never stop.

local Socket = require "socket"

local PORT = "7780"
local EPOCH = 2208988800 -- 1970 in seconds since 1900
local TRIES, PATIENCE = 3, 1 -- how often to ask, and seconds to wait each time

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    print("listening on " .. sock:local_address():inspect_sockaddr())
  end
  io.stdout:flush()
end

local function answer(message, source)
  if message == "" then
    source:reply(string.pack(">I4", (os.time() + EPOCH) & 0xffffffff))
  elseif message:find("^text\r?\n?$") then
    source:reply(os.date("!%Y-%m-%dT%H:%M:%SZ\n"))
  end
end

-- Asks at an address: seconds since 1970 | nil, err
local function ask_at(address)
  local sock <close>, err = address:connect()
  if not sock then return nil, err end
  for _ = 1, TRIES do
    local message
    message, err = sock:send("", 0)
    if message then message, err = sock:recv(nil, { timeout = PATIENCE }) end
    if message and #message == 4 then
      local since_1970 = string.unpack(">I4", message) - EPOCH
      return since_1970 < 0 and since_1970 + (1 << 32) or since_1970
    end
    err = err or "not a time"
  end
  return nil, err
end

-- Asks at each address of a host until one answers.
local function ask(host, port)
  local list, err = Socket.Addrinfo.getaddrinfo(host, port, nil, "DGRAM")
  for _, address in ipairs(list or {}) do
    local seconds
    seconds, err = ask_at(address)
    if seconds then return seconds end
  end
  return nil, err
end

if arg[1] ~= "--ask" then
  assert(Socket.udp_server_loop(arg[2], arg[1] or PORT,
    { listening = announce }, answer))
else
  local host, port = arg[2] or "localhost", arg[3] or PORT
  local seconds, err = ask(host, port)
  if not seconds then
    io.stderr:write(host, " port ", port, ": ", tostring(err), "\n")
    os.exit(1)
  end
  print(os.date("!%Y-%m-%d %H:%M:%S UTC", seconds))
end
