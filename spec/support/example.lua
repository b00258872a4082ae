-- An example program in a process of its own.

local build = require "spec.support.build"

local Example = {}
Example.__index = Example

-- Ends with the program, which the example must have told to end.
function Example:__close()
  if self.pipe then self.pipe:close() end
end

-- The rest of what it prints, and whether it ended well.
function Example:finish()
  local output = self.pipe:read("a")
  local ok = self.pipe:close()
  self.pipe = nil
  return output, ok or false
end

local example = {}

-- The command that runs an example with its arguments.
function example.command(name, ...)
  local words = { build.command(), "examples/" .. name .. ".lua" }
  for _, word in ipairs { ... } do
    words[#words + 1] = build.quote(tostring(word))
  end
  return table.concat(words, " ")
end

-- Starts a server and waits until it listens: it, and its port. `limit` seconds
-- end it in any case.
function example.start(limit, name, ...)
  local command = ("exec timeout %d %s 2>&1"):format(limit,
    example.command(name, ...))
  local self = setmetatable({ pipe = assert(io.popen(command)) }, Example)
  local line = assert(self.pipe:read("l"), "it does not listen")
  local port = assert(line:match("^listening on .*:(%d+)$"), line)
  return self, math.tointeger(port)
end

return example
