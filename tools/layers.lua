-- Checks who uses whom. layers.list holds every file, in order: a file uses
-- only what stands before it and, in a floor marked "apart", nothing of its own
-- floor.
-- usage: layers.lua, at the top of the checkout

local complaints = 0

local function complain(...)
  complaints = complaints + 1
  io.stderr:write(string.format(...), "\n")
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function list(command)
  local pipe <close> = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  return lines
end

-- The files of one language: name -> {floor, position}.
local function read_floors(language)
  local places, position, floor = {}, 0, nil
  for line in read("tools/layers.list"):gmatch "[^\n]+" do
    local of, number, apart = line:match "^(%a+) (%d+)( ?%a*):$"
    local name = line:match "^  ([%w_/]+)$"
    if of then
      floor = { of = of, number = number, is_apart = apart ~= "" }
    elseif name and floor.of == language then
      position = position + 1
      places[name] = { floor = floor, position = position }
    end
  end
  return places
end

local function check_use(places, path, own, used)
  local from, to = places[own], places[used]
  if own == used or not from then return end
  if not to then
    complain("%s uses %s, which is in no layer", path, used)
  elseif to.position > from.position then
    complain("%s uses %s, which stands above it", path, used)
  elseif from.floor == to.floor and from.floor.is_apart then
    complain("%s uses %s: both are of floor %s", path, used, from.floor.number)
  end
end

-- Calls check(path, name, text) for each file; the list has neither more nor
-- fewer of them.
local function each_file(places, command, name_of, check)
  local seen = {}
  for _, path in ipairs(list(command)) do
    local name = name_of(path)
    seen[name] = true
    if not places[name] then complain("%s is in no layer", path) end
    check(path, name, read(path))
  end
  for name in pairs(places) do
    if not seen[name] then complain("no file for %s in the layers", name) end
  end
end

local function check_c()
  local places = read_floors "C"

  local function name_of(path)
    return path:match "([%w_]+)%.%a+$"
  end

  each_file(places, "ls src/*.[ch]", name_of, function(path, name, text)
    for included in text:gmatch '#include "([%w_]+)%.%a+"' do
      check_use(places, path, name, included)
    end
    local place = places[name]
    local is_lowest = place and place.floor.number == "0"
    if is_lowest and text:find "#include <lua" then
      complain("%s: floor 0 knows nothing of Lua", path)
    end
  end)
end

local function check_lua()
  local places = read_floors "Lua"

  local function name_of(path)
    return (path:gsub("^lua/", ""):gsub("^socket/", ""):gsub("%.lua$", ""))
  end

  each_file(places, "find lua -name '*.lua'", name_of, function(path, own, text)
    for module in text:gmatch 'require%s*%(?%s*"([^"]+)"' do
      local is_own = module:find "^socket" or module == "sockeye"
      if is_own and module ~= "socket.native" then
        local used = module:gsub("^socket%.", ""):gsub("%.", "/")
        check_use(places, path, own, used)
      end
    end
  end)
end

check_c()
check_lua()
os.exit(complaints == 0)
