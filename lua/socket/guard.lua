-- Closing on the way out: one resource for the length of a block, or several
-- while they are being collected. Nothing else closes on the way out.

local guard = {}

local Owned = {}
Owned.__index = Owned

--- Takes over a resource (anything with a method `close`) and returns it.
function Owned:add(resource)
  self[#self + 1] = resource
  return resource
end

local function clear(owned, ...)
  for i = #owned, 1, -1 do
    owned[i] = nil
  end
  return ...
end

--- Gives everything up unclosed, and returns it, a value for each.
function Owned:release()
  if #self ~= 1 then return clear(self, table.unpack(self)) end
  local only = self[1] -- as for each connection of a server
  self[1] = nil
  return only
end

--- Closes what it holds, the last one first. A second call does nothing.
function Owned:close()
  for i = #self, 1, -1 do
    local resource = self[i]
    self[i] = nil
    resource:close()
  end
end

Owned.__close = Owned.close

--- A collection of resources that a `<close>` variable closes on every way out,
-- unless they were released before.
function guard.owned(...)
  return setmetatable({ ... }, Owned)
end

--- The block form for one resource: without a function the resource itself,
-- else what the function returns; then the resource is closed.
function guard.using(resource, fn, ...)
  if fn == nil then return resource end
  local _ <close> = resource
  return fn(resource, ...)
end

--- The block form for a list of resources.
function guard.using_all(list, fn)
  if fn == nil then return list end
  local _ <close> = guard.owned(table.unpack(list))
  return fn(list)
end

--- The block form for results that may be a failure: nil, err, errno pass.
function guard.opened(fn, resource, ...)
  if not resource or fn == nil then return resource, ... end
  return guard.using(resource, fn)
end

return guard
