-- The constructors that make an object around a new fd, or one from elsewhere.

local classes = require "socket.class"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local native = require "socket.native"

local open_pair = native.open.pair
local open_socket = native.open.socket
local from_fd = native.open.from_fd
local wrap_fd = native.open.for_fd

local blame, opened = keywords.blame, guard.opened

local Socket, UNIXSocket = classes.Socket, classes.UNIXSocket

local open = {}

-- A function that makes sockets of the class of that name:
-- maker(name)(domain, type, protocol) -> socket | nil, err, errno
function open.maker(name)
  return function(domain, type, protocol)
    return open_socket(name, domain, type, protocol)
  end
end

-- With a block: both sockets are passed to it, then closed.
local function pair_opened(fn, first, second, errno)
  if not first or not fn then return first, second, errno end
  local _ <close> = guard.owned(first, second)
  return fn(first, second)
end

-- The function for the arguments: an fd may have keywords beside it.
local function maker_for(first, second, ...)
  if type(first) ~= "number" or select("#", ...) > 0 then return open_socket end
  local is_alone = second == nil or type(second) == "table"
  return is_alone and from_fd or open_socket
end

local function new(fn, ...)
  return opened(fn, blame("new", 1, pcall(maker_for(...), "Socket", ...)))
end

--- Makes a socket. Answers to Ruby's `Socket.new` and Erlang's `socket:open`.
--
-- With an fd in place of the domain, it is an object for a socket from
-- elsewhere, of which it has a copy; the fd stays the caller's. With `dup =
-- false` it uses the fd itself, and leaves it open when it closes. What the
-- system cannot tell of the fd, `domain`, `type` and `protocol` do.
-- @function Socket.new
-- @tparam string|integer domain "INET", "INET6", "UNIX", ..., or an fd
-- @tparam string|integer socktype "STREAM", "DGRAM", ...; left out after an fd
-- @tparam[opt=0] string|integer protocol "tcp", ..., "default"
-- @tparam[opt] table opts `netns`: the path of the network namespace that the
-- socket is to be of; `use_registry`: whether `which_sockets` lists it;
-- `debug`: the option of that name, which is only kept. After an fd: `dup`,
-- `domain`, `type`, `protocol`, `use_registry`, `debug`
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the socket, or what `fn` returns
-- @error nil, err, errno
function Socket.new(...)
  return new(keywords.block(...))
end

Socket.open = Socket.new

local function pair(fn, domain, socktype, protocol)
  return pair_opened(fn, blame("pair", 1, pcall(open_pair, "Socket",
    domain or "UNIX", socktype or "STREAM", protocol)))
end

--- Makes two sockets that are connected to each other. Answers to Ruby's
-- `Socket.pair`.
-- @function Socket.pair
-- @tparam[opt="UNIX"] string|integer domain
-- @tparam[opt="STREAM"] string|integer socktype
-- @tparam[opt=0] string|integer protocol
-- @tparam[opt] function fn is called with both, which are closed then
-- @treturn Socket one
-- @treturn Socket the other
-- @error nil, err, errno
function Socket.pair(...)
  return pair(keywords.block(...))
end

Socket.socketpair = Socket.pair

local function unix_pair(fn, socktype, protocol)
  return pair_opened(fn, blame("pair", 2, pcall(open_pair, "UNIXSocket", "UNIX",
    socktype or "STREAM", protocol)))
end

--- Makes two unix sockets that are connected to each other. Answers to Ruby's
-- `UNIXSocket.pair`.
-- @function UNIXSocket.pair
-- @tparam[opt="STREAM"] string|integer socktype
-- @tparam[opt=0] string|integer protocol
-- @tparam[opt] function fn is called with both, which are closed then
-- @treturn UNIXSocket one
-- @treturn UNIXSocket the other
-- @error nil, err, errno
function UNIXSocket.pair(...)
  return unix_pair(keywords.block(...))
end

UNIXSocket.socketpair = UNIXSocket.pair

--- Takes in an fd from elsewhere, which the object owns from then on. Answers
-- to Ruby's `BasicSocket.for_fd`.
-- @function BasicSocket.for_fd
-- @tparam integer fd
-- @treturn BasicSocket an object of that class
-- @error nil, err, errno: `EBADF`; the fd stays the caller's
for name, class in pairs(classes) do
  function class.for_fd(fd)
    return blame("for_fd", 1, pcall(wrap_fd, name, fd))
  end
end

return open
