local build = require "spec.support.build"

describe("an operation that runs out of memory", function()
  if not build.program("spec/alloc.so") then
    pending("needs a failing allocator: `make oom`")
    return
  end

  for name, rows in pairs {
    [""] = "spec.oom.operations",
    [" in a scheduler, which works still"] = "spec.oom.scheduled",
  } do
    it("leaves neither fds nor memory behind" .. name, function()
      local output, ok = build.run(
        build.command(nil, build.folder .. "/spec/?.so;") ..
          " spec/oom/walk.lua " .. rows .. " </dev/null")
      assert.are.equal("", output)
      assert.is_true(ok)
    end)
  end
end)
