-- An HTTP/1.1 file server with keep-alive, for many clients at a time.
--
--   http_server.lua [ROOT [PORT [HOST [SECONDS]]]]
--
-- SECONDS (5) bound how long a client may stay idle, take for the head of a
-- request, or stall in a response. No path leads out of ROOT, but symbolic
-- links in it are followed: who can write there decides what is served.

local Socket = require "socket"

local MOST = 400 -- clients at a time, each with a file open, too
local MOST_HEAD = 8192 -- bytes of a request
local PIECE = 1 << 18 -- bytes that a client has to take within SECONDS
local REASONS = { [200] = "OK", [301] = "Moved Permanently",
  [400] = "Bad Request", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [408] = "Request Timeout",
  [431] = "Request Header Fields Too Large", [503] = "Service Unavailable" }
local FAILURES = { [Socket.Errno.EACCES] = 403, [Socket.Errno.EMFILE] = 503,
  [Socket.Errno.ENFILE] = 503 } -- of opening a file; else 404
local TYPES = { css = "text/css", html = "text/html; charset=utf-8",
  jpg = "image/jpeg", js = "text/javascript", json = "application/json",
  png = "image/png", svg = "image/svg+xml", txt = "text/plain; charset=utf-8" }
local NO_REQUEST = { method = "-", target = "-", keep = false }

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

-- Reads the head of a request: head | nil, status; no status: no request.
local function read_head(sock)
  local head, err = sock:gets("\r\n\r\n", MOST_HEAD)
  if not head then return nil, err == Socket.TIMEOUT and 408 or nil end
  if head:sub(-4) == "\r\n\r\n" then return head end
  return nil, #head >= MOST_HEAD and 431 or nil
end

-- Takes a head apart: request[, status of what is wrong with it]
local function parse(head)
  local method, target, version, lines =
    head:match("^(%u+) ([^%s%c]+) HTTP/(1%.%d)\r\n(.*)\r\n$")
  if not method then return NO_REQUEST, 400 end
  local fields = {}
  for line in lines:gmatch("(.-)\r\n") do
    local name, value = line:match("^([^%s:]+):%s*(.-)%s*$")
    if not name then return NO_REQUEST, 400 end
    fields[name:lower()] = value
  end
  if version ~= "1.0" and not fields.host then return NO_REQUEST, 400 end
  return { method = method, target = target, keep = keeps(version, fields) }
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

-- Finds what to answer with: file, path | nil, status[, location]
local function find(request)
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return nil, 405
  end
  local target = request.target:gsub("^%a+://[^/?#]*/?", "/"):gsub("[?#].*", "")
  local path, failure = path_of(target)
  if not path then return nil, failure end
  local is_folder = path:sub(-1) == "/"
  if is_folder then path = path .. "index.html" end
  local file, _, errno = io.open(root .. path, "rb")
  if not file then return nil, FAILURES[errno] or 404 end
  if not select(3, file:read(0)) then return file, path end
  file:close() -- a folder can be opened, but not read
  if is_folder then return nil, 404 end
  return nil, 301, target:gsub("^/*", "/") .. "/"
end

-- Copies a file inside the kernel: whether all of it. Each piece has its time:
-- a slow client gets the file, one that stalls does not hold it.
local function copy(file, sock, left)
  file:seek("set")
  while left > 0 do
    local sent = Socket.copy_stream(file, sock, math.min(left, PIECE))
    if not sent or sent == 0 then return false end
    left = left - sent
  end
  return true
end

-- The head of a response.
local function head_of(request, status, length, fields)
  local lines = { ("HTTP/1.1 %d %s"):format(status, REASONS[status]),
    os.date("!Date: %a, %d %b %Y %H:%M:%S GMT"), "Content-Length: " .. length,
    "Connection: " .. (request.keep and "keep-alive" or "close") }
  for name, value in pairs(fields) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Answers with a file: whether all is sent.
local function send_file(sock, request, file, path)
  local _ <close> = file
  local length, kind = file:seek("end"), TYPES[path:match("%.(%w+)$")]
  local ok = sock:write(head_of(request, 200, length,
    { ["Content-Type"] = kind or "application/octet-stream" }))
  if not ok or request.method == "HEAD" then return ok end
  return copy(file, sock, length)
end

-- Answers with a status alone: whether all is sent.
local function refuse(sock, request, status, location)
  local text = ("%d %s\n"):format(status, REASONS[status])
  local head = head_of(request, status, #text, { ["Location"] = location,
    ["Allow"] = status == 405 and "GET, HEAD" or nil,
    ["Content-Type"] = TYPES.txt })
  return sock:write(head, request.method == "HEAD" and "" or text)
end

-- Answers a request, or its failure: status, whether all is sent
local function answer(sock, request, failure)
  if failure then return failure, refuse(sock, request, failure) end
  local file, found, location = find(request)
  if file then return 200, send_file(sock, request, file, found) end
  return found, refuse(sock, request, found, location)
end

-- Serves a request: whether there can be another.
local function serve_one(sock, peer)
  local request, head, failure = NO_REQUEST, read_head(sock)
  if not head and not failure then return false end
  if head then request, failure = parse(head) end
  local status, ok = answer(sock, request, failure)
  print(peer:ip_address(), request.method, request.target, status,
    ok and "" or "cut off")
  return ok and request.keep
end

-- One client, in a task of its own.
local function serve(sock, peer)
  local _ <close> = sock
  sock:set_timeout(seconds)
  sock:setsockopt("TCP", "NODELAY", true) -- a file follows its head at once
  repeat
    if sock:is_eof() ~= false then return end -- idle too long, or gone
  until not serve_one(sock, peer)
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
