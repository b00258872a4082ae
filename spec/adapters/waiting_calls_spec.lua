-- Every waiting call under a scheduler that is an object of the program.

local describe_calls = require "spec.support.foreign_calls"
local fake_loop = require "spec.support.fake_loop"

describe("under a scheduler of the program,", function()
  describe_calls(function(fn) return fake_loop.new():run(fn) end)
end)
