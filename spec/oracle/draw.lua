-- Draws from math.random, whose seed the run prints.

local draw = {}

local random = math.random

function draw.chance(of)
  return random(of) == 1
end

function draw.one(list)
  return list[random(#list)]
end

-- The value of one of the functions; one with a weight counts so many times.
function draw.call(functions, ...)
  return draw.one(functions)(...)
end

function draw.bytes(length, alphabet)
  local bytes = {}
  for i = 1, length do
    if alphabet then
      local at = random(#alphabet)
      bytes[i] = alphabet:sub(at, at)
    else
      bytes[i] = string.char(random(4) == 1 and 0 or random(0, 255))
    end
  end
  return table.concat(bytes)
end

-- An integer of any size, with those at the edges more often.
local EDGES = { 0, 1, -1, 2, 127, 128, 255, 256, 32767, 65535, 65536,
  0x7fffffff, -0x80000000 }

function draw.integer()
  if draw.chance(3) then return draw.one(EDGES) end
  return random(0, (1 << random(0, 31)) - 1)
end

function draw.ipv4()
  return ("%d.%d.%d.%d"):format(random(0, 255), random(0, 255),
    random(0, 255), random(0, 255))
end

-- The beginnings that predicates ask for, then anything.
local HEADS = { "\0\0\0\0\0\0\0\0\0\0\xff\xff", "\xfe\x80", "\xfe\xc0", "\xfd",
  "\xff\x01", "\xff\x02", "\xff\x05", "\xff\x08", "\xff\x0e", "\xff", "\xfc",
  ("\0"):rep(12), ("\0"):rep(15), "\x20\x01\x0d\xb8", "\0\x64\xff\x9b" }

function draw.ipv6_bytes()
  local head = draw.chance(3) and "" or draw.one(HEADS)
  if draw.chance(8) then return head .. ("\0"):rep(16 - #head) end
  return head .. draw.bytes(16 - #head)
end

-- An IPv6 address in one of the ways it may be written.
function draw.ipv6()
  local bytes = draw.ipv6_bytes()
  local groups = { (">I2I2I2I2I2I2I2I2"):unpack(bytes) }
  for i = 1, 8 do
    groups[i] = (draw.chance(2) and "%x" or "%04X"):format(groups[i])
  end
  local form = random(4)
  if form == 1 then
    return "::" .. table.concat(groups, ":", random(3, 8), 8)
  elseif form == 2 then
    local from = random(1, 6)
    return table.concat(groups, ":", 1, from) .. "::"
      .. table.concat(groups, ":", random(from + 2, 8), 8)
  elseif form == 3 then
    return "::ffff:" .. draw.ipv4()
  end
  return table.concat(groups, ":", 1, 8)
end

-- As Internet and unix addresses stand in memory, whole or cut or too long.
local PACKED = {
  function()
    return ("=I2>I2"):pack(2, random(0, 65535)) .. draw.bytes(4) ..
      (draw.chance(4) and draw.bytes(8) or ("\0"):rep(8))
  end,
  function()
    return ("=I2>I2I4"):pack(10, random(0, 65535), 0) .. draw.ipv6_bytes() ..
      (draw.chance(4) and draw.bytes(4) or ("\0"):rep(4))
  end,
  function()
    local path = draw.bytes(random(0, 30), "/abz.\0 \xc3\xa9\n%")
    local whole = ("=I2"):pack(1) .. path
    return draw.chance(2) and whole or whole .. ("\0"):rep(110 - #whole)
  end,
  function()
    return ("=I2"):pack(draw.one { 0, 1, 2, 3, 10, 16, 17, 29, 255 })
      .. draw.bytes(random(0, 40))
  end,
  function()
    local length = random(0, 8)
    return ("=I2>I2=i4I2BB"):pack(17, random(0, 65535), 1, random(0, 999),
      random(0, 8), length) .. draw.bytes(8)
  end,
}

function draw.sockaddr()
  local whole = draw.call(PACKED)
  if draw.chance(6) then return whole:sub(1, random(0, #whole)) end
  if draw.chance(12) then return whole .. draw.bytes(random(1, 20)) end
  return whole
end

return draw
