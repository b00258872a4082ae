-- Results measured on Ruby, from spec/vectors, one example each.

local vectors = {}

local ESCAPES = { ["\n"] = "\\n", ["\t"] = "\\t" }

local function escape(char)
  return ESCAPES[char] or ("\\x%02x"):format(char:byte())
end

-- The value as one reads it: text of any bytes, lists, and their nils.
function vectors.text(value)
  if type(value) == "string" then
    return '"' .. value:gsub('[%c"\\\x80-\xff]', escape) .. '"'
  elseif type(value) ~= "table" then
    return tostring(value)
  elseif value.is_nil then
    return "nil"
  end
  local list = {}
  for i = 1, value.n or #value do
    list[i] = vectors.text(value[i])
  end
  return "(" .. table.concat(list, ", ") .. ")"
end

-- A copy of the list whose marked nils are nils.
local function plain(list)
  local copy = { n = list.n or #list }
  for i = 1, copy.n do
    local value = list[i]
    if type(value) == "table" then
      value = not value.is_nil and plain(value) or nil
    end
    copy[i] = value
  end
  return copy
end

-- A list's elements as values.
function vectors.unpack(list)
  list = plain(list)
  return table.unpack(list, 1, list.n)
end

-- The cases of a file, each with the name of its example: what describe(case)
-- says of it.
function vectors.cases(file, describe)
  local cases = dofile("spec/vectors/" .. file .. ".lua")
  local i = 0
  return function()
    i = i + 1
    local case = cases[i]
    return case, case and ("%s %d: %s"):format(file, i, describe(case))
  end
end

return vectors
