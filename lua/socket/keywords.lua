-- Reading the arguments of functions written in Lua: positional ones, then a
-- table of keywords, then a block. Mistakes raise at the caller of the public
-- function, which calls these functions itself.

local native = require "socket.native"

local keywords = {}

local select = select
local math_huge, math_tointeger = math.huge, math.tointeger

-- The caller of the public function, seen from `complain`, which functions of
-- this file call that the public function has called.
local CALLER = 4

local function complain(arg, name, why)
  error(("bad argument #%d to '%s' (%s)"):format(arg, name, why), CALLER)
end

-- What C's `int` holds.
local LEAST_INT, MOST_INT = -(1 << 31), (1 << 31) - 1

-- What values a keyword takes: value -> what it stands for, or nil, complaint.
local KINDS = {}

function KINDS.seconds(value)
  local seconds = tonumber(value)
  if not seconds then return nil, "must be a number, not " .. type(value) end
  if seconds >= 0 then return seconds end
  return nil, "must not be negative or NaN"
end

-- The same, or "nowait".
function KINDS.patience(value)
  if value == "nowait" then return value end
  return KINDS.seconds(value)
end

function KINDS.integer(value)
  local number = math_tointeger(tonumber(value))
  if number and number >= 0 then return number end
  return nil, ("must be an integer not below 0, not %s"):format(value)
end

function KINDS.count(value)
  local number = math_tointeger(tonumber(value))
  if number and number > 0 then return number end
  return nil, ("must be a positive integer, not %s"):format(value)
end

function KINDS.boolean(value)
  if type(value) ~= "boolean" then
    return nil, "must be a boolean, not " .. type(value)
  end
  return value
end

KINDS["function"] = function(value)
  if type(value) ~= "function" then
    return nil, "must be a function, not " .. type(value)
  end
  return value
end

-- What is wrong with a keyword, or nil and the value that it stands for.
local function read(spec, key, value)
  local kind = spec.keywords[key]
  if not kind then return ("unknown keyword '%s'"):format(tostring(key)) end
  local result, complaint = KINDS[kind](value)
  return complaint and key .. " " .. complaint, result
end

-- The keywords of a call as a new table; `at` is the argument's number.
local function take(opts, spec, at)
  local taken = {}
  for key, value in pairs(opts) do
    local complaint, result = read(spec, key, value)
    if complaint then
      error(("bad argument #%d to '%s' (%s)"):format(at + (spec.before or 0),
        spec.name, complaint), CALLER)
    end
    taken[key] = result
  end
  return taken
end

-- Whether a table is keywords, rather than an address or a list.
local function is_keywords(value)
  return type(value) == "table" and getmetatable(value) == nil
    and rawget(value, "family") == nil and rawget(value, 1) == nil
end

local function drop_nils(args)
  while args.n > 0 and args[args.n] == nil do
    args.n = args.n - 1
  end
end

