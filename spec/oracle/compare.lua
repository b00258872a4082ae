-- Compares an answer with Ruby's. Where this library differs on purpose, a rule
-- with a name says so; how often each was needed is counted.

local rules = require "spec.oracle.rules"
local text = require "spec.oracle.text"

local compare = {}

local function is_error(value)
  return type(value) == "table" and value[1] == "error"
end

-- What a message must hold when Lua's form stands around it: the name that was
-- not known, or all of it; nothing where it speaks of Ruby's types.
local function essence(class, message)
  if class == "TypeError" and message:find("^no implicit conversion")
    or class == "RangeError"
  then
    return ""
  end
  return message:match "^unknown.-: (.*)$" or message:match "null byte$"
    or message
end

-- The same failure: one of the system by its name and text, a mistake by what
-- is wrong.
local function is_same_error(theirs, ours)
  if type(ours) ~= "table" then return false end
  local class, message = theirs[2], theirs[3]
  if ours[1] == "returned" then
    return ours[3] == message
      and (ours[2] == class:gsub("^Errno::", "")
        or class == "SocketError" and ours[2] == "ResolutionError")
  end
  return ours[1] == "raised"
    and ours[2]:find(essence(class, message), 1, true) ~= nil
end

local function encode(value)
  return text.encode { n = 1, value }
end

local function is_same(theirs, ours)
  if is_error(theirs) then return is_same_error(theirs, ours) end
  return encode(theirs) == encode(ours)
end

-- The first difference that no rule explains: its name and both results as
-- text. `explained` counts the rules that were needed.
function compare.first_difference(case, theirs, answer, explained)
  for i = 1, theirs.n, 2 do
    local name, result = theirs[i], theirs[i + 1]
    local ours = answer.values[name]
    if not is_same(result, ours) then
      local rule = rules.find(case, name, result, ours)
      if not rule then return name, encode(result), encode(ours) end
      explained[rule] = (explained[rule] or 0) + 1
      -- What follows depends on it.
      if rules.ends_case(rule) then return nil end
    end
  end
  return nil
end

return compare
