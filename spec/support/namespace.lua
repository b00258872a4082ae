-- Lua code in a process of its own that is root in a namespace of its own,
-- where it may do what it likes to the network.

local build = require "spec.support.build"

local namespace = {}

local function run(command, code)
  return build.run(("%s %s -e %s"):format(command, build.command(),
    build.quote(code)))
end

-- Runs the code -> what it printed, whether it ended well. Nil where the system
-- permits no such namespaces. The real root may do more in one than others.
function namespace.run(code)
  for _, command in ipairs { "unshare -n", "unshare -rn" } do
    local _, is_permitted = build.run(command .. " true")
    if is_permitted then return run(command, code) end
  end
end

-- The same with the machine's own network, over which such a root has no power.
function namespace.run_powerless(code)
  local _, is_permitted = build.run "unshare -r true"
  if is_permitted then return run("unshare -r", code) end
end

return namespace
