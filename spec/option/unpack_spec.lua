local Option = require("socket").Option

local VECTORS = dofile("spec/vectors/option.lua")

-- Ruby's templates as formats of string.unpack.
local FORMATS = {
  [""] = "",
  c = "<i1",
  C = "<I1",
  s = "<i2",
  S = "<I2",
  i = "<i4",
  I = "<I4",
  l = "<i4",
  L = "<I4",
  q = "<i8",
  Q = "<I8",
  n = ">I2",
  N = ">I4",
  v = "<I2",
  V = "<I4",
  C4 = "<BBBB",
  ii = "<i4i4",
  i2 = "<i4i4",
  i3 = "<i4i4i4",
  q2 = "<i8i8",
  nN = ">I2I4",
  ["l!l!"] = "<i8i8",
  x4i = "<xxxxi4",
}

-- Those that have no counterpart there, with the reason.
local STAR = "no format takes as many as there are"
local STRING = "a string is not cut where the data ends"
local WITHOUT = {
  ["C*"] = STAR, ["c*"] = STAR, ["s*"] = STAR, ["i*"] = STAR, ["n*"] = STAR,
  ["H*"] = STAR, ["a*"] = STAR, ["A*"] = STAR, ["Z*"] = STAR, a4 = STRING,
  ["a2 a2"] = STRING,
}

-- Whether the data was long enough: Ruby gives nil for what is missing.
local function is_whole(row)
  for _, value in ipairs(row.values or { {} }) do
    if type(value) == "table" then return false end
  end
  return true
end

local function check(row, format)
  local option = Option.new(table.unpack(row.args, 1, row.args.n))
  if not is_whole(row) then
    assert.has_error(function() option:unpack(format) end)
    return
  end
  local got = { option:unpack(format) }
  got[#got] = nil -- the next position
  assert.same(row.values, got)
end

describe("Option:unpack", function()
  it("gives what Ruby gives, and raises where Ruby gives nil", function()
    for _, row in ipairs(VECTORS) do
      local format = row.op == "unpack" and FORMATS[row.template]
      if format then
        check(row, format)
      elseif row.op == "unpack" then
        assert.is_string(WITHOUT[row.template], row.template)
      end
    end
  end)

  it("gives the next position, as string.unpack does", function()
    local option = Option.linger(true, 5)
    assert.same({ 1, 5, 9 }, { option:unpack("<i4i4") })
    assert.same({ ("<hh"):unpack(option:data()) }, { option:unpack("<hh") })
  end)

  it("refuses a bad format and data that is too short", function()
    local option = Option.int("INET", "SOCKET", "KEEPALIVE", 1)
    assert.has_error(function() option:unpack("y") end)
    assert.has_error(function() option:unpack("i8") end)
    assert.has_error(function() option:unpack() end)
    assert.has_error(function() option:unpack({}) end)
  end)
end)
