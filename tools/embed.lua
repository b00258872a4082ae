-- Prints the C table of the modules inside the stand-alone interpreter.
-- usage: embed.lua [FOLDER [C_MODULE ...]]: each .lua file under the folder is
-- a module, and so is each C module by the name that `require` knows.

-- The Lua files under a folder, sorted, relative to it.
local function list(folder)
  local files = {}
  local command = "cd '%s' && find . -name '*.lua'"
  local found = assert(io.popen(command:format(folder)))
  for line in found:lines() do
    files[#files + 1] = line:match "^%./(.+)$"
  end
  assert(found:close())
  table.sort(files)
  return files
end

local function module_name(file)
  return (file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function symbol(name)
  return (name:gsub("[^%w]", "_"))
end

-- An array rather than a string: C's strings have a length limit.
local function print_bytes(name, text)
  print("static const char source_" .. symbol(name) .. "[] = {")
  for i = 1, #text, 20 do
    local bytes = { text:byte(i, i + 19) }
    print(table.concat(bytes, ",") .. ",")
  end
  print "0};"
end

local folder = ...
local rows = {}
print '#include "embedded.h"'
for _, file in ipairs(folder and list(folder) or {}) do
  local name = module_name(file)
  local source = assert(io.open(folder .. "/" .. file, "rb"))
  print_bytes(name, source:read "a")
  source:close()
  local bytes = "source_" .. symbol(name)
  rows[#rows + 1] = ('{"%s", "@sockeye:%s", %s, sizeof %s - 1, 0},')
    :format(name, file, bytes, bytes)
end
for i = 2, select("#", ...) do
  local name = select(i, ...)
  local open = "luaopen_" .. symbol(name)
  print(("int %s(lua_State *L);"):format(open))
  rows[#rows + 1] = ('{"%s", "sockeye:%s", 0, 0, %s},')
    :format(name, name, open)
end
rows[#rows + 1] = "{0, 0, 0, 0, 0},"
print "const struct lsk_embedded lsk_embedded_modules[] = {"
print(table.concat(rows, "\n"))
print "};"
