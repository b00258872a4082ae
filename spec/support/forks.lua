-- Scripts that fork, each in a process of its own.

local assert = require "luassert"
local build = require "spec.support.build"

-- What every such script has.
local PRELUDE = [[
local Socket = require "socket"
local fork = require "fork"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"
]]

local forks = {}

-- Whether the module that forks was built (by `make specs`).
forks.are_there = build.program("spec/fork.so") ~= nil

-- A function that runs a script, after what all of its kind begin with: it has
-- to print nothing and to end well.
function forks.runner(head)
  local program = build.command(nil, build.folder .. "/spec/?.so;")
  return function(script)
    local command = ("timeout -s KILL 15 %s -e %s"):format(program,
      build.quote(PRELUDE .. head .. script))
    local output, ok = build.run(command)
    assert.equal("", output)
    assert.is_true(ok)
  end
end

return forks
