-- The tokens of the little Ruby that the measured cases are written in.

local tokens = {}

-- What \d, \A, \z are in a pattern of Lua's.
local CLASSES = { d = "%d", A = "^", z = "$" }

-- Ruby's regular expression, of the few that there are, as Lua's pattern.
local function pattern_of(text)
  text = text:gsub("(\\?.){(%d)}", string.rep)
  text = text:gsub("%-", "%%-")
  return (text:gsub("\\(.)", function(char)
    return CLASSES[char] or "%" .. char
  end))
end

local ESCAPES = { n = "\n", r = "\r", t = "\t", ["0"] = "\0" }

--- What the text of a string in double quotes stands for.
function tokens.unescape(text)
  return (text:gsub("\\(.)", function(char)
    return ESCAPES[char] or char
  end))
end

-- What tokens look like, in the order in which they are tried.
local PATTERNS = {
  { "number", "^0x%x+", function(text) return tonumber(text) end },
  { "number", "^%d[%d_]*%.%d+", function(text) return tonumber(text) end },
  { "number", "^%d[%d_]*", function(text)
    return math.tointeger(tonumber((text:gsub("_", ""))))
  end },
  { "string", '^"[^"]*"', function(text)
    return tokens.unescape(text:sub(2, -2))
  end },
  { "string", "^'[^']*'", function(text) return text:sub(2, -2) end },
  { "string", "^/.-[^\\]/", function(text)
    return pattern_of(text:sub(2, -2))
  end },
  { "string", "^:[%a_][%w_]*[?!]?", function(text) return text:sub(2) end },
  { "label", "^[%l_][%w_]*:%f[^:]", function(text) return text:sub(1, -2) end },
  { "constant", "^%u[%w_]*", nil },
  { "name", "^[%l_$][%w_]*[?!]?", nil },
  { "op", "^::", nil }, { "op", "^%*%*", nil }, { "op", "^[=!]=", nil },
  { "op", "^<<", nil }, { "op", "^||", nil }, { "op", "^&&", nil },
  { "op", "^%p", nil },
}

local function next_token(code, at)
  for _, row in ipairs(PATTERNS) do
    local text = code:match(row[2], at)
    if text then
      return { kind = row[1], value = row[3] and row[3](text) or text,
        text = text }, at + #text
    end
  end
  error("what is this: " .. code:sub(at))
end

--- The list of the code's tokens: their `kind`, `value` and `text`.
function tokens.of(code)
  local list, at = {}, 1
  while true do
    at = code:match("^%s*()", at)
    if at > #code then break end
    list[#list + 1], at = next_token(code, at)
  end
  return list
end

return tokens
