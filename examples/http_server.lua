-- An HTTP file server: serves a folder over IPv4 and IPv6, one request after
-- the other.
--
--   http_server.lua [--host HOST] [--port N] [--root DIR] [--requests N]
--                   [--timeout SECONDS]
--
-- It ends after that many requests, or never.

local Socket = require "socket"

local MOST_HEAD = 8192 -- bytes of a request line and its header
local CHUNK = 65536
local LINGER = 1 -- seconds that a client may take to read the response

local REASONS = {
  [200] = "OK",
  [301] = "Moved Permanently",
  [400] = "Bad Request",
  [403] = "Forbidden",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [408] = "Request Timeout",
  [431] = "Request Header Fields Too Large",
  [505] = "HTTP Version Not Supported",
}

local TYPES = {
  css = "text/css; charset=utf-8",
  gif = "image/gif",
  html = "text/html; charset=utf-8",
  jpg = "image/jpeg",
  js = "text/javascript; charset=utf-8",
  json = "application/json",
  md = "text/markdown; charset=utf-8",
  pdf = "application/pdf",
  png = "image/png",
  svg = "image/svg+xml",
  txt = "text/plain; charset=utf-8",
}

-- Reads --name value pairs over the defaults.
local function options(defaults, words)
  for i = 1, #words, 2 do
    local name = words[i]:match("^%-%-(%a+)$")
    if not name or defaults[name] == nil or not words[i + 1] then
      io.stderr:write("unknown or incomplete option ", words[i], "\n")
      os.exit(2)
    end
    defaults[name] = words[i + 1]
  end
  return defaults
end

local settings = options({
  host = false, -- every address of this machine
  port = "8080",
  root = ".",
  requests = "inf",
  timeout = "5",
}, arg)

local TIMEOUT = tonumber(settings.timeout)

-- Decodes %41; nil when it is malformed or hides a zero byte.
local function decode(text)
  local decoded = text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  local marks = select(2, text:gsub("%%", ""))
  local valid = select(2, text:gsub("%%%x%x", ""))
  if marks ~= valid or decoded:find("\0", 1, true) then return nil end
  return decoded
end

-- The path that a request's target names, decoded.
local function path_of(target)
  local path = target:gsub("[?#].*$", "")
  return path:sub(1, 1) == "/" and decode(path) or nil
end

-- Whether a path climbs out of the folder.
local function climbs(path)
  for segment in path:gmatch("[^/]+") do
    if segment == ".." then return true end
  end
  return false
end

-- The head of a request, up to the empty line: head | nil, status. A client
-- that goes away before that gets no status.
local function read_head(sock)
  local head, err = sock:gets("\r\n\r\n", MOST_HEAD, { timeout = TIMEOUT })
  if not head then return nil, err == Socket.TIMEOUT and 408 or nil end
  if head:sub(-4) == "\r\n\r\n" then return head end
  return nil, #head >= MOST_HEAD and 431 or nil
end

-- A request from its head: request | nil, status
local function parse(head)
  local method, target, version, fields =
    head:match("^(%u+) (%S+) HTTP/(%d%.%d)\r\n(.*)$")
  if not method then return nil, 400 end
  if version:sub(1, 1) ~= "1" then return nil, 505 end
  target = target:gsub("^%a+://[^/?#]*/?", "/")
  local has_host = ("\r\n" .. fields:lower()):find("\r\nhost:", 1, true)
  local path = path_of(target)
  if not path or version ~= "1.0" and not has_host then return nil, 400 end
  return { method = method, target = target, path = path }
end

local EACCES, EISDIR = Socket.Errno.EACCES, Socket.Errno.EISDIR

-- Opens what is at a path below the root: file | nil, status, "directory"
local function open(path)
  local file, _, failure = io.open(settings.root .. path, "rb")
  if not file then return nil, failure == EACCES and 403 or 404 end
  local _, _, errno = file:read(0)
  if not errno and file:seek("end") then return file end
  file:close()
  return nil, 403, errno == EISDIR and "directory" or nil
