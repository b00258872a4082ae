-- How cases and answers are exchanged: a line each, of words. `-`, `T` and `F`
-- are nil, true and false, `i` begins an integer, `s` a string whose bytes
-- beyond the visible are %xx, and a list stands between parentheses. A list
-- knows its length, `n`.

local text = {}

local function escape(char)
  return ("%%%02x"):format(char:byte())
end

local ENCODE = {
  ["nil"] = function() return "-" end,
  boolean = function(value) return value and "T" or "F" end,
  number = function(value) return ("i%d"):format(value) end,
  string = function(value) return "s" .. value:gsub("[^!-$&-~]", escape) end,
  table = function(list)
    return "( " .. text.encode(list) .. " )"
  end,
}

-- The words of a list's elements.
function text.encode(list)
  local words = {}
  for i = 1, list.n or #list do
    words[i] = ENCODE[type(list[i])](list[i])
  end
  return table.concat(words, " ")
end

local function unescape(code)
  return string.char(tonumber(code, 16))
end

local DECODE = {
  ["-"] = function() return nil end,
  T = function() return true end,
  F = function() return false end,
  i = function(word) return math.tointeger(tonumber(word:sub(2))) end,
  s = function(word) return (word:sub(2):gsub("%%(%x%x)", unescape)) end,
}

-- The list of a line's elements.
function text.decode(line)
  local list, outer = { n = 0 }, {}
  for word in line:gmatch "%S+" do
    if word == "(" then
      outer[#outer + 1] = list
      list = { n = 0 }
    else
      local value
      if word == ")" then
        value, list = list, table.remove(outer)
      else
        value = DECODE[word:sub(1, 1)](word)
      end
      list.n = list.n + 1
      list[list.n] = value
    end
  end
  return list
end

return text
