-- What the names and calls of measured Ruby code mean here: its classes are
-- these classes, and a failure that is returned is raised, as an error of
-- Ruby's.

local Socket = require "socket"
local child = require "spec.support.child"
local core = require "spec.support.ruby_core"
local net = require "spec.support.net"
local ruby = require "spec.support.ruby"

local Array = ruby.Array

-- A caught error, as the helper `e` gives it.
local Caught = {}
-- An error of Ruby's: its `name`, its `message`, what it waits for.
local Raised = {}

-- What the error that a call ended with is to Ruby.
local function raised(err)
  if getmetatable(err) == Raised or getmetatable(err) == ruby.Break then
    return err
  end
  if Socket.Error.is(err) then
    return setmetatable({ name = err.name, message = tostring(err),
      wait = err.wait }, Raised)
  end
  return setmetatable({ name = "mistake", message = tostring(err) }, Raised)
end

-- Several results are an array; nil with an error raises.
local function value_of(ok, first, second, ...)
  if not ok then error(raised(first), 0) end
  if first == nil and Socket.Error.is(second) then error(raised(second), 0) end
  if second == nil then return first end
  return ruby.array(first, second, ...)
end

local function protected(fn, ...)
  return value_of(pcall(fn, ...))
end

local function each_pair(list, fn)
  for i = 1, list.n do fn(i, list[i]) end
end

-- The name of the class that the value has or is, and whether it is the class.
local function class_of(value)
  local metatable = getmetatable(value)
  local name = type(metatable) == "table" and metatable.__name or ""
  local class, rest = tostring(name):match("^socket%.(%w+)(.*)$")
  return class, rest == " class"
end

local made -- what the code got from calls, and may have left open

