-- TCPServer's constructor.

local classes = require "socket.class"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local listen = require "socket.listen"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo, TCPServer = native.Addrinfo, classes.TCPServer

local make = open.maker "TCPServer"

local NEW = { name = "new", keywords = listen.KEYWORDS }

-- Listens at the first address that can be used.
local function listen_at(host, port, opts)
  local addrinfos, err, errno = Addrinfo.getaddrinfo(host, port, nil, "STREAM",
    nil, "PASSIVE")
  if not addrinfos then return nil, err, errno end
  opts.ipv6only = false -- as the system has it
  local server
  for _, addrinfo in ipairs(addrinfos) do
    server, err = listen.listening(make, addrinfo, opts)
    if server then return server end
  end
  return hosterror.about(err, host, port)
end

--- Makes a socket that takes TCP connections at the host's first address.
-- Answers to Ruby's `TCPServer.new`.
-- @function TCPServer.new
-- @tparam[opt] string host without it, every address of the first family
-- @tparam integer|string port 0: a free one
-- @tparam[opt] table opts `reuseport`: whether other sockets may share the port
-- (by default in a worker of `sockeye --workers`, if the port is not 0)
-- @tparam[opt] function fn is called with the server, which is closed then
-- @treturn TCPServer the server, or what `fn` returns
-- @error nil, err, errno
function TCPServer.new(...)
  local args, opts, fn = keywords.split(NEW, ...)
  local host, port = listen.arguments(args)
  keywords.check_server(host, port, args.n, NEW.name)
  return guard.opened(fn, listen_at(host, port, opts))
end

TCPServer.open = TCPServer.new
