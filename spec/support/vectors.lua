-- Results measured on Ruby, from spec/vectors: as cases, one example each, or
-- as rows, with what tells why this library differs in some.

local assert = require "luassert"

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

-- Calls the function with the rows that `accept` takes, of which there has to
-- be one at least.
function vectors.each(rows, accept, fn)
  local count = 0
  for _, row in ipairs(rows) do
    if accept(row) then
      count = count + 1
      fn(row)
    end
  end
  assert.is_true(count > 0)
end

-- A row's call, as one reads it.
function vectors.describe(row)
  local parts = { row.op }
  for i = 1, row.args.n do
    parts[i + 1] = ("%q"):format(row.args[i])
  end
  return table.concat(parts, " ")
end

-- Why this library differs from Ruby in a row: what the first of the checks
-- says that says anything; else nil.
function vectors.difference(checks, row)
  for _, check in ipairs(checks) do
    local reason = check(row)
    if reason then return reason end
  end
  return nil
end

-- How often it differs for each reason: differences(row) tells it.
function vectors.count_reasons(rows, difference, fn)
  local seen = {}
  vectors.each(rows, difference, function(row)
    local reason = difference(row)
    seen[reason] = (seen[reason] or 0) + 1
    fn(row)
  end)
  return seen
end

-- Names are accepted in any case.
function vectors.any_case(row)
  if not row.error_class then return nil end
  local name = row.error_message:match("^unknown.*: (.*)$") or ""
  return name ~= name:upper() and "any case" or nil
end

-- A number stands for a string, as everywhere in Lua.
function vectors.number_as_data(row)
  if row.op ~= "new" or not row.error_class then return nil end
  return math.type(row.args[4]) == "integer" and "a number as data" or nil
end

return vectors