local function note_made(value)
  local class, is_class = class_of(value)
  if class and not is_class and value.close then made[#made + 1] = value end
end

-- Closing them here saves the collections that would otherwise find them.
local function close_made()
  for i = #made, 1, -1 do made[i]:close() end
end

-- A list of this library's as Ruby's array: {"AF_UNIX", path}.
local function as_array(value)
  note_made(value)
  if type(value) == "table" and getmetatable(value) == nil then
    value = setmetatable(value, Array)
    value.n = value.n or #value
  end
  if getmetatable(value) == Array then
    each_pair(value, function(i, element) value[i] = as_array(element) end)
  end
  return value
end

-- close? -> is_close, sync= -> set_sync, ipv6only! -> ipv6only
local function lua_name(name)
  local stem, mark = name:match("^(.-)([?!=]?)$")
  if name == "cmsg_is?" then return stem end
  return (mark == "?" and "is_" or mark == "=" and "set_" or "") .. stem
end

-- Methods whose results are an array of so many elements; the other values are
-- this library's own.
local COUNTS = { pair = 2, socketpair = 2, recvfrom = 2, recvfrom_nonblock = 2,
  unpack = 1 }

-- What the method gave as Ruby has it. A time is its seconds.
local function as_ruby(name, value)
  value = as_array(value)
  local is_list = getmetatable(value) == Array
  if name == "timestamp" then return value[1] end
  if not COUNTS[name] or value == nil then return value end
  if not is_list then value = ruby.array(value) end
  value.n = COUNTS[name]
  return value
end

local function is_object(value)
  local class, is_class = class_of(value)
  return class ~= nil and not is_class or getmetatable(value) == child.Child
end

-- Ruby's names of classes where they are others.
local RUBY_NAMES = { UDPSource = "Socket::UDPSource",
  Option = "Socket::Option", AncillaryData = "Socket::AncillaryData" }

local function name_of_class(value)
  if math.type(value) == "integer" then return "Integer" end
  if io.type(value) then return "IO" end
  local name = class_of(value)
  return RUBY_NAMES[name] or name
end

local world = {}

-- A class and those that it inherits from, as far as the library makes them.
local function ancestors(class)
  local list = ruby.array()
  while class do
    list.n = list.n + 1
    list[list.n] = class
    class = getmetatable(class).__index
  end
  return list
end

-- Calls on anything.
local COMMON = {
  ["class"] = function(object) return name_of_class(object) end,
  ["ancestors"] = function(class) return ancestors(class) end,
  ["then"] = function(object, _, block) return block(object) end,
  ["tap"] = function(object, _, block)
    block(object)
    return object
  end,
  ["is_a?"] = function(object, args)
    if args[1] == Caught then return getmetatable(object) == Caught end
    return is_object(object) and object:is_a(args[1])
  end,
  ["respond_to?"] = function(object, args)
    return object[lua_name(args[1])] ~= nil
  end,
}

-- Whether the keywords ask for a symbol in place of a would-block error.
local function wants_symbol(keywords)
  return keywords and keywords.exception == false
end

-- Those of which nil says that the time is over.
local WAITS = { wait = true, wait_readable = true, wait_writable = true }

-- The arguments as the library's functions take them.
local function arguments_of(args, keywords, block)
  local list = { n = args.n, table.unpack(args, 1, args.n) }
  local function add(value)
    list.n = list.n + 1
    list[list.n] = value
  end
  if keywords then add(keywords) end
  if block then
    add(function(...)
      return block(table.unpack(as_array(table.pack(...))))
    end)
  end
  return table.unpack(list, 1, list.n)
end

local function method_of(object, name)
  return assert(object[name == "<<" and "write" or lua_name(name)], name)
end

-- What an error that was raised is in place of it, if anything.
local function value_of_error(err, name, keywords)
  if WAITS[name] and err.name == "TimeoutError" then return nil end
  if wants_symbol(keywords) and err.wait then return "wait_" .. err.wait end
  error(err, 0)
end

local function call_here(object, name, ...)
  local fn = method_of(object, name)
  if is_object(object) then return pcall(protected, fn, object, ...) end
  return pcall(protected, fn, ...)
end

function world.call(object, name, args, keywords, block)
  if COMMON[name] then return COMMON[name](object, args, block) end
  local method = core.method(object, name)
  if method then return method(object, args, block) end
  if name == "to_s" then return (name_of_class(object)) end
  local ok, value = call_here(object, name, arguments_of(args, keywords, block))
  if not ok then return value_of_error(value, name, keywords) end
  if name == "<<" then return object end
  if block then return value end
  return as_ruby(name, value)
end

local function joined(a, b)
  local list = ruby.array(table.unpack(a, 1, a.n))
  table.move(b, 1, b.n, a.n + 1, list)
  list.n = a.n + b.n
  return list
end

local OPERATORS = {
  ["+"] = function(a, b)
    if getmetatable(a) == Array then return joined(a, b) end
    return type(a) == "string" and a .. b or a + b
  end,
  ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b)
    return type(a) == "string" and a:rep(b) or a * b
  end,
  ["**"] = function(a, b) return math.tointeger(a ^ b) end,
  ["=="] = core.equal,
  ["!="] = function(a, b) return not core.equal(a, b) end,
  ["<"] = function(a, b) return a < b end,
  [">"] = function(a, b) return a > b end,
  ["&"] = function(a, b) return a & b end,
  ["<<"] = function(a, b) return world.call(a, "<<", ruby.array(b)) end,
}

function world.binary(op, a, b)
  return OPERATORS[op](a, b)
end

function world.constant(path)
  if path == "Socket" then return Socket end
  if path == "Hash" then return Caught end
  return core.constants[path] or Socket[path:gsub("^Socket::", "")]
end

-- The helpers of the code; the ports that they tell are kept in `ports`.
local HELPERS = {}

function world.helper(name, args, _, block)
  local helper = HELPERS[name] or error("no helper " .. name)
  return helper(args, block)
end

local ports, folder
local places -- port -> where it is among the ports

