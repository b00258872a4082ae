-- Run by busted before the specs. Every example ends with the fds open that
-- were open before it, without a scheduler that runs, and within a time.

local build = require "spec.support.build"
local busted = require "busted"
local fds = require "spec.support.fds"
local paths = require "spec.support.paths"

-- The collector at its most eager goes through all that busted holds.
local is_eager = os.getenv("SPEC_GC") ~= nil
local LIMIT = is_eager and 120 or 20 -- seconds

local native = assert(package.searchpath("socket.native", package.cpath))
assert(native == build.folder .. "/socket/native.so", "another: " .. native)

-- Bash, since a plain sh has no `read -t`.
local function start_watchdog()
  if not os.execute("command -v bash >/dev/null") then return nil end
  local script = "spec/support/watchdog.bash"
  return assert(io.popen(("exec bash %s $PPID %d"):format(script, LIMIT), "w"))
end

local watchdog = start_watchdog()

local function tell_watchdog(line)
  if not watchdog then return end
  watchdog:write(line:gsub("\n", " "), "\n")
  watchdog:flush()
end

-- The collector at its most eager: a step at every few bytes, each of which
-- does as much as it can.
local function collect_eagerly()
  collectgarbage()
  collectgarbage("incremental", 1, 1000, 1)
end

-- A thread that still looks up a name may have a file open a moment longer.
local function wait_a_moment()
  os.execute("sleep 0.02")
end

local function check_fds(before, example)
  local left = fds.since(before)
  for _ = 1, 50 do
    if #left == 0 then return end
    collectgarbage()
    collectgarbage()
    left = fds.since(before)
    if #left > 0 then wait_a_moment() end
  end
  error(("%s left open: %s"):format(example, table.concat(left, ", ")), 0)
end

-- Outside a run nothing can be scheduled.
local function check_scheduler(example)
  local Socket = package.loaded["socket"]
  if Socket and Socket.schedule and pcall(Socket.schedule, wait_a_moment) then
    error(example .. " left a scheduler behind", 0)
  end
end

local before, example

busted.before_each(function()
  if is_eager then collect_eagerly() end
  before = fds.list()
end)

busted.subscribe({ "test", "start" }, function(element, parent)
  example = parent.name .. " " .. element.name
  tell_watchdog(example)
  return nil, true
end)

busted.after_each(function()
  paths.remove_all()
  check_scheduler(example)
  check_fds(before, example)
end)
