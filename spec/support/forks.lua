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

-- Runs the pieces of a script, which has to print nothing and to end well.
function forks.run(...)
  local command = build.command(nil, build.folder .. "/spec/?.so;")
  local script = PRELUDE .. table.concat({ ... }, "\n")
  local output, ok = build.run(("timeout -s KILL 15 %s -e %s"):format(command,
    build.quote(script)))
  assert.equal("", output)
  assert.is_true(ok)
end

return forks
