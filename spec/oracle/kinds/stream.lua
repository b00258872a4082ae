-- Reading a stream: what the peer wrote, in pieces, and one operation after
-- another.

local Socket = require "socket"
local draw = require "spec.oracle.draw"
local streams = require "spec.support.streams"

local random = math.random

local ALPHABETS = { "ab\n", "a\n", "a\r\n", "ab-", "\n\nab", "ab\xff\n",
  "\0a\n", "abc-\r\n " }

local function chunks()
  local alphabet, list = draw.one(ALPHABETS), {}
  for i = 1, random(0, 4) do
    local length = draw.one { random(0, 10), random(0, 40), random(0, 300) }
    list[i] = draw.bytes(length, alphabet)
  end
  if draw.chance(4) then list[#list + 1] = draw.bytes(random(0, 50)) end
  return list
end

-- More than either side's buffer holds.
local function long_chunks()
  local alphabet, list = draw.one(ALPHABETS), {}
  for i = 1, random(1, 3) do
    list[i] = draw.bytes(random(20), alphabet):rep(random(400, 1500))
  end
  return list
end

local function separator()
  return draw.one { "\n", "a", "ab", "b\n", "--", "\r\n", "\n\n", "\0", "aab",
    "" }
end

local function limit()
  return draw.one { 0, 1, 2, 3, 5, 10, 100, -1 }
end

local function length()
  return draw.one { 0, 1, 2, 5, 17, 100, 1000 }
end

local function with_separator(name)
  return function()
    if draw.chance(3) then return { name } end
    if draw.chance(2) then return { name, separator() } end
    return { name, separator(), limit() }
  end
end

local function with(name, argument)
  return function()
    return { name, argument() }
  end
end

local function with_optional(name, argument)
  return function()
    if draw.chance(2) then return { name } end
    return { name, argument() }
  end
end

local function alone(name)
  return function()
    return { name }
  end
end

local function text_or_byte()
  if draw.chance(2) then return random(0, 127) end
  return draw.bytes(random(1, 3), "ab\n")
end

-- Each is as likely; those that read all come last.
local OPS = {
  with_separator "gets", with_separator "gets", with("gets_limit", limit),
  with_optional("gets_nil", limit), with_optional("gets_para", limit),
  with_separator "gets_chomp", with("gets_chomp_limit", limit),
  with_optional("read", length), with("readpartial", length), alone "getc",
  alone "getbyte", alone "readchar", alone "readbyte",
  with("ungetc", text_or_byte), with("ungetbyte", text_or_byte),
  with_separator "readline", alone "readline_chomp", alone "eof",
  alone "lineno", with("set_lineno", function() return random(0, 99) end),
}

local LAST = {
  with_separator "each_line", with("each_line_limit", limit),
  alone "each_line_chomp", alone "each_byte", alone "each_char",
  with_separator "readlines", with("readlines_limit", limit),
  alone "readlines_chomp", alone "read", alone "gets_nil",
}

-- How much is buffered of a long stream is everyone's own matter.
local function ops(is_long)
  local list = {}
  for i = 1, random(1, 12) do
    local op = draw.call(OPS)
    if is_long and op[1] == "readpartial" then op = { "read", length() } end
    list[i] = op
  end
  if draw.chance(3) then
    list[#list + 1] = draw.call(LAST)
    list[#list + 1] = { "eof" }
  end
  return list
end

return {
  draw = function()
    if draw.chance(20) then return { long_chunks(), ops(true) } end
    return { chunks(), ops(false) }
  end,
  perform = function(answer, pieces, operations)
    local peer, sock = assert(Socket.pair("UNIX", "STREAM", 0))
    local _ <close> = peer
    local _ <close> = sock
    for _, piece in ipairs(pieces) do
      assert(peer:send(piece))
    end
    assert(peer:shutdown "WR")
    for i, op in ipairs(operations) do
      local name = ("%d:%s"):format(i, op[1])
      answer:add(name, streams.perform, sock, i, op)
    end
  end,
}
