-- Takes an input of the fuzzer apart. Missing bytes are zeros.

local Input = {}
Input.__index = Input

function Input.new(bytes)
  return setmetatable({ bytes = bytes, at = 1 }, Input)
end

-- A number from 0 to limit - 1; limit <= 256.
function Input:below(limit)
  local byte = self.bytes:byte(self.at) or 0
  self.at = self.at + 1
  return byte % limit
end

function Input:choose(list)
  return list[self:below(#list) + 1]
end

-- A signed number of 32 bits.
function Input:integer()
  local four = self.bytes:sub(self.at, self.at + 3)
  self.at = self.at + 4
  return (("<i4"):unpack(four .. ("\0"):rep(4 - #four)))
end

function Input:take(length)
  local taken = self.bytes:sub(self.at, self.at + length - 1)
  self.at = self.at + length
  return taken
end

function Input:rest()
  return self.bytes:sub(self.at)
end

return Input
