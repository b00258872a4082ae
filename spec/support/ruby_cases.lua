-- Runs the measured cases that are Ruby code, and compares what they give.

local assert = require "luassert"
local net = require "spec.support.net"
local vectors = require "spec.support.vectors"
local world = require "spec.support.ruby_world"

local cases = {}

-- Ruby's class of an error -> its name here; for those that wait, for what.
local WAITS = {
  ["IO::EAGAINWaitReadable"] = "readable",
  ["IO::EAGAINWaitWritable"] = "writable",
  ["IO::EINPROGRESSWaitWritable"] = "writable",
}

local function name_of(class)
  class = class:gsub("^Errno::", "")
  return class == "ENOTSUP" and "EOPNOTSUPP" or class
end

-- Linux gives back this flag, with which Ruby's recvmsg receives; it says
-- nothing of the message.
local CLOEXEC = 0x40000000

local function without_cloexec(expected)
  if math.type(expected) == "integer" then return expected & ~CLOEXEC end
  if type(expected) == "table" then
    for i, value in ipairs(expected) do expected[i] = without_cloexec(value) end
  end
  return expected
end

-- The case as it is here.
local function adapted(case, otherwise)
  if not otherwise then return case end
  assert.is_string(otherwise.reason)
  local copy = { ruby = otherwise.ruby or case.ruby, result = case.result,
    error_class = otherwise.error_class or case.error_class,
    error_message = otherwise.error_message or case.error_message
      or "" }
  if otherwise.error_class then copy.result = nil end
  if otherwise.result then
    copy.result, copy.error_class = otherwise.result, nil
  end
  for place, value in pairs(otherwise.at or {}) do
    copy.result[place] = value
  end
  return copy
end

-- Whether a mistake is told with what is essential of Ruby's text.
local MISTAKES = { ArgumentError = true, TypeError = true, RangeError = true,
  SocketError = true }

-- An error of the code here, not of the library.
local function is_ours(message)
  local rest = message:match("^%./spec/support/[^:]+:%d+: (.*)$")
  return rest ~= nil and not rest:find("^bad argument")
end

local function is_told(class, message, err)
  if is_ours(err.message) then return false end
  local value = message:match("^unknown .*: (.*)$") or message:match("%d%d%d+")
    or ""
  return MISTAKES[class] and err.message:find(value, 1, true) ~= nil
end

-- Of a read's error, where Ruby's text has its own function or nothing.
local function names_call(message, told)
  return told == message:gsub(" @ io_fillbuf.*", "") .. " - recv(2)"
end

-- A time-out of the program's own.
local function is_timeout(class, name)
  return class == "Errno::ETIMEDOUT" and name == "TimeoutError"
end

local function same_error(class, message, err)
  if WAITS[class] then return err.wait == WAITS[class] end
  if err.error == "mistake" then return is_told(class, message, err) end
  local name = name_of(class)
  if name == "SocketError" and err.error == "ResolutionError" then
    name = "ResolutionError"
  end
  if is_timeout(class, err.error) then name = err.error end
  return err.error == name
    and (err.message == message or names_call(message, err.message))
end

local same

local function same_list(expected, value)
  local count = expected.n or #expected
  if type(value) ~= "table" or value.n ~= count then return false end
  for i = 1, count do
    if not same(expected[i], value[i]) then return false end
  end
  return true
end

-- Ruby's nil for success is true here.
function same(expected, value)
  if type(expected) ~= "table" then return expected == value end
  if expected.is_nil then return value == nil or value == true end
  if expected.error then
    return type(value) == "table" and value.error ~= nil
      and same_error(expected.error, expected.message, value)
  end
  return same_list(expected, value)
end

local function shown(value)
  if type(value) ~= "table" then return vectors.text(value) end
  if value.error then return value.error .. ": " .. value.message end
  local list = {}
  for i = 1, value.n or #value do list[i] = shown(value[i]) end
  return value.is_nil and "nil" or "(" .. table.concat(list, ", ") .. ")"
end

--- Runs the case's code and compares what it gives with what Ruby gave, or with
-- what is `otherwise` here: its `reason`; another `ruby` to run; another
-- `result`, `error_class` and `error_message`; in a list the elements `at`
-- those places.
function cases.check(case, otherwise)
  case = adapted(case, otherwise)
  if case.ruby:find("recvmsg", 1, true) then without_cloexec(case.result) end
  local value, err = world.run(case.ruby, (net.path():gsub("/s$", "")))
  if case.error_class then
    assert.is_table(err, shown(value))
    assert.is_true(same_error(case.error_class, case.error_message, err),
      shown(err) .. "\n  for " .. case.error_class .. ": "
      .. case.error_message)
  else
    assert.is_nil(err and shown(err))
    assert.is_true(same(case.result, value), shown(value) .. "\n  for "
      .. shown(case.result))
  end
end

return cases
