local names = require("socket.native").names

local VECTORS = dofile("spec/vectors/names.lua")

-- What this library takes and Ruby does not, besides other cases of letters.
local MORE = {
  shutdown = { READ = 0, WRITE = 1 },
  protocol = { TCP = 6, IPPROTO_TCP = 6 },
}

-- The argument of a row; a marker table stands for nil.
local function argument(row)
  local name = row.name
  if row.kind == "shutdown" then name = row.how end
  if type(name) == "table" then return nil end
  return name
end

local function read(row)
  if row.kind == "level" then
    return names.level(argument(row), row.family)
  end
  return names[row.kind](argument(row), row.family, row.level)
end

-- What tells one set of names from another, and the name in capitals.
local function key(row)
  local name = tostring(argument(row)):upper()
  return table.concat({
    row.kind,
    tostring(row.family),
    tostring(row.level),
    name,
  }, " "),
    name
end

local accepted = {}
for _, row in ipairs(VECTORS) do
  if row.value and type(argument(row)) == "string" then
    accepted[key(row)] = row.value
  end
end

-- The number that a name which Ruby refuses has here; nil if it has none.
local function difference(row)
  if type(argument(row)) ~= "string" then return nil end
  local set, name = key(row)
  return accepted[set] or (MORE[row.kind] or {})[name]
end

local function essential(name)
  return (tostring(name):gsub("%z.*", ""))
end

local function check_refused(row)
  local ok, err = pcall(read, row)
  assert.is_false(ok, row.error_message)
  assert.is_truthy(err:find("bad argument #1", 1, true), err)
  assert.is_truthy(err:find(essential(argument(row)), 1, true), err)
end

describe("names", function()
  it("that Ruby accepts have its numbers", function()
    for _, row in ipairs(VECTORS) do
      if row.value then assert.equal(row.value, read(row), (key(row))) end
    end
  end)

  it("that Ruby refuses are refused, with the name in the message", function()
    for _, row in ipairs(VECTORS) do
      if not row.value and not difference(row) then check_refused(row) end
    end
  end)

  it("are accepted in any case, and some that Ruby does not have", function()
    local seen = {}
    for _, row in ipairs(VECTORS) do
      local value = not row.value and difference(row)
      if value then
        assert.equal(value, read(row), (key(row)))
        seen[row.kind] = (seen[row.kind] or 0) + 1
      end
    end
    assert.same({
      family = 16,
      socktype = 8,
      level = 12,
      optname = 10,
      cmsg_type = 4,
      shutdown = 5,
      protocol = 3,
    }, seen)
  end)

  it("that a level knows have Ruby's refusal", function()
    local function refusal(fn, ...)
      return select(2, pcall(fn, ...))
    end
    assert.equal("unknown socket domain: X",
      refusal(names.family, "X"):match("%((.*)%)"))
    assert.equal("unknown socket type: X",
      refusal(names.socktype, "X"):match("%((.*)%)"))
    assert.equal("unknown protocol level: X",
      refusal(names.level, "X", "INET"):match("%((.*)%)"))
    assert.equal("unknown TCP level option name: X",
      refusal(names.optname, "X", "INET", "TCP"):match("%((.*)%)"))
    assert.equal("unknown UNIX control message: X",
      refusal(names.cmsg_type, "X", "UNIX", "SOCKET"):match("%((.*)%)"))
    assert.equal("unknown shutdown argument: X",
      refusal(names.shutdown, "X"):match("%((.*)%)"))
  end)

  it("are no other values than strings and integers", function()
    for _, value in ipairs { true, {}, 1.5, print } do
      assert.has_error(function() names.family(value) end)
      assert.has_error(function() names.socktype(value) end)
      assert.has_error(function() names.level(value, 2) end)
      assert.has_error(function() names.optname(value, 2, 1) end)
      assert.has_error(function() names.shutdown(value) end)
    end
    assert.has_error(function() names.family(nil) end)
    assert.has_error(function() names.socktype() end)
    assert.equal(2, names.family(2.0))
  end)
end)

describe("a protocol", function()
  it("may be left out or be the default", function()
    assert.equal(0, names.protocol(nil))
    assert.equal(0, names.protocol("default"))
    assert.equal(0, names.protocol("DEFAULT"))
  end)

  it("may be named or a number", function()
    assert.equal(17, names.protocol("udp"))
    assert.equal(1, names.protocol("IPPROTO_ICMP"))
    assert.equal(255, names.protocol(255))
    assert.matches("unknown protocol: FOO",
      select(2, pcall(names.protocol, "FOO")))
  end)
end)

describe("a way to shut down", function()
  it("is both directions when left out", function()
    assert.equal(2, names.shutdown())
    assert.equal(2, names.shutdown(nil))
  end)

  it("may be a word", function()
    assert.equal(0, names.shutdown("read"))
    assert.equal(1, names.shutdown("write"))
    assert.equal(2, names.shutdown("read_write"))
  end)
end)

describe("flags", function()
  it("are 0 when left out", function()
    assert.equal(0, names.flags(nil, "MSG_"))
    assert.equal(0, names.flags({}, "MSG_"))
  end)

  it("are a number, a name or a list of both", function()
    assert.equal(2, names.flags(2, "MSG_"))
    assert.equal(2, names.flags("peek", "MSG_"))
    assert.equal(2, names.flags("MSG_PEEK", "MSG_"))
    assert.equal(0x142, names.flags({ "PEEK", "MSG_DONTWAIT", 256 }, "MSG_"))
    assert.equal(6, names.flags({ "CANONNAME", "NUMERICHOST" }, "AI_"))
    assert.equal(3, names.flags({ "NUMERICHOST", "NI_NUMERICSERV" }, "NI_"))
  end)

  it("that are unknown are refused by name", function()
    for _, value in ipairs { "FOO", { "PEEK", "FOO" } } do
      assert.matches("unknown flag: FOO",
        select(2, pcall(names.flags, value, "MSG_")))
    end
    assert.has_error(function() names.flags({ true }, "MSG_") end)
    assert.has_error(function() names.flags(1 << 40, "MSG_") end)
    assert.has_error(function() names.flags("", "MSG_") end)
  end)
end)
