-- Walks the checklist of Erlang's functions: each does what it does there.

local checklist = require "spec.erlang.checklist"

describe("Erlang's function", function()
  checklist.walk(checklist.functions(), checklist.entries("opening", "sending",
    "receiving", "options", "requests", "registry"))
end)
