-- Microseconds that are no fraction of a second overflowed when they became
-- nanoseconds. What exceeds a second counts as seconds, as in Ruby.

local AncillaryData = require("socket").AncillaryData

local function timestamp(type, seconds, fraction)
  local data = ("i8i8"):pack(seconds, fraction)
  return { AncillaryData.new("INET", "SOCKET", type, data):timestamp() }
end

describe("the time of a control message that a program made", function()
  it("has a fraction below one second", function()
    assert.same({ 3, 5000 }, timestamp("TIMESTAMP", 1, 2000005))
    assert.same({ 0, 999999000 }, timestamp("TIMESTAMP", 1, -1))
    assert.same({ 3, 5 }, timestamp("TIMESTAMPNS", 1, 2000000005))
    assert.same({ 0, 999999999 }, timestamp("TIMESTAMPNS", 1, -1))
  end)

  it("may be of any size", function()
    assert.same({ 9223372036854, 775807000 },
      timestamp("TIMESTAMP", 0, math.maxinteger))
    assert.same({ -9223372037, 145224192 },
      timestamp("TIMESTAMPNS", 0, math.mininteger))
  end)
end)
