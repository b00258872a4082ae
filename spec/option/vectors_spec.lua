local Option = require("socket").Option
local vectors = require "spec.support.vectors"

local VECTORS = dofile("spec/vectors/option.lua")

local READERS = {
  "int",
  "bool",
  "byte",
  "linger",
  "ipv4_multicast_ttl",
  "ipv4_multicast_loop",
}

local CONSTRUCTORS = {
  new = true,
  int = true,
  bool = true,
  byte = true,
  linger = true,
  ipv4_multicast_ttl = true,
  ipv4_multicast_loop = true,
}

local function essential(row)
  return row.error_message:match("^unknown.*: (.*)$") or ""
end

-- Where this library differs: each gives a reason, or nil.
local DIFFERENCES = {
  -- A number out of range is refused, never wrapped; a fraction, too.
  function(row)
    local value = row.args[row.args.n]
    if row.error_class or type(value) ~= "number" then return nil end
    if math.type(value) == "float" then return "a fraction" end
    if row.op ~= "byte" or value >= 0 and value <= 255 then return nil end
    return "out of range"
  end,
  vectors.any_case,
  vectors.number_as_data,
}

local function is_constructor(row)
  return CONSTRUCTORS[row.op]
end

local function difference(row)
  return is_constructor(row) and vectors.difference(DIFFERENCES, row)
end

local function make(row)
  return Option[row.op](table.unpack(row.args, 1, row.args.n))
end

local function check_made(row)
  local option = make(row)
  assert.equal(row.family, option:family())
  assert.equal(row.level, option:level())
  assert.equal(row.optname, option:optname())
  assert.equal(row.data, option:data())
  assert.equal(row.inspect, option:inspect())
end

local function check_refused(row)
  local ok, err = pcall(make, row)
  assert.is_false(ok, vectors.describe(row))
  assert.is_truthy(err:find("bad argument #%d"), err)
  assert.is_truthy(err:find(essential(row), 1, true), err)
end

local function check_reader(row, option, reader)
  local got = table.pack(pcall(option[reader], option))
  local refusal = row[reader .. "_error"]
  if refusal then
    assert.is_false(got[1])
    assert.is_truthy(got[2]:find(refusal.error_message, 1, true), got[2])
    return
  end
  local expected = row[reader]
  if type(expected) ~= "table" then expected = { expected } end
  assert.same({ true, n = 1 + #expected, table.unpack(expected) }, got)
end

local function each(accept, fn)
  vectors.each(VECTORS, accept, fn)
end

-- What is done with the other rows; those to unpack have a spec of their own.
local OTHERS = { decode = true, inspect = true, unpack = true }

describe("Option, compared with Ruby,", function()
  it("is compared in every case", function()
    for _, row in ipairs(VECTORS) do
      assert.is_true(CONSTRUCTORS[row.op] or OTHERS[row.op], row.op)
    end
  end)

  it("is made with the same contents and text", function()
    each(function(row)
      return is_constructor(row) and not row.error_class
        and not difference(row)
    end, check_made)
  end)

  it("refuses the same, and names what it refuses", function()
    each(function(row)
      return is_constructor(row) and row.error_class and not difference(row)
    end, check_refused)
  end)

  it("differs where a number does not fit, in case, in number data", function()
    local seen = vectors.count_reasons(VECTORS, difference, function(row)
      local ok = pcall(make, row)
      assert.equal(row.error_class ~= nil, ok, vectors.describe(row))
    end)
    assert.same({
      ["a fraction"] = 4,
      ["out of range"] = 12,
      ["any case"] = 12,
      ["a number as data"] = 1,
    }, seen)
  end)

  it("reads values of the right size and refuses others", function()
    each(function(row) return row.op == "decode" end, function(row)
      local option = Option.new(table.unpack(row.args, 1, row.args.n))
      for _, reader in ipairs(READERS) do
        check_reader(row, option, reader)
      end
    end)
  end)

  it("shows the same texts", function()
    each(function(row) return row.op == "inspect" end, function(row)
      local option = Option.new(table.unpack(row.args, 1, row.args.n))
      assert.equal(row.inspect, option:inspect())
      assert.equal(row.inspect, tostring(option))
    end)
  end)
end)
