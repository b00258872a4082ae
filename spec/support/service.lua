-- The stand-alone interpreter in a process group of its own, which is killed
-- when it is closed, and in any case after some seconds.

local build = require "spec.support.build"
local paths = require "spec.support.paths"

local LIMIT = 15

-- Before each script: who runs it, and a word to the one who reads along.
local PRELUDE = [[
local Socket = require "socket"
local function id()
  local pipe <close> = io.popen "echo $PPID"
  return pipe:read "n"
end
local function say(...)
  io.stderr:write(table.concat({ ... }, " ") .. "\n")
end
]]

local Service = {}
Service.__index = Service

local service = { program = build.program "sockeye" }

-- A file that holds a script.
function service.script(text)
  local path = paths.new()
  local file <close> = assert(io.open(path, "w"))
  file:write(PRELUDE, text)
  return path
end

-- Starts the interpreter with options, a script's text and its arguments;
-- `before` is what a shell, bash, does first.
function service.start(options, text, arguments, before)
  local inner = ("%s\necho $$\nexec %s %s %s %s"):format(before or "",
    build.command(service.program), options, service.script(text),
    arguments or "")
  local command = ("echo $$; exec timeout -s KILL %d %s -c %s 2>&1 </dev/null")
    :format(LIMIT, before and "bash" or "sh", build.quote(inner))
  local pipe = assert(io.popen(command))
  return setmetatable({
    pipe = pipe,
    group = pipe:read("n", "l"),
    id = pipe:read("n", "l"),
    said = {}, -- lines
  }, Service)
end

function Service:__close()
  if not self.pipe then return end
  os.execute(("kill -KILL -%d 2>/dev/null"):format(self.group))
  self.pipe:close()
end

-- Sends the signal to the process, or to those given.
function Service:kill(signal, ...)
  local ids = select("#", ...) > 0 and { ... } or { self.id }
  os.execute(("kill -%s %s"):format(signal, table.concat(ids, " ")))
end

-- Reads up to a line that matches -> its captures.
function Service:await(pattern)
  for line in self.pipe:lines() do
    self.said[#self.said + 1] = line
    if line:find(pattern) then return line:match(pattern) end
  end
  error(("no line with %q in:\n%s"):format(pattern,
    table.concat(self.said, "\n")))
end

-- Waits for the end -> all it said, its status: above 128 for a signal.
function Service:finish()
  for line in self.pipe:lines() do
    self.said[#self.said + 1] = line
  end
  local _, how, status = self.pipe:close()
  self.pipe = nil
  if how == "signal" then status = 128 + status end
  return table.concat(self.said, "\n"), status
end

-- Tells it to end -> the same.
function Service:stop(signal)
  self:kill(signal or "TERM")
  return self:finish()
end

return service
