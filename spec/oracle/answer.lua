-- What a case comes to in this library, in the form in which Ruby answers: the
-- names of what was asked, each with its result. An error is {"raised",
-- message} or {"returned", name, message}.

local Socket = require "socket"

local Answer = {}
Answer.__index = Answer

function Answer.new()
  return setmetatable({ names = {}, values = {} }, Answer)
end

-- An Addrinfo is its text and bytes; what else was made is read afterwards.
local function plain_object(value)
  if not value.to_sockaddr then return true end
  return { value:inspect(), value:to_sockaddr() }
end

local function plain(value)
  if type(value) == "userdata" then return plain_object(value) end
  if type(value) ~= "table" then return value end
  local list = { n = value.n or #value }
  for i = 1, list.n do
    list[i] = plain(value[i])
  end
  return list
end

-- Several results are a list in Ruby.
local function result(ok, ...)
  if not ok then return { "raised", (tostring(...)) } end
  local first, err = ...
  if first == nil and Socket.Error.is(err) then
    return { "returned", err.name, tostring(err) }
  end
  local count = select("#", ...)
  return plain(count > 1 and { n = count, ... } or first)
end

-- Calls fn, and keeps under that name what comes of it; gives its first result
-- where it succeeds.
function Answer:add(name, fn, ...)
  local results = table.pack(pcall(fn, ...))
  self.names[#self.names + 1] = name
  self.values[name] = result(table.unpack(results, 1, results.n))
  return results[1] and results[2] or nil
end

-- Each of the readers of a value.
function Answer:add_all(value, readers)
  for _, reader in ipairs(readers) do
    self:add(reader, value[reader], value)
  end
end

return Answer
