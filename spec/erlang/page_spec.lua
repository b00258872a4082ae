-- doc/erlang.md tells of each function of Erlang's what answers to it.

local Socket = require "socket"
local checklist = require "spec.erlang.checklist"

-- The rows of all tables: Erlang's names and what is here, as texts.
local function rows()
  local list = {}
  for line in io.lines "doc/erlang.md" do
    local names, here = line:match "^| (`.-) |(.-)|"
    if names then list[#list + 1] = { names = names, here = here } end
  end
  return list
end

-- The class that has the method or function.
local function has_function(name)
  return type(Socket[name]) == "function"
    or type(Socket.BasicSocket[name]) == "function"
end

describe("the page about Erlang's functions", function()
  it("has each of them, once", function()
    local seen = {}
    for _, row in ipairs(rows()) do
      for name in row.names:gmatch "`(.-)`" do
        assert.is_nil(seen[name], name)
        seen[name] = true
      end
    end
    for _, name in ipairs(checklist.functions()) do
      assert.is_true(seen[name], name)
      seen[name] = nil
    end
    assert.same({}, seen)
  end)

  it("names what there is", function()
    local count = 0
    for _, row in ipairs(rows()) do
      for name in row.here:gmatch "sock:([%w_]+)" do
        assert.is_true(has_function(name), name)
        count = count + 1
      end
      for name in row.here:gmatch "Socket%.([%w_]+)" do
        assert.is_true(has_function(name), name)
        count = count + 1
      end
    end
    assert.is_true(count > 40)
  end)

  it("is linked from README", function()
    local file <close> = assert(io.open "README.md")
    assert.matches("doc/erlang.md", file:read "a", 1, true)
  end)
end)
