-- The class tables and their tree. A class inherits through its metatable, so a
-- method that a program adds to one is seen by the objects of its subclasses.

local native = require "socket.native"

local PARENTS = {
  { "BasicSocket", nil },
  { "Socket", "BasicSocket" },
  { "IPSocket", "BasicSocket" },
  { "TCPSocket", "IPSocket" },
  { "TCPServer", "TCPSocket" },
  { "UDPSocket", "IPSocket" },
  { "UNIXSocket", "BasicSocket" },
  { "UNIXServer", "UNIXSocket" },
}

local classes = {}

-- Class(...) is Class.new(...).
local function call(class, ...)
  return class.new(...)
end

for _, row in ipairs(PARENTS) do
  local name, parent = row[1], row[2]
  local class = native[name] or {}
  classes[name] = setmetatable(class, {
    __index = classes[parent],
    __call = call,
    __name = "socket." .. name .. " class",
  })
  native.metatables[name].__index = class
end

-- The classes of values inherit from nothing.
for _, name in ipairs { "Addrinfo", "AncillaryData", "Option" } do
  setmetatable(native[name], {
    __call = call,
    __name = "socket." .. name .. " class",
  })
end

return classes
