-- UNIXSocket's constructor and its text.

local classes = require "socket.class"
local connect = require "socket.connect"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo = native.Addrinfo
local BasicSocket, UNIXSocket = classes.BasicSocket, classes.UNIXSocket
local MOST_PATH = native.path.MOST

local make = open.maker "UNIXSocket"

local NEW = { name = "new", keywords = { timeout = "seconds" } }

--- Connects to a unix socket. Answers to Ruby's `UNIXSocket.new`.
-- @function UNIXSocket.new
-- @tparam string path one that begins with a zero byte is abstract
-- @tparam[opt] table opts `timeout` in seconds
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn UNIXSocket the connection, or what `fn` returns
-- @error nil, err, errno
function UNIXSocket.new(...)
  local args, opts, fn = keywords.split(NEW, ...)
  keywords.check_path(args[1], MOST_PATH, 1, NEW.name)
  local sock, err, errno = connect.attempt(make, Addrinfo.unix(args[1]), nil,
    opts.timeout)
  if sock then return guard.using(sock, fn) end
  return hosterror.about_path(err, errno, args[1])
end

UNIXSocket.open = UNIXSocket.new

-- The paths that sockets were asked for: their text shows them from then on.
local asked = setmetatable({}, { __mode = "k" })

--- The socket's own path, "" if it has none. Answers to Ruby's
-- `UNIXSocket#path`.
-- @function UNIXSocket:path
-- @treturn string
-- @error nil, err, errno
function UNIXSocket:path()
  keywords.check_socket(self, "path")
  local address, err, errno = self:local_address()
  if not address then return nil, err, errno end
  asked[self] = address:unix_path()
  return asked[self]
end

--- The socket's text: with its path, if it has one or was asked for it. Answers
-- to Ruby's `inspect`.
-- @function UNIXSocket:inspect
-- @treturn string `"#<UNIXServer:/path>"` or `"#<UNIXSocket:fd 5>"`
function UNIXSocket:inspect()
  keywords.check_socket(self, "inspect")
  local text = BasicSocket.inspect(self)
  if self:is_closed() then return text end
  local path = asked[self]
  return path and text:gsub(":fd %d+>$", function()
    return ":" .. path .. ">"
  end) or text
end
