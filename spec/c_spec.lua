local build = require "spec.support.build"
local lfs = require "lfs"

describe("the C test", function()
  for file in lfs.dir("spec/c") do
    local name = file:match("^(.*_test)%.c$")
    local program = name and build.program("spec/" .. name)
    if program then
      it(name .. " holds", function()
        local output, ok, code = build.run(program)
        assert.are.equal("", output)
        assert.is_true(ok, "it ends with " .. code)
      end)
    elseif name then
      pending(name .. " is built by `make ctest`")
    end
  end
end)
