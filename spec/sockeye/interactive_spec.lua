-- The interpreter's interactive mode.

local build = require "spec.support.build"

local program = build.program "sockeye"

-- What it prints for lines of input; prompts and the echo of line editing,
-- which no terminal asked for, are left out.
local function interact(input, redirection)
  local command = ("printf '%%s' %s | %s -i %s")
    :format(build.quote(input), program, redirection or "2>&1")
  local kept = {}
  for line in build.run(command):gmatch "[^\n]+" do
    local bare = line:gsub("^[> ]+", "")
    if not input:find(bare, 1, true) then kept[#kept + 1] = bare end
  end
  table.remove(kept, 1) -- the version
  return table.concat(kept, "\n")
end

describe("sockeye -i", function()
  if not program then
    pending "is built by `make sockeye`"
    return
  end

  it("prints an expression's values", function()
    assert.are.equal("42\nnil\ttrue", interact "6 * 7\n= nil, true\n")
  end)

  it("reads on until a statement is whole", function()
    assert.are.equal("110\n120", interact(
      "for i = 11, 12 do\nlocal x = 10 * i\nprint(x)\nend\n"))
  end)

  it("says what fails and goes on", function()
    local said = interact "error 'no'\nx x\nprint(50 + 5)\n"
    assert.matches("^stdin:1: no\nstack traceback:", (said))
    assert.matches("stdin:1: syntax error near 'x'", said, 1, true)
    assert.matches("55$", said)
  end)

  it("uses _PROMPT and _PROMPT2", function()
    local command = "printf '%s' | " .. program .. " -i"
    local said = build.run(command:format
      [[_PROMPT="<one>" _PROMPT2="<two>"\ndo\nend\n]])
    assert.matches("<one>", said, 1, true)
    assert.matches("<two>", said, 1, true)
  end)

  it("tells of a statement that the input leaves incomplete", function()
    assert.matches("near <eof>", (interact "for i = 1,"))
  end)

  it("tells of a print that fails", function()
    assert.matches("error calling 'print' %(",
      (interact "print = function() error 'no' end\n= 11 + 11\n"))
  end)
end)
