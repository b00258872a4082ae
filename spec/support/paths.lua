-- Paths for unix sockets and files, in folders that go when the example ends.

local lfs = require "lfs"

local paths = {}

local folders = {}

-- A path at which nothing is yet, alone in a folder of its own.
function paths.new()
  local folder = os.tmpname()
  os.remove(folder)
  folder = folder .. ".d"
  assert(lfs.mkdir(folder))
  folders[#folders + 1] = folder
  return folder .. "/s"
end

local function remove_folder(folder)
  for name in lfs.dir(folder) do
    if name ~= "." and name ~= ".." then os.remove(folder .. "/" .. name) end
  end
  lfs.rmdir(folder)
end

function paths.remove_all()
  for i = #folders, 1, -1 do
    remove_folder(folders[i])
    folders[i] = nil
  end
end

return paths
