-- What the names and calls of measured Ruby code mean here: its classes are
-- these classes, and a failure that is returned is raised, as an error of
-- Ruby's.

local Socket = require "socket"
local lfs = require "lfs"
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

-- A list of this library's as Ruby's array: {"AF_UNIX", path}.
local function as_array(value)
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
  return (mark == "?" and "is_" or mark == "=" and "set_" or "") .. stem
end

local function is_object(value)
  return type(value) == "userdata" and getmetatable(value).__name ~= "FILE*"
end

local world = {}

-- Calls on anything.
local COMMON = {
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

local ARRAY = {
  ["[]"] = function(array, args) return array[args[1] + 1] end,
  ["pack"] = function(array, args)
    local formats = { qq = "i8i8", i = "i4" }
    return string.pack(formats[args[1]], table.unpack(array))
  end,
}

local STRING = {
  ["[]"] = function(text, args)
    return text:sub(args[1] + 1, args[1] + args[2])
  end,
}

local NUMBER = {
  ["to_s"] = function(number) return tostring(number) end,
}

-- Iterators.
local FUNCTION = {
  ["to_a"] = function(iterator)
    local list = ruby.array()
    local function collect()
      for element in iterator do
        list.n = list.n + 1
        list[list.n] = element
      end
    end
    protected(collect)
    return list
  end,
}

local OF_TYPE = { string = STRING, number = NUMBER, ["function"] = FUNCTION }

-- Whether the keywords ask for a symbol in place of a would-block error.
local function wants_symbol(keywords)
  return keywords and keywords.exception == false
end

local function call_here(fn, object, args, keywords, block)
  local list = { n = args.n }
  for i = 1, args.n do list[i] = args[i] end
  local function add(value)
    list.n = list.n + 1
    list[list.n] = value
  end
  if keywords then add(keywords) end
  if block then add(block) end
  local ok, value
  if object ~= nil then
    ok, value = pcall(protected, fn, object, table.unpack(list, 1, list.n))
  else
    ok, value = pcall(protected, fn, table.unpack(list, 1, list.n))
  end
  if ok then return as_array(value) end
  if wants_symbol(keywords) and value.wait then
    return "wait_" .. value.wait
  end
  error(value, 0)
end

local function method_of(object, name)
  return object[name == "<<" and "write" or lua_name(name)]
end

function world.call(object, name, args, keywords, block)
  if COMMON[name] then return COMMON[name](object, args, block) end
  if getmetatable(object) == Array then return ARRAY[name](object, args) end
  local known = OF_TYPE[type(object)]
  if known then return known[name](object, args) end
  local fn = assert(method_of(object, name), name)
  return call_here(fn, is_object(object) and object or nil, args, keywords,
    block)
end

local OPERATORS = {
  ["+"] = function(a, b)
    return type(a) == "string" and a .. b or a + b
  end,
  ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b)
    return type(a) == "string" and a:rep(b) or a * b
  end,
  ["**"] = function(a, b) return math.tointeger(a ^ b) end,
  ["=="] = function(a, b) return a == b end,
  ["||"] = function(a, b) return a or b end,
  ["<<"] = function(a, b) return world.call(a, "<<", ruby.array(b)) end,
}

function world.binary(op, a, b)
  return OPERATORS[op](a, b)
end

-- What is no class of this library.
local File, Dir, IO = {}, { mkdir = lfs.mkdir }, { select = Socket.select }

function File.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

function File.is_file(path) return lfs.attributes(path, "mode") == "file" end
function File.is_socket(path)
  return lfs.attributes(path, "mode") == "socket"
end
function File.is_exist(path) return lfs.attributes(path, "mode") ~= nil end

-- A file for each end, which tells its fd.
function IO.pipe()
  local reader = assert(io.popen("exec cat", "w"))
  local fd
  for number, target in pairs(require("spec.support.fds").list()) do
    if target:find("^pipe:") and (not fd or number > fd) then fd = number end
  end
  local function fileno() return fd end
  local function close() reader:close() end
  return setmetatable({ fileno = fileno, close = close }, IO),
    setmetatable({ close = function() end }, IO)
end

local OTHERS = { File = File, Dir = Dir, IO = IO, Hash = Caught }

function world.constant(path)
  if path == "Socket" then return Socket end
  return OTHERS[path] or Socket[path:gsub("^Socket::", "")]
end

-- The helpers of the code; the ports that they tell are kept in `ports`.
local HELPERS = {}

function world.helper(name, args, _, block)
  local helper = HELPERS[name] or error("no helper " .. name)
  return helper(args, block)
end

local ports, folder

local function note_port(port)
  ports[#ports + 1] = port
  return port
end

function HELPERS.port(args) return note_port(args[1]) end
function HELPERS.dir() return folder end
function HELPERS.path(args) return folder .. "/" .. args[1] end
function HELPERS.sleep(args) Socket.sleep(args[1]) end

HELPERS["$stdin"] = function() return io.stdin end

function HELPERS.closed_port(args)
  local port, keeper = net.closed_port(args[1])
  keeper:close()
  return note_port(port)
end

function HELPERS.tcp_pair()
  local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
  local client = assert(Socket.TCPSocket.new("127.0.0.1", server:addr()[2]))
  return ruby.array(client, assert(server:accept()))
end

function HELPERS.udp_pair()
  local a, b = assert(Socket.UDPSocket.new()), assert(Socket.UDPSocket.new())
  assert(a:bind("127.0.0.1", 0))
  assert(b:bind("127.0.0.1", 0))
  assert(a:connect("127.0.0.1", b:addr()[2]))
  assert(b:connect("127.0.0.1", a:addr()[2]))
  return ruby.array(a, b)
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
  while true do
    local ok, err = pcall(block)
    if not ok and getmetatable(err) == ruby.Break then return err.value end
    if not ok then error(err, 0) end
  end
end

-- What differs from run to run, as the data has it.
local function as_measured(text)
  text = text:gsub((folder:gsub("%p", "%%%0")), "<dir>")
  for i, port in ipairs(ports) do
    local name = i == 1 and "<port>" or ("<port%d>"):format(i)
    text = text:gsub("%f[%d]" .. port .. "%f[%D]", name)
  end
  return text
end

local function is_array(value)
  return getmetatable(value) == Array
end

-- A value as the data has it.
local function plain(value)
  local class = is_object(value) and Socket.BasicSocket.is_a
    and getmetatable(value).__name:match("^socket%.(%w+)$")
  if class == "Addrinfo" then return as_measured(value:inspect()) end
  if class then return "#<" .. class .. ">" end
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
  ports, kept, folder = {}, {}, path
  local ok, value = pcall(ruby.compile(code, world))
  for _, resource in ipairs(kept) do
    getmetatable(resource).__close(resource)
  end
  if ok then return plain(value) end
  return nil, plain(caught(value))
end

return world
