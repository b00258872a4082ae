-- Compares what a call gave with a result measured on Ruby, in whose texts
-- "<port>" and "<port2>" stand for what differs from run to run.

local Socket = require "socket"

local results = {}

-- What stands for a number.
local PLACEHOLDER = "<(port%d*)>"

local function is_nil(value)
  return value == nil or type(value) == "table" and value.is_nil
end

-- The text that stands for an object in the vectors.
local function text_of(value)
  if type(value) == "userdata" then return value:inspect() end
  return tostring(value)
end

local function escape(text)
  return (text:gsub("%p", "%%%0"))
end

-- Whether the text fits; `bound` remembers what each placeholder stands for.
local function fits_text(expected, text, bound)
  local names, pattern, last = {}, "^", 1
  for from, name, to in expected:gmatch("()" .. PLACEHOLDER .. "()") do
    pattern = pattern .. escape(expected:sub(last, from - 1)) .. "(%d+)"
    names[#names + 1], last = name, to
  end
  if #names == 0 then return expected == text end
  local found = { text:match(pattern .. escape(expected:sub(last)) .. "$") }
  for i, name in ipairs(names) do
    if not found[i] or (bound[name] or found[i]) ~= found[i] then
      return false
    end
    bound[name] = found[i]
  end
  return true
end

-- The name of the class that an error has here.
local function error_name(class)
  if class:find "^IO::E" then return "EAGAIN" end
  return class:match "^Errno::(.*)$" or class
end

-- Whether an error is the one that Ruby raised; what would block has a text of
-- its own here.
local function fits_error(expected, err)
  local name = error_name(expected.error)
  if not Socket.Error.is(err, name) then return false end
  return name == "EAGAIN" or tostring(err) == expected.message
end

local fits

local function fits_list(expected, list, bound)
  if type(list) ~= "table" then return false end
  for i = 1, #expected do
    if not fits(expected[i], list[i], bound) then return false end
  end
  return #list <= #expected
end

-- Whether what failed did so as in Ruby.
local function fits_failure(expected, value)
  if type(value) ~= "table" then return false end
  return value[1] == nil and fits_error(expected, value[2])
end

-- Whether the value is what the vectors tell: a text, a number, a list, an
-- error ({nil, err} here).
function fits(expected, value, bound)
  if is_nil(expected) then return value == nil end
  if type(expected) == "string" then
    return value ~= nil and fits_text(expected, text_of(value), bound)
  end
  if type(expected) ~= "table" then return expected == value end
  if expected.error then return fits_failure(expected, value) end
  return fits_list(expected, value, bound)
end

results.fits = fits
results.is_nil = is_nil

return results
