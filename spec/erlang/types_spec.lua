-- Walks the checklist of Erlang's types: each field and each word is there.

local checklist = require "spec.erlang.checklist"

describe("Erlang's type", function()
  checklist.walk(checklist.types(), checklist.entries("kinds", "states",
    "messages", "errors", "option_types"), checklist.is_address)
end)
