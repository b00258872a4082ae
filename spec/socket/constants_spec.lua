local native = require "socket.native"

local VECTORS = dofile("spec/vectors/constants.lua")

describe("the constants", function()
  it("have Ruby's values", function()
    local wrong = {}
    for _, row in ipairs(VECTORS) do
      if native.Socket[row.name] ~= row.value then
        wrong[row.name] = native.Socket[row.name] or "absent"
      end
    end
    assert.same({}, wrong)
  end)

  it("are the same in Socket and in Socket.Constants", function()
    for name, value in pairs(native.Constants) do
      assert.equal(value, native.Socket[name], name)
    end
  end)

  it("are integers", function()
    for name, value in pairs(native.Constants) do
      assert.equal("integer", math.type(value), name)
    end
  end)

  it("keep unsigned addresses positive", function()
    assert.equal(0xFFFFFFFF, native.Constants.INADDR_BROADCAST)
    assert.equal(0x7F000001, native.Constants.INADDR_LOOPBACK)
  end)

  it("are absent where the platform lacks them", function()
    assert.is_nil(native.Constants.AF_CCITT)
    assert.is_nil(native.Constants.LOCAL_PEERCRED)
    assert.is_nil(native.Constants.SOCK_NONSENSE)
  end)

  it("come from a list that says what each means", function()
    for line in io.lines("src/consts.list") do
      if line ~= "" and not line:find("^#") then
        local name, meaning = line:match("^([%w_]+)=?[%w_]* (.+)$")
        assert.is_truthy(name and meaning, line)
      end
    end
  end)
end)
