-- Which fds this process has open.

local lfs = require "lfs"

local FOLDER = "/proc/self/fd"

local fds = {}

-- A table fd number -> what it is ("socket:[123]"); nil where the system does
-- not tell. The fd that reads the folder is not among them.
function fds.list()
  if lfs.attributes(FOLDER, "mode") ~= "directory" then return nil end
  local names = {}
  for name in lfs.dir(FOLDER) do
    names[#names + 1] = name
  end
  local open = {}
  for _, name in ipairs(names) do
    local target = lfs.symlinkattributes(FOLDER .. "/" .. name, "target")
    if tonumber(name) and target then open[tonumber(name)] = target end
  end
  return open
end

-- How many there are.
function fds.count()
  local count = 0
  for _ in pairs(fds.list()) do
    count = count + 1
  end
  return count
end

-- The lines "fd 7: socket:[123]" of what is open now and was not in `before`.
function fds.since(before)
  local lines = {}
  for fd, target in pairs(before and fds.list() or {}) do
    if before[fd] ~= target then
      lines[#lines + 1] = ("fd %d: %s"):format(fd, target)
    end
  end
  table.sort(lines)
  return lines
end

return fds
