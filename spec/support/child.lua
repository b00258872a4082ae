-- A script in a process of its own, for what needs somebody else at the same
-- time. It has `socket` at hand, and `attempt(fn, ...)`, which repeats a call
-- while it fails with ECONNREFUSED or ENOENT: nobody listens yet.

local build = require "spec.support.build"

local PRELUDE = [[
local Socket = require "socket"
local function attempt(fn, ...)
  local sock, err, errno
  for _ = 1, 500 do
    sock, err, errno = fn(...)
    if sock then return sock end
    local name = err.name
    if name ~= "ECONNREFUSED" and name ~= "ENOENT" then break end
    Socket.select(nil, nil, nil, 0.01)
  end
  return sock, err, errno
end
]]

local Child = {}
Child.__index = Child

-- Waits for the end of the script -> what it printed, whether it ended well.
function Child:finish()
  local pipe = self.pipe
  if not pipe then return "", false end
  local output = pipe:read("a")
  self.pipe = nil
  return output, (pipe:close()) or false
end

Child.__close = Child.finish

local child = { Child = Child }

-- Starts the script with its arguments.
function child.start(script, ...)
  local words = { "printf %s", build.quote(PRELUDE .. script), "|",
    build.command(), "-" }
  for _, word in ipairs { ... } do
    words[#words + 1] = build.quote(tostring(word))
  end
  local command = table.concat(words, " ") .. " 2>&1"
  return setmetatable({ pipe = assert(io.popen(command)) }, Child)
end

return child
