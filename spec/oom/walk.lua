-- The program that `make oom` is about: `walk.lua MODULE [NAME]` takes all
-- operations of the module, or that one. Each is called with the first
-- request for memory failing, then with the second, and so on, until it makes
-- fewer; once with only that request failing, once with all that follow, too.
-- Before, each is called with the collector running all along.
-- Prints a line for each operation that does not come out of it clean.

local alloc = require "alloc"
local fds = require "spec.support.fds"
local paths = require "spec.support.paths"

local MOST = 3000 -- requests of one operation

local function collect()
  collectgarbage()
  collectgarbage()
end

-- Whether there was a k-th request; and what went wrong, unless the operation
-- raised Lua's own error or came to an end (with a result, which goes).
local function attempt(row, k, lasting)
  local prepared = table.pack(row[2]())
  local failed, ok, err = alloc.call(k, lasting, row[3],
    table.unpack(prepared, 1, prepared.n))
  if row[4] then row[4]() end
  if ok or tostring(err):find("not enough memory", 1, true) then
    return failed
  end
  return failed, "raised " .. tostring(err)
end

-- The fds open that were not open before. A thread that looks up a name which
-- nobody waits for any more may have one for another moment.
local function fds_left(before)
  local left = fds.since(before)
  for _ = 1, 50 do
    if #left == 0 then break end
    os.execute("sleep 0.02")
    left = fds.since(before)
  end
  return left
end

-- What one operation leaves behind with its k-th request failing, or nil; and
-- whether there was a k-th.
local function try(row, k, lasting)
  collect()
  local before, foreign = fds.list(), alloc.foreign()
  local failed, complaint = attempt(row, k, lasting)
  collect()
  paths.remove_all()
  if complaint then return complaint, failed end
  local left = fds_left(before)
  if #left > 0 then return "left " .. table.concat(left, ", "), failed end
  local bytes = alloc.foreign() - foreign
  if bytes > 0 then return ("left %d bytes"):format(bytes), failed end
  return nil, failed
end

local function walk(row, lasting)
  for k = 1, MOST do
    local complaint, failed = try(row, k, lasting)
    if complaint then
      print(("%s: request %d (%s): %s"):format(row[1], k,
        lasting and "and all after it" or "alone", complaint))
      return
    elseif not failed then
      return
    end
  end
  print(("%s: makes more than %d requests"):format(row[1], MOST))
end

-- Calls the operation with a collection before each object that it makes, so
-- that one which is still needed, and not anchored, goes.
local function collect_all_along(row)
  local prepared = table.pack(row[2]())
  local ok, err = alloc.collecting(row[3],
    table.unpack(prepared, 1, prepared.n))
  if not ok then
    print(("%s: raised %s while collecting"):format(row[1], tostring(err)))
  end
end

local function walk_all(rows, wanted)
  for _, row in ipairs(require(rows)) do
    if not wanted or row[1] == wanted then
      pcall(row[3], row[2]()) -- what is made once is made now
      if row[4] then row[4]() end
      collect_all_along(row)
      walk(row, false)
      walk(row, true)
    end
  end
end

alloc.install()
local ok, err = xpcall(walk_all, debug.traceback, ...)
if not ok then print(err) end
os.exit(ok) -- without closing the state: see alloc.install