end

-- The file to serve for a path: file, path | nil, status, location
local function find(request)
  if climbs(request.path) then return nil, 403 end
  local path = request.path
  local is_folder = path:sub(-1) == "/"
  if is_folder then path = path .. "index.html" end
  local file, status, kind = open(path)
  if file then return file, path end
  if is_folder and select(3, open(request.path)) then return nil, 403 end
  if kind == "directory" and not is_folder then
    local target, query = request.target:match("^([^?#]*)(.*)$")
    return nil, 301, "/" .. target:gsub("^/+", "") .. "/" .. query
  end
  return nil, status
end

-- The head of a response.
local function response(status, fields)
  local lines = { ("HTTP/1.1 %d %s"):format(status, REASONS[status]) }
  fields["Connection"] = "close"
  fields["Date"] = os.date("!%a, %d %b %Y %H:%M:%S GMT")
  fields["Server"] = "sockeye"
  for name, value in pairs(fields) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Sends a response that has only its status to say.
local function send_status(sock, status, location, method)
  local body = ("%d %s\n"):format(status, REASONS[status])
  local head = response(status, {
    ["Allow"] = status == 405 and "GET, HEAD" or nil,
    ["Content-Length"] = #body,
    ["Content-Type"] = TYPES.txt,
    ["Location"] = location,
  })
  return sock:write(head, method ~= "HEAD" and body or "")
end

-- Sends a file.
local function send_file(sock, file, path, method)
  local extension = path:match("%.(%w+)$")
  local length = file:seek("end")
  file:seek("set")
  local head = response(200, {
    ["Content-Length"] = length,
    ["Content-Type"] = TYPES[extension] or "application/octet-stream",
  })
  if method == "HEAD" then return sock:write(head) end
  local ok, err = sock:write(head, file:read(CHUNK) or "")
  for chunk in file:lines(CHUNK) do
    if not ok then break end
    ok, err = sock:write(chunk)
  end
  return ok, err
end

-- Answers a request: the status, then true or a count | nil, err
local function answer(sock, request)
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return 405, send_status(sock, 405)
  end
  local file, found, location = find(request)
  if not file then
    return found, send_status(sock, found, location, request.method)
  end
  local _ <close> = file
  return 200, send_file(sock, file, found, request.method)
end

-- Ends the response, then waits a moment for the client to have read it: a
-- close with bytes unread would reset the connection and lose the rest.
local function finish(sock)
  if not sock:close_write() then return end
  for _ = 1, 16 do
    if not sock:readpartial(CHUNK, { timeout = LINGER }) then return end
  end
end

-- The request: request | nil, status; without a status there was none.
local function read_request(sock)
  local head, status = read_head(sock)
  if not head then return nil, status end
  return parse(head)
end

-- One connection, one request: the line for the log.
local function handle(sock)
  sock:set_timeout(TIMEOUT)
  local request, status = read_request(sock)
  local ok, err = true, nil
  if request then
    status, ok, err = answer(sock, request)
  elseif status then
    ok, err = send_status(sock, status)
  end
  finish(sock)
  request = request or { method = "-", target = "-" }
  local failure = ok and "" or " (" .. tostring(err) .. ")"
  return ("%s %s %s%s"):format(request.method, request.target, status or "-",
    failure):gsub("%c", "?")
end

local function say(...)
  io.stdout:write(table.concat({ ... }), "\n")
  io.stdout:flush()
end

local function announce(sockets)
  for _, sock in ipairs(sockets) do
    say("listening on ", sock:local_address():inspect_sockaddr())
  end
end

local left = tonumber(settings.requests) or math.huge

local function serve(sock, peer)
  local _ <close> = sock
  say(peer:ip_address(), " ", (handle(sock)))
  left = left - 1
  if left <= 0 then return Socket.BREAK end
end

assert(Socket.tcp_server_loop(settings.host or nil, settings.port,
  { listening = announce }, serve))
