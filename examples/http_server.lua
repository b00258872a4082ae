-- An HTTP/1.1 file server with keep-alive, for many clients at a time.
--
--   http_server.lua [ROOT [PORT [HOST [SECONDS]]]]
--
-- SECONDS (5) bound how long a client may stay idle, take for the head of a
-- request, or stall in a response. No path leads out of ROOT, but links do.

local Socket = require "socket"

local MOST = 400 -- clients at a time, each with a file open, too
local MOST_HEAD = 8192 -- bytes of a request
local PIECE = 1 << 18 -- bytes that a client has to take within SECONDS
local HEAD = "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Length: %d\r\n\z
  Connection: %s\r\n%s\r\n"
local REASONS = { [200] = "OK", [301] = "Moved Permanently",
  [400] = "Bad Request", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [408] = "Request Timeout",
  [431] = "Request Header Fields Too Large" }
local TYPES = { css = "text/css", html = "text/html; charset=utf-8",
  js = "text/javascript", png = "image/png", txt = "text/plain" }

local root, port, host = arg[1] or ".", arg[2] or "8080", arg[3]
local seconds = assert(tonumber(arg[4] or 5), "SECONDS are not a number")
local listening -- the sockets, which are closed when the process is to end

-- Whether the connection can go on after a request.
local function keeps(version, fields)
  local wish = (fields.connection or ""):lower()
  local has_body = fields["content-length"] or fields["transfer-encoding"]
  return not has_body and not wish:find("close", 1, true)
    and (version ~= "1.0" or wish:find("keep-alive", 1, true) ~= nil)
    and not listening[1]:is_closed()
end

-- Takes the head of a request apart; nil: it is none.
local function parse(head)
  local method, target, version, lines =
    head:match("^(%u+) ([^%s%c]+) HTTP/(1%.%d)\r\n(.*)\r\n$")
  local fields = {}
  for line in (lines or ""):gmatch("(.-)\r\n") do
    local name, value = line:match("^([^%s:]+):%s*(.-)%s*$")
    if not name then return nil end
    fields[name:lower()] = value
  end
  if version ~= "1.0" and not fields.host then return nil end
  return { method = method, target = target, keep = keeps(version, fields) }
end

-- Reads a request: request | nil, status; no status: the client has gone.
local function read_request(sock)
  if sock:is_eof() ~= false then return nil end -- or was idle too long
  local head, err = sock:gets("\r\n\r\n", MOST_HEAD)
  if not head then return nil, err == Socket.TIMEOUT and 408 or nil end
  if head:sub(-4) == "\r\n\r\n" then return parse(head), 400 end
  return nil, #head >= MOST_HEAD and 431 or nil
end

-- The path below ROOT that a target names: path | nil, status
local function path_of(target)
  if target:gsub("%%%x%x", ""):find("%", 1, true) then return nil, 400 end
  local path = target:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  if path:find("^[^/]") or path:find("\0", 1, true) then return nil, 400 end
  if (path .. "/"):find("/../", 1, true) then return nil, 403 end
  return path
end

-- What to answer a request with: status[, a field of the head[, file]]
local function find(request)
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return 405, "Allow: GET, HEAD\r\n"
  end
  local target = request.target:gsub("^%a+://[^/?#]*/?", "/"):gsub("[?#].*", "")
  local path, failure = path_of(target)
  if not path then return failure end
  local is_folder = path:sub(-1) == "/"
  if is_folder then path = path .. "index.html" end
  local file = io.open(root .. path, "rb")
  if not file then return 404 end
  if not select(3, file:read(0)) then
    local kind = TYPES[path:match("%.(%w+)$")] or "application/octet-stream"
    return 200, "Content-Type: " .. kind .. "\r\n", file
  end
  file:close() -- a folder can be opened, but not read
  if is_folder then return 404 end
  return 301, "Location: " .. target:gsub("^/*", "/") .. "/\r\n"
end

-- Answers a request: whether all is sent.
local function answer(sock, request, status, field, file)
  local _ <close> = file
  local length = file and file:seek("end") or 0
  local ok = sock:write(HEAD:format(status, REASONS[status],
    os.date("!%a, %d %b %Y %H:%M:%S GMT"), length,
    request.keep and "keep-alive" or "close", field or ""))
  if not file or request.method == "HEAD" then return ok end
  file:seek("set")
  for left = length, 1, -PIECE do -- the kernel copies; each piece has its time
    local count = math.min(left, PIECE)
    ok = ok and Socket.copy_stream(file, sock, count) == count
  end
  return ok
end

-- One client, in a task of its own.
local function serve(sock, peer)
  local _ <close> = sock
  sock:set_timeout(seconds)
  sock:setsockopt("TCP", "NODELAY", true) -- a file follows its head at once
  repeat
    local request, status, field, file = read_request(sock)
    if not request and not status then return end
    if request then status, field, file = find(request) end
    request = request or { method = "-", target = "-", keep = false }
    local ok = answer(sock, request, status, field, file)
    print(peer:ip_address(), request.method, request.target, status,
      ok and "" or "cut off")
  until not ok or not request.keep
  -- A close with bytes unread would reset the connection, and lose the answer.
  if sock:close_write() then sock:read(1 << 20, { timeout = 1 }) end
end

assert(Socket.tcp_server_loop(host, port, { concurrency = MOST,
  listening = function(sockets)
    listening = sockets
    io.stdout:setvbuf("line")
    for _, sock in ipairs(sockets) do
      print("listening on " .. sock:local_address():inspect_sockaddr())
    end
  end }, serve))
