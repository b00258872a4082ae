-- Lines that were read lately are found again rather than made anew: which line
-- came must not depend on it.

local net = require "spec.support.net"

local function check(lines)
  local a, b, _ <close> = net.pair()
  for _ = 1, 4 do
    a:write(table.concat(lines))
    for i, line in ipairs(lines) do
      assert.equal(line, i % 2 == 0 and b:gets() or b:read("L"))
    end
  end
end

describe("lines that come again", function()
  it("are the same at every length", function()
    local lines = {}
    for length = 1, 60 do
      lines[length] = ("x"):rep(length - 1) .. "\n"
    end
    check(lines)
  end)

  it("are told apart where they differ in a single byte", function()
    local lines = {}
    for at = 1, 39 do
      for _, byte in ipairs { "a", "b", "\0" } do
        lines[#lines + 1] = ("x"):rep(at - 1) .. byte .. ("x"):rep(39 - at)
          .. "\n"
      end
    end
    check(lines)
  end)

  it("stay as they are when the collector runs", function()
    local a, b, _ <close> = net.pair()
    for i = 1, 50 do
      a:write("the same line again\n", ("line %09d\n"):format(i % 3))
      assert.equal("the same line again\n", b:gets())
      assert.equal(("line %09d\n"):format(i % 3), b:gets())
      collectgarbage()
    end
  end)
end)
