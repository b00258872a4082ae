-- Addrinfo's methods that open sockets.

local connect = require "socket.connect"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local listen = require "socket.listen"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo = native.Addrinfo
local blame, opened = keywords.blame, guard.opened
local table_unpack = table.unpack

local make = open.maker "Socket"

-- The names of the functions, and their keywords.
local CONNECT = { name = "connect", keywords = { timeout = "seconds" } }
local FROM = { name = "connect_from", keywords = CONNECT.keywords }
local TO = { name = "connect_to", keywords = CONNECT.keywords }
local BIND = { name = "bind", keywords = listen.KEYWORDS }
local LISTEN = { name = "listen", keywords = listen.KEYWORDS }

-- The other end's address, of this one's family and type.
local function other_end(self, name, args)
  return blame(name, 1, pcall(self.family_addrinfo, self,
    table_unpack(args, 1, args.n)))
end

--- Connects a new socket to this address. Answers to Ruby's
-- `Addrinfo#connect`.
-- @function Addrinfo:connect
-- @tparam[opt] table opts `timeout` in seconds
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno
function Addrinfo:connect(...)
  keywords.check_addrinfo(self, 1, "connect")
  local _, opts, fn = keywords.split(CONNECT, ...)
  return opened(fn, connect.attempt(make, self, nil, opts.timeout))
end

--- Connects a new socket to this address from a local one. Answers to Ruby's
-- `Addrinfo#connect_from`.
-- @function Addrinfo:connect_from
-- @param ... host and port, or a path, or an address
-- @tparam[opt] table opts `timeout` in seconds
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno
function Addrinfo:connect_from(...)
  keywords.check_addrinfo(self, 1, "connect_from")
  local args, opts, fn = keywords.split(FROM, ...)
  local from, err, errno = other_end(self, FROM.name, args)
  if not from then return nil, err, errno end
  return opened(fn, connect.attempt(make, self, from, opts.timeout))
end

--- Connects a new socket that is bound to this address to a remote one. Answers
-- to Ruby's `Addrinfo#connect_to`.
-- @function Addrinfo:connect_to
-- @param ... host and port, or a path, or an address
-- @tparam[opt] table opts `timeout` in seconds
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the connection, or what `fn` returns
-- @error nil, err, errno
function Addrinfo:connect_to(...)
  keywords.check_addrinfo(self, 1, "connect_to")
  local args, opts, fn = keywords.split(TO, ...)
  local to, err, errno = other_end(self, TO.name, args)
  if not to then return nil, err, errno end
  return opened(fn, connect.attempt(make, to, self, opts.timeout))
end

--- Makes a socket that is bound to this address, which may be in use by closed
-- connections. Answers to Ruby's `Addrinfo#bind`.
-- @function Addrinfo:bind
-- @tparam[opt] table opts `reuseport` as for `TCPServer.new`
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the socket, or what `fn` returns
-- @error nil, err, errno
function Addrinfo:bind(...)
  keywords.check_addrinfo(self, 1, "bind")
  local _, opts, fn = keywords.split(BIND, ...)
  return opened(fn, listen.bound(make, self, opts))
end

--- Makes a socket that takes connections at this address. Answers to Ruby's
-- `Addrinfo#listen`.
-- @function Addrinfo:listen
-- @tparam[opt] integer backlog how many may wait to be accepted; the most that
-- the system allows when left out
-- @tparam[opt] table opts `reuseport` as for `TCPServer.new`
-- @tparam[opt] function fn is called with the socket, which is closed then
-- @treturn Socket the socket, or what `fn` returns
-- @error nil, err, errno
function Addrinfo:listen(...)
  keywords.check_addrinfo(self, 1, "listen")
  local args, opts, fn = keywords.split(LISTEN, ...)
  opts.backlog = keywords.check_int(args[1], 1, "listen")
  return opened(fn, listen.listening(make, self, opts))
end

-- The list once the block has had each of it, or an iterator over it.
local function each(fn, list, ...)
  if not list then return nil, ... end
  if fn then
    for _, addrinfo in ipairs(list) do
      fn(addrinfo)
    end
    return list
  end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

local function foreach(fn, ...)
  return each(fn, blame("foreach", 0, pcall(Addrinfo.getaddrinfo, ...)))
end

--- Looks up addresses and calls a function with each, in order. Answers to
-- Ruby's `Addrinfo.foreach`.
-- @function Addrinfo.foreach
-- @param ... as for `Addrinfo.getaddrinfo`
-- @tparam[opt] function fn is called with each Addrinfo
-- @return the list; without a function, an iterator for `for`
-- @error nil, err, errno
function Addrinfo.foreach(...)
  return foreach(keywords.block(...))
end
