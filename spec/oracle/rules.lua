-- Where this library differs from Ruby 3.1 on purpose. A rule looks at a case
-- (its kind, then what was called with what), the name of what was asked, and
-- both results.

local rules = {}

local function is_error(value, class)
  return type(value) == "table" and value[1] == "error"
    and (class == nil or value[2] == class)
end

local function is_raised(value, pattern)
  return type(value) == "table" and value[1] == "raised"
    and value[2]:find(pattern) ~= nil
end

local RULES = {}

RULES["success without a value is true"] = function(_, name, theirs, ours)
  return ours == true
    and (theirs == nil and name:find ":unget" ~= nil
      or math.type(theirs) == "integer" and name:find ":set_lineno" ~= nil)
end

RULES["a port is within 0 to 65535"] = function(case, name, _, ours)
  return (case[1] == "sockaddr" or case[1] == "addrinfo")
    and (name == "value" or name == "made") and is_raised(ours, "port")
end

-- Options that newer Rubies know.
local NEWER = { INCOMING_CPU = true, INCOMING_NAPI_ID = true }

RULES["a newer option has its name"] = function(_, name, theirs, ours)
  return name == "made" and is_error(theirs, "SocketError") and ours == true
    and NEWER[theirs[3]:match "name: S?O?_?(.*)$"] ~= nil
end

RULES["spec_dst is spelt so"] = function(case, name, theirs, ours)
  return case[1] == "ancdata" and name == "made"
    and is_error(theirs, "ArgumentError")
    and theirs[3]:find "^spec_dat size different" ~= nil
    and is_raised(ours, "spec_dst size different")
end

RULES["a moment beyond all calendars is bytes"] = function(case, name, theirs)
  return case[1] == "ancdata" and name == "inspect"
    and theirs:find " TIMESTAMPN?S? %-?%d+%-01%-00 " ~= nil
end

RULES["a number without a name is dumped, too"] = function(_, name, theirs)
  return name == "marshal_dump" and is_error(theirs, "SocketError")
    and theirs[3]:find "^unknown [%a ]+: %d+$" ~= nil
end

local function has_unget(ops, last)
  for i = 1, last - 1 do
    if ops[i][1]:find "^unget" then return true end
  end
  return false
end

local function is_prefix(short, long)
  return #short > 0 and long:sub(1, #short) == short
end

-- Bytes that were put back change how many others the buffer holds; either may
-- give more.
RULES["readpartial gives what is there"] = function(case, name, theirs, ours)
  local index = name:match "^(%d+):readpartial$"
  return index ~= nil and has_unget(case[3], tonumber(index))
    and type(theirs) == "string" and type(ours) == "string"
    and (is_prefix(theirs, ours) or is_prefix(ours, theirs))
end

-- Ruby takes back what its buffer has room for.
RULES["any number of bytes is taken back"] = function(_, _, theirs, ours)
  return is_error(theirs, "IOError") and theirs[3] == "ungetbyte failed"
    and ours == true
end

RULES["flags without MSG_CMSG_CLOEXEC"] = function(_, name, theirs, ours)
  return name:find ":recvmsg" ~= nil and type(theirs) == "table"
    and type(ours) == "table" and theirs[1] == ours[1]
    and math.type(theirs[3]) == "integer"
    and theirs[3] & ~0x40000000 == ours[3]
end

RULES["recvfrom tells that the length cut"] = function(_, name, theirs, ours)
  return name:find ":recvfrom" ~= nil and type(theirs) == "table"
    and type(ours) == "table" and theirs[1] == ours[1] and ours[3] == true
end

RULES["would block in other words"] = function(_, _, theirs, ours)
  return is_error(theirs, "IO::EAGAINWaitReadable") and type(ours) == "table"
    and ours[1] == "returned" and ours[2] == "EAGAIN"
end

-- As in Ruby 3.3 and later.
RULES["the end of a stream is nil"] = function(case, name, theirs, ours)
  local received = type(theirs) == "table" and theirs[1] or theirs
  return case[1] == "message" and case[2] ~= "DGRAM"
    and name:find ":recv" ~= nil and received == "" and ours == nil
end

-- What follows cannot be compared any more.
local ENDS = {
  ["any number of bytes is taken back"] = true,
  ["readpartial gives what is there"] = true,
  ["a port is within 0 to 65535"] = true,
  ["a newer option has its name"] = true,
}

-- The name of the rule that explains the difference.
function rules.find(...)
  for name, applies in pairs(RULES) do
    if applies(...) then return name end
  end
  return nil
end

-- Whether the results behind that one cannot be compared any more.
function rules.ends_case(rule)
  return ENDS[rule] ~= nil
end

return rules
