-- Every method of Ruby's library is here under its name, and documented, or the
-- list says why it is not.

local Socket = require "socket"

local FILES = "ls src/*.c; find lua -name '*.lua' | sort"

local function rows()
  local list = {}
  for line in io.lines("spec/data/ruby_methods.tsv") do
    if line:sub(1, 1) ~= "#" then
      local class, kind, method, name, note =
        line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
      list[#list + 1] = assert(class and { class = class, kind = kind,
        method = method, name = name, note = note }, line)
    end
  end
  return list
end

-- The class here that has a Ruby class's methods.
local function class_of(row)
  local name = row.class:gsub("^Socket::", "")
  if name == "IO" then
    name = row.kind == "class" and "Socket" or "BasicSocket"
  end
  return name == "Socket" and Socket or Socket[name], name
end

-- What the reference tells: "Class:method" and "Class.function".
local function documented()
  local set = {}
  local files <close> = assert(io.popen(FILES))
  for path in files:lines() do
    for line in io.lines(path) do
      local name = line:match("^[/-]*%s*@function ([%w_]+[.:][%w_]+)")
      if name then set[name] = true end
    end
  end
  return set
end

local names = documented()

-- Whether the reference has the function under that class or one above.
local function is_documented(class, class_name, row)
  if row.note ~= "" then return names[row.note] end
  local separator = row.kind == "class" and "." or ":"
  while class do
    for name, known in pairs(Socket) do
      if known == class then class_name = name end
    end
    if class == Socket then class_name = "Socket" end
    if names[class_name .. separator .. row.name] then return true end
    local metatable = getmetatable(class)
    class = metatable and metatable.__index
  end
  return false
end

describe("the methods of Ruby's library", function()
  for _, row in ipairs(rows()) do
    local title = row.class .. " " .. row.kind .. " " .. row.method
    if row.name == "-" then
      it("leave out " .. title .. " for a reason", function()
        assert.is_true(row.note ~= "")
      end)
    else
      it("are there: " .. title, function()
        local class, name = class_of(row)
        assert.is_table(class)
        assert.is_function(class[row.name], name .. "." .. row.name)
        assert.is_truthy(is_documented(class, name, row),
          "undocumented: " .. name .. " " .. row.name)
      end)
    end
  end
end)
