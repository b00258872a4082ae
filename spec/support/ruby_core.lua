-- Ruby's own classes, as far as the measured code uses them: arrays, strings,
-- numbers, files and a few constants.

local Socket = require "socket"
local fds = require "spec.support.fds"
local lfs = require "lfs"
local ruby = require "spec.support.ruby"

local Array = ruby.Array

local core = {}

local function push(list, value)
  list.n = list.n + 1
  list[list.n] = value
  return list
end

local function is_array(value)
  return getmetatable(value) == Array
end

--- Whether two values are equal, arrays by their elements.
function core.equal(a, b)
  if not (is_array(a) and is_array(b)) then return a == b end
  for i = 1, math.max(a.n, b.n) do
    if not core.equal(a[i], b[i]) then return false end
  end
  return true
end

-- Ruby's letters for packed integers -> Lua's.
local function format_of(letters)
  return (letters:gsub("%l", { q = "i8", i = "i4" }))
end

-- Methods: fn(object, args, block).
local ARRAY = {}

ARRAY["[]"] = function(array, args) return array[args[1] + 1] end
ARRAY["<<"] = function(array, args) return push(array, args[1]) end

function ARRAY.pack(array, args)
  return string.pack(format_of(args[1]), table.unpack(array))
end

function ARRAY.size(array) return array.n end
function ARRAY.last(array) return array[array.n] end

function ARRAY.each(array, _, block)
  for i = 1, array.n do block(array[i]) end
  return array
end

function ARRAY.map(array, _, block)
  local list = ruby.array()
  for i = 1, array.n do push(list, (block(array[i]))) end
  return list
end

function ARRAY.each_with_index(array)
  local list = ruby.array()
  for i = 1, array.n do push(list, ruby.array(array[i], i - 1)) end
  return list
end

function ARRAY.drop(array, args)
  return ruby.array(table.unpack(array, args[1] + 1, array.n))
end

function ARRAY.take_while(array, _, block)
  local list = ruby.array()
  for i = 1, array.n do
    if not block(array[i]) then break end
    push(list, array[i])
  end
  return list
end

function ARRAY.uniq(array)
  local list, seen = ruby.array(), {}
  for i = 1, array.n do
    if not seen[array[i]] then push(list, array[i]) end
    seen[array[i]] = true
  end
  return list
end

function ARRAY.sort(array)
  local list = ruby.array(table.unpack(array, 1, array.n))
  table.sort(list)
  return list
end

local STRING = {}

-- text[index], text[first, length] or text[pattern]
STRING["[]"] = function(text, args)
  local first, length = args[1], args[2] or 1
  if type(first) == "string" then return text:match(first) end
  return text:sub(first + 1, first + length)
end

STRING["match?"] = function(text, args)
  return text:find(args[1]) ~= nil
end

STRING["start_with?"] = function(text, args)
  return text:sub(1, #args[1]) == args[1]
end

function STRING.bytesize(text) return #text end
function STRING.getbyte(text, args) return text:byte(args[1] + 1) end
function STRING.to_s(text) return text end

function STRING.unpack(text, args)
  local list = table.pack(string.unpack(format_of(args[1]), text))
  return ruby.array(table.unpack(list, 1, list.n - 1))
end

local NUMBER = {
  ["to_s"] = function(number) return tostring(number) end,
  ["abs"] = function(number) return math.abs(number) end,
  ["times"] = function(number, _, block)
    for i = 0, number - 1 do block(i) end
    return number
  end,
}

-- Iterators.
local FUNCTION = {
  ["to_a"] = function(iterator)
    local list = ruby.array()
    for element in iterator do push(list, element) end
    return list
  end,
}

-- The fds of the files that IO.pipe made.
local pipes = setmetatable({}, { __mode = "k" })

local FILE = {}

function FILE.fileno(file) return pipes[file] end
function FILE.close(file) file:close() end
function FILE.read(file) return file:read("a") end

function FILE.write(file, args)
  assert(file:write(args[1]))
  assert(file:flush())
  return #args[1]
end

local METHODS = { string = STRING, number = NUMBER, ["function"] = FUNCTION }

--- The method of an array, a string, a number, an iterator or a file; nil of
-- anything else.
function core.method(object, name)
  local methods = METHODS[type(object)]
  if is_array(object) then methods = ARRAY end
  if io.type(object) then methods = FILE end
  return methods and assert(methods[name], name)
end

local File = {}

function File.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

function File.is_file(path) return lfs.attributes(path, "mode") == "file" end
function File.is_socket(path)
  return lfs.attributes(path, "mode") == "socket"
end
function File.is_exist(path) return lfs.attributes(path, "mode") ~= nil end

local Dir = { mkdir = lfs.mkdir }

function Dir.chdir(path, fn)
  local before = assert(lfs.currentdir())
  assert(lfs.chdir(path))
  local ok, value = pcall(fn)
  assert(lfs.chdir(before))
  if not ok then error(value, 0) end
  return value
end

local IO = { for_fd = Socket.for_fd }

function IO.select(...)
  local readable, writable, failed = Socket.select(...)
  if not readable and writable == Socket.TIMEOUT then return nil end
  return readable, writable, failed
end

-- Opens an end of the pipe at the path.
local function open_end(path, mode)
  local before = fds.list()
  local file = assert(io.open(path, mode))
  for fd, target in pairs(fds.list()) do
    if before[fd] ~= target then pipes[file] = fd end
  end
  return file
end

-- Two Lua files. What a Lua program can open is a pipe with a name, here for a
-- moment.
function IO.pipe()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkfifo " .. path))
  local both = assert(io.open(path, "r+")) -- so that neither end waits
  local reader, writer = open_end(path, "r"), open_end(path, "w")
  both:close()
  os.remove(path)
  return reader, writer
end

-- This process's ids, as the system tells them.
local function id(name)
  return function()
    local pattern = "\n" .. name .. ":%s*(%d+)%s*(%d*)"
    local file <close> = assert(io.open("/proc/self/status"))
    local own, other = file:read("a"):match(pattern)
    return math.tointeger(tonumber(own)), math.tointeger(tonumber(other))
  end
end

local function real(ids)
  return function() return (ids()) end
end

local function effective(ids)
  return function() return (select(2, ids())) end
end

local Process = {
  pid = real(id "Pid"), uid = real(id "Uid"), gid = real(id "Gid"),
  euid = effective(id "Uid"), egid = effective(id "Gid"),
}

local Arrays = {}

function Arrays.new(count, fn)
  local list = ruby.array()
  for i = 0, count - 1 do push(list, (fn(i))) end
  return list
end

core.constants = {
  Array = Arrays, Dir = Dir, File = File, IO = IO, Process = Process,
  Time = { now = os.time },
}

return core
