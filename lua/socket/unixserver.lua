-- UNIXServer's constructor.

local classes = require "socket.class"
local guard = require "socket.guard"
local hosterror = require "socket.hosterror"
local keywords = require "socket.keywords"
local listen = require "socket.listen"
local native = require "socket.native"
local open = require "socket.open"

local Addrinfo, UNIXServer = native.Addrinfo, classes.UNIXServer
local MOST_PATH = native.path.MOST

local make = open.maker "UNIXServer"

local NEW = { name = "new", keywords = {} }

--- Makes a socket that takes connections at a path, which must not exist and is
-- not removed later. Answers to Ruby's `UNIXServer.new`.
-- @function UNIXServer.new
-- @tparam string path one that begins with a zero byte is abstract
-- @tparam[opt] function fn is called with the server, which is closed then
-- @treturn UNIXServer the server, or what `fn` returns
-- @error nil, err, errno
function UNIXServer.new(...)
  local args, _, fn = keywords.split(NEW, ...)
  keywords.check_path(args[1], MOST_PATH, 1, NEW.name)
  local server, err, errno = listen.listening(make, Addrinfo.unix(args[1]),
    { reuseaddr = false })
  if server then
    server:path() -- its text shows it
    return guard.using(server, fn)
  end
  return hosterror.about_path(err, errno, args[1])
end

UNIXServer.open = UNIXServer.new