local function note_port(port)
  if not places[port] then
    ports[#ports + 1] = port
    places[port] = #ports
  end
  return port
end

function HELPERS.port(args) return note_port(args[1]) end
function HELPERS.dir() return folder end
function HELPERS.path(args) return folder .. "/" .. args[1] end
function HELPERS.sleep(args) Socket.sleep(args[1]) end

HELPERS["$stdin"] = function() return io.stdin end
HELPERS["$stdout"] = function() return io.stdout end

function HELPERS.closed_port(args)
  local port, keeper = net.closed_port(args[1])
  keeper:close()
  return note_port(port)
end

function HELPERS.tcp_pair(args)
  local host = args[1] or "127.0.0.1"
  local server <close> = assert(Socket.TCPServer.new(host, 0))
  local port = note_port(server:addr()[2])
  local client = assert(Socket.TCPSocket.new(host, port))
  note_port(client:addr()[2])
  return as_array(ruby.array(client, assert(server:accept())))
end

function HELPERS.udp_pair(args)
  local host = args[1] or "127.0.0.1"
  local family = host == "::1" and "INET6" or "INET"
  local a = assert(Socket.UDPSocket.new(family))
  local b = assert(Socket.UDPSocket.new(family))
  assert(a:bind(host, 0))
  assert(b:bind(host, 0))
  assert(a:connect(host, note_port(b:addr()[2])))
  assert(b:connect(host, note_port(a:addr()[2])))
  return as_array(ruby.array(a, b))
end

-- Waits until n bytes have come.
function HELPERS.arrived(args)
  local sock, count = args[1], args[2]
  repeat
    assert(sock:wait_readable(5))
  until #assert(sock:recv(count, Socket.MSG_PEEK)) == count
end

local kept -- what must live as long as the code runs

function HELPERS.full_listener(args)
  local server, _, port, closer = net.full_listener(args[1])
  kept[#kept + 1] = closer
  note_port(port)
  return server
end

function HELPERS.unix_full_listener()
  local address = { family = "local", path = folder .. "/full" }
  local server = assert(Socket.new("UNIX", "STREAM"))
  assert(server:bind(address))
  assert(server:listen(0))
  repeat
    local sock = assert(Socket.new("UNIX", "STREAM"))
    kept[#kept + 1] = sock
  until not sock:connect_nonblock(address)
  return server
end

-- A Lua script in a process of its own, with its arguments.
function HELPERS.process(args)
  kept[#kept + 1] = child.start(table.unpack(args, 1, args.n))
  return kept[#kept]
end

function HELPERS.ready(args) assert(args[1]:wait_readable(5)) end

local function caught(err)
  err = raised(err)
  return setmetatable({ error = err.name, message = err.message,
    wait = err.wait }, Caught)
end

function HELPERS.e(_, block)
  local ok, value = pcall(block)
  if ok then return value end
  return caught(value)
end

function HELPERS.loop(_, block)
  while true do block() end
end

local function tag_of(place)
  return place == 1 and "<port>" or ("<port%d>"):format(place)
end

-- The ids of this process that texts tell.
local function with_ids(text)
  for _, name in ipairs { "pid", "uid", "gid" } do
    local id = ("(%s=)%d%%f[%%D]"):format(name, core.constants.Process[name]())
    text = text:gsub(id, "%1<" .. name .. ">")
  end
  return text
end

-- What differs from run to run, as the data has it.
local function as_measured(text)
  text = text:gsub((folder:gsub("%p", "%%%0")), "<dir>")
  for i, port in ipairs(ports) do
    text = text:gsub("%f[%d]" .. port .. "%f[%D]", tag_of(i))
  end
  if text:find("^#<") then text = with_ids(text:gsub(":fd %d+", ":fd <fd>")) end
  return text
end

local function is_array(value)
  return getmetatable(value) == Array
end

-- The objects that the data shows as `inspect` does.
local INSPECTED = { Addrinfo = true, Option = true, AncillaryData = true }

-- A value as the data has it.
local function plain(value)
  local class, is_class = class_of(value)
  if is_class then return class end
  if INSPECTED[class] then return as_measured(value:inspect()) end
  if class then return "#<" .. class .. ">" end
  if places[value or 0] then return tag_of(places[value]) end
  if type(value) == "string" then return as_measured(value) end
  if getmetatable(value) == Caught then
    return { error = value.error, message = as_measured(value.message),
      wait = value.wait }
  end
  if not is_array(value) then return value end
  local list = { n = value.n }
  each_pair(value, function(i, element) list[i] = plain(element) end)
  return list
end

--- Runs the code with a folder of its own: its value as the data has values,
-- or nil and the error, {error =, message =, wait =}.
function world.run(code, path)
  ports, places, kept, folder, made = {}, {}, {}, path, {}
  local ok, value = pcall(ruby.compile(code, world))
  if not ok then value = caught(value) end
  value = plain(value)
  close_made()
  for _, resource in ipairs(kept) do
    getmetatable(resource).__close(resource)
  end
  if ok then return value end
  return nil, value
end

return world