--- Takes a call's arguments apart. `spec` is `{name =, keywords = {name =
-- kind}}`, the kinds being those above; with `before =` so many arguments stand
-- before these. Raises on an unknown keyword and on a value of the wrong kind.
-- @return the positional arguments with their count `n`, trailing nils left
-- out; the keywords as a table; the block or nil
function keywords.split(spec, ...)
  local args = { n = select("#", ...), ... }
  local opts, fn = {}, nil
  drop_nils(args)
  if type(args[args.n]) == "function" then
    fn, args[args.n] = args[args.n], nil
    drop_nils(args)
  end
  if is_keywords(args[args.n]) then
    opts, args[args.n] = take(args[args.n], spec, args.n), nil
    drop_nils(args)
  end
  return args, opts, fn
end

--- Splits off a trailing function; whatever stands before it stays as it is.
-- @return the block or nil, then the other arguments
function keywords.block(...)
  local count = select("#", ...)
  local fn = count > 0 and select(count, ...)
  if type(fn) ~= "function" then return nil, ... end
  local args = { ... }
  return fn, table.unpack(args, 1, count - 1)
end

local is_socket_metatable = {}
for _, metatable in pairs(native.metatables) do
  is_socket_metatable[metatable] = true
end

--- Whether the value is a socket, open or closed.
function keywords.is_socket(value)
  return type(value) == "userdata"
    and is_socket_metatable[getmetatable(value)] or false
end

--- Raises unless a method's own object is a socket.
function keywords.check_socket(value, name)
  if not keywords.is_socket(value) then
    complain(1, name, "socket expected, got " .. type(value))
  end
end

local function is_addrinfo(value)
  local metatable = type(value) == "userdata" and getmetatable(value)
  return metatable and metatable.__index == native.Addrinfo
end

--- Raises unless the argument is an Addrinfo.
function keywords.check_addrinfo(value, arg, name)
  if not is_addrinfo(value) then
    complain(arg, name, "Addrinfo expected, got " .. type(value))
  end
end

--- Raises unless the argument is a function.
function keywords.check_block(fn, arg, name)
  if type(fn) ~= "function" then
    complain(arg, name, "function expected, got " .. type(fn))
  end
end

local function host_complaint(host)
  local kind = type(host)
  if host ~= nil and kind ~= "string" and kind ~= "number" then
    return "host must be a string, not " .. kind
  end
end

--- Raises unless the argument can name a host: a string, a number or nil.
function keywords.check_host(host, arg, name)
  local why = host_complaint(host)
  if why then complain(arg, name, why) end
end

-- A text that is a decimal number is a port, any other text a service.
local function port_complaint(port)
  local kind = type(port)
  if kind == "string" and not port:find("^%s*[+-]?%d+$") then return nil end
  if port ~= nil and kind ~= "string" and kind ~= "number" then
    return "port must be an integer or a string, not " .. kind
  end
  local number = math_tointeger(tonumber(port or 0))
  if not number or number < 0 or number > 65535 then
    return ("port %s is not an integer from 0 to 65535"):format(port)
  end
end

--- Raises unless the argument can be a port: an integer from 0 to 65535, the
-- name of a service, or nil (0).
function keywords.check_port(port, arg, name)
  local why = port_complaint(port)
  if why then complain(arg, name, why) end
end

--- The same for a client's four arguments: host and port, then those of its own
-- end, which may be left out.
function keywords.check_ends(args, name)
  if args[2] == nil then complain(2, name, "port expected") end
  for i = 1, 4 do
    local is_port = i % 2 == 0
    local why = (is_port and port_complaint or host_complaint)(args[i])
    if why then complain(i, name, why) end
  end
end

--- The same for a server's optional host and its port, the last of the `count`
-- arguments.
function keywords.check_server(host, port, count, name)
  if count == 0 then complain(1, name, "port expected") end
  local why = host_complaint(host)
  if why then complain(1, name, why) end
  why = port_complaint(port)
  if why then complain(count > 1 and 2 or 1, name, why) end
end

--- Raises unless the argument is nil or an integer that fits into C's `int`,
-- which it returns.
function keywords.check_int(value, arg, name)
  local integer = math_tointeger(tonumber(value))
  if value ~= nil and not integer then
    complain(arg, name, "integer expected, got " .. type(value))
  end
  if integer and (integer < LEAST_INT or integer > MOST_INT) then
    complain(arg, name, ("%d is out of range"):format(integer))
  end
  return integer
end

--- Raises unless the argument is a path that fits into a unix address of
-- `most` bytes.
function keywords.check_path(path, most, arg, name)
  if type(path) ~= "string" then
    complain(arg, name, "path must be a string, not " .. type(path))
  end
  if #path > most then
    complain(arg, name, ("too long unix socket path (%d bytes given but %d "
      .. "bytes max)"):format(#path, most))
  end
  if path:find("\0", 2, true) and path:byte() ~= 0 then
    complain(arg, name, "path name contains null byte")
  end
end

--- Raises with that complaint about an argument.
function keywords.complain(arg, name, why)
  error(("bad argument #%d to '%s' (%s)"):format(arg, name, why), 3)
end

-- "bad argument #2 to '?' (...)" about the public function's own argument.
local function retell(message, name, shift)
  local arg, why = tostring(message):match("^bad argument #(%d+) to '.-' (.*)$")
  if not arg then return message end
  return ("bad argument #%d to '%s' %s"):format(arg - shift, name, why)
end

--- Hands on what `pcall` of a function in C returned; its complaint about an
-- argument becomes the public function's own, whose arguments stand `shift`
-- places further left.
function keywords.blame(name, shift, ok, ...)
  if ok then return ... end
  error(retell((...), name, shift), type((...)) == "string" and 3 or 0)
end

--- The earlier of two timeouts in seconds, either of which may be nil.
function keywords.earlier(first, second)
  local seconds = math.min(first or math_huge, second or math_huge)
  return seconds < math_huge and seconds or nil
end

return keywords
