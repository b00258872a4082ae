-- Fetches a page and prints it; the status line goes to standard error.
--
--   http_get.lua [--head] http://HOST[:PORT][/PATH]
--
-- The exit status is 0 for a response of the 200s.

local Socket = require "socket"

local TIMEOUT = 10

local function fail(...)
  io.stderr:write(table.concat({ ... }), "\n")
  os.exit(1)
end

-- Takes "http://[::1]:8080/path" apart.
local function parse(url)
  local authority, path = url:match("^http://([^/?#]+)([^#]*)")
  if not authority then fail("not a URL: ", url) end
  local host, port = authority:match("^%[(.+)%]:?(%d*)$")
  if not host then host, port = authority:match("^([^:]+):?(%d*)$") end
  if not host then fail("not a host: ", authority) end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return host, port ~= "" and port or "80", path, authority
end

-- Sends the request and prints the response: the status.
local function fetch(sock, method, path, authority)
  sock:set_timeout(TIMEOUT)
  assert(sock:write(method, " ", path, " HTTP/1.0\r\nHost: ", authority,
    "\r\n\r\n"))
  local status_line = assert(sock:readline({ chomp = true }))
  io.stderr:write(status_line, "\n")
  repeat
    local line = assert(sock:readline({ chomp = true }))
  until line == ""
  repeat
    local bytes, err = sock:readpartial(65536)
    if bytes then
      io.stdout:write(bytes)
    elseif err.name ~= "EOFError" then
      error(err)
    end
  until not bytes
  return tonumber(status_line:match("^HTTP/%d%.%d (%d%d%d)"))
end

local is_head = arg[1] == "--head"
local url = arg[is_head and 2 or 1]
if not url then fail("usage: http_get.lua [--head] URL") end

local host, port, path, authority = parse(url)
local status, err = Socket.tcp(host, port, { open_timeout = TIMEOUT },
  function(sock)
    return fetch(sock, is_head and "HEAD" or "GET", path, authority)
  end)
if not status then fail(tostring(err or "not an HTTP response")) end
os.exit(status // 100 == 2)
