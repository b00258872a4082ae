-- An example program in a process of its own: a server by the stand-alone
-- interpreter, which ends it well at SIGTERM; any other by the one that runs
-- the specs.

local Socket = require "socket"
local assert = require "luassert"
local build = require "spec.support.build"
local tasks = require "spec.support.tasks"

-- Seconds that a client of an example waits for anything.
local PATIENCE = 10

-- How many clients are many.
local CLIENTS = 50

local Example = {}
Example.__index = Example

local function signal(name, id)
  os.execute(("kill -%s %d 2>/dev/null"):format(name, id))
end

-- Ends the program if it still runs.
function Example:__close()
  if not self.pipe then return end
  signal("KILL", self.id)
  self.pipe:close()
end

-- Reads up to a line that matches -> its captures.
function Example:await(pattern)
  for line in self.pipe:lines() do
    if line:find(pattern) then return line:match(pattern) end
  end
  error("no line with " .. pattern)
end

-- Waits for its end -> the rest of what it prints, whether it ended well, its
-- exit status.
function Example:finish()
  local output = self.pipe:read("a")
  local ok, _, status = self.pipe:close()
  self.pipe = nil
  return output, ok or false, status
end

function Example:signal(name)
  signal(name, self.id)
end

-- Tells it to end -> the same.
function Example:stop(name)
  self:signal(name or "TERM")
  return self:finish()
end

local example = { program = build.program "sockeye" }

local function words(name, ...)
  local list = { "examples/" .. name .. ".lua" }
  for _, word in ipairs { ... } do
    list[#list + 1] = build.quote(tostring(word))
  end
  return table.concat(list, " ")
end

-- The shell's command that runs an example, which ends it in any case.
function example.command(name, ...)
  return ("timeout %d %s %s </dev/null 2>&1"):format(PATIENCE,
    build.command(), words(name, ...))
end

-- Runs an example to its end -> what it printed, whether it ended well, its
-- exit status.
function example.run(...)
  return build.run(example.command(...))
end

-- Starts a server and waits until it listens: it, and its port. `limit` seconds
-- end it in any case.
function example.start(limit, name, ...)
  local inner = ("echo $$; exec %s %s"):format(build.command(example.program),
    words(name, ...))
  local command = ("exec timeout -s KILL %d sh -c %s 2>&1 </dev/null"):format(
    limit, build.quote(inner))
  local pipe = assert(io.popen(command))
  local self = setmetatable({ pipe = pipe, id = pipe:read("n", "l") }, Example)
  return self, math.tointeger(self:await("^listening on .*:(%d+)$"))
end

-- A client of the server at a port.
function example.connect(port, host)
  local sock = assert(Socket.tcp(host or "127.0.0.1", port,
    { open_timeout = PATIENCE }))
  sock:set_timeout(PATIENCE)
  return sock
end

-- Closes a client's socket so that the server gets a reset.
function example.reset(sock)
  assert(sock:setsockopt(Socket.Option.linger(true, 0)))
  sock:close()
end

-- Many clients at a time get back the lines that they send, while one is silent
-- until they have gone.
function example.echo_many(port)
  local idle <close> = example.connect(port)
  tasks.run(function()
    for i = 1, CLIENTS do
      Socket.schedule(function()
        local sock <close> = example.connect(port)
        for j = 1, 20 do
          local line = ("client %d, line %d\n"):format(i, j)
          assert(sock:write(line))
          assert.equal(line, sock:gets())
        end
      end)
    end
  end)
  assert(idle:write("still there\n"))
  assert.equal("still there\n", idle:gets())
end

return example
