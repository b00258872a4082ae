-- What every socket has beside its methods in C: its class, its text, the end
-- of a `<close>` variable.

local classes = require "socket.class"
local keywords = require "socket.keywords"
local native = require "socket.native"

local BasicSocket = classes.BasicSocket

--- Whether the socket is of that class or of one that inherits from it. Answers
-- to Ruby's `is_a?`.
-- @function BasicSocket:is_a
-- @tparam table class `Socket.IPSocket`, ...
-- @treturn boolean
function BasicSocket:is_a(class)
  keywords.check_socket(self, "is_a")
  if type(class) ~= "table" then
    keywords.complain(1, "is_a", "class expected, got " .. type(class))
  end
  local ancestor = getmetatable(self).__index
  while ancestor and ancestor ~= class do
    ancestor = getmetatable(ancestor).__index
  end
  return ancestor == class
end

-- "TCPSocket" for an object of that class.
local function class_name(sock)
  return (getmetatable(sock).__name:gsub("^socket%.", ""))
end

--- The socket's text, which `tostring` gives, too. Answers to Ruby's
-- `IO#inspect`.
-- @function BasicSocket:inspect
-- @treturn string `"#<Socket:fd 5>"`, or `"#<Socket:(closed)>"`
function BasicSocket:inspect()
  keywords.check_socket(self, "inspect")
  local name = class_name(self)
  if self:is_closed() then return ("#<%s:(closed)>"):format(name) end
  return ("#<%s:fd %d>"):format(name, self:fileno())
end

--- The file that the object was opened with: none. Unix sockets have one.
-- Answers to Ruby's `IO#path`.
-- @function BasicSocket:path
-- @treturn nil
function BasicSocket:path()
  keywords.check_socket(self, "path")
  return nil
end

local function tostring_(sock)
  return sock:inspect()
end

-- The error that a `<close>` variable's scope ends with is no argument.
local function close(sock)
  sock:close()
end

for _, metatable in pairs(native.metatables) do
  metatable.__tostring = tostring_
  metatable.__close = close
end
