-- Every waiting call, and server loops, under a scheduler that is an object of
-- the program.

local describe_calls = require "spec.support.foreign_calls"
local describe_loops = require "spec.support.foreign_loops"
local fake_loop = require "spec.support.fake_loop"

local function run(fn)
  return fake_loop.new():run(fn)
end

-- A list of the errors that ended coroutines, then what the function returned.
local function run_noting(fn)
  local loop = fake_loop.new()
  local errors = {}
  loop.errors = setmetatable({}, {
    __newindex = function(_, _, err) table.insert(errors, err) end,
  })
  return errors, loop:run(fn)
end

describe("under a scheduler of the program,", function()
  describe_calls(run)
  describe_loops(run, run_noting)
end)
