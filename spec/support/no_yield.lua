-- The places where Lua cannot yield, a row each: a name, and a function that
-- calls another there and returns what that gave.

local places = {}

-- The place gets a function that it calls at least once.
local function add(name, enter)
  places[#places + 1] = {
    name = name,
    enter = function(fn, ...)
      local args = table.pack(...)
      local results
      enter(function()
        if not results then
          results = table.pack(fn(table.unpack(args, 1, args.n)))
        end
      end)
      return table.unpack(results, 1, results.n)
    end,
  }
end

-- An object with that metamethod, which calls fn and gives the value.
local function object(event, fn, value)
  return setmetatable({}, { [event] = function()
    fn()
    return value
  end })
end

add("a generator", function(fn) coroutine.wrap(fn)() end)

add("a generator in a generator", function(fn)
  coroutine.wrap(function() coroutine.wrap(fn)() end)()
end)

add("a generator that yields before and after", function(fn)
  local generator = coroutine.wrap(function()
    coroutine.yield(1)
    fn()
    coroutine.yield(2)
  end)
  assert(generator() == 1)
  assert(generator() == 2)
  generator()
end)

add("an iterator of for", function(fn)
  local count = 0
  for value in coroutine.wrap(function()
    fn()
    coroutine.yield(1)
  end) do count = count + value end
  assert(count == 1)
end)

add("a sort's comparison", function(fn)
  table.sort({ 3, 1, 2 }, function(a, b)
    fn()
    return a < b
  end)
end)

add("__lt in a sort", function(fn)
  local first = object("__lt", fn, false)
  table.sort({ first, setmetatable({}, getmetatable(first)) })
end)

add("gsub's function", function(fn)
  local text = ("abc"):gsub("b", function()
    fn()
    return "B"
  end)
  assert(text == "aBc")
end)

add("gsub's table", function(fn)
  local text = ("abc"):gsub("b", object("__index", fn, "B"))
  assert(text == "aBc")
end)

add("__tostring", function(fn)
  assert(tostring(object("__tostring", fn, "text")) == "text")
end)

add("__tostring in string.format", function(fn)
  assert(("<%s>"):format(object("__tostring", fn, "text")) == "<text>")
end)

add("__index in table.concat", function(fn)
  local list = object("__index", fn, "x")
  getmetatable(list).__len = function() return 2 end
  assert(table.concat(list) == "xx")
end)

add("__newindex in table.insert", function(fn)
  table.insert(object("__newindex", fn), 1)
end)

add("__len in table.unpack", function(fn)
  assert(select("#", table.unpack(object("__len", fn, 0))) == 0)
end)

add("a module's body", function(fn)
  package.preload["spec.no_yield"] = fn
  package.loaded["spec.no_yield"] = nil
  require "spec.no_yield"
  package.preload["spec.no_yield"] = nil
  package.loaded["spec.no_yield"] = nil
end)

add("load's reader", function(fn)
  local pieces = { "return ", "1" }
  local chunk = load(function()
    fn()
    return table.remove(pieces, 1)
  end)
  assert(chunk() == 1)
end)

add("xpcall's handler", function(fn)
  local _, handled = xpcall(error, function(err)
    fn()
    return err .. " handled"
  end, "error")
  assert(handled == "error handled")
end)

add("a pcall in a generator", function(fn)
  coroutine.wrap(function() assert(pcall(fn)) end)()
end)

add("a closer in a generator", function(fn)
  coroutine.wrap(function()
    local _ <close> = object("__close", fn)
  end)()
end)

add("a closer run by coroutine.close", function(fn)
  local co = coroutine.create(function()
    local _ <close> = object("__close", fn)
    coroutine.yield()
  end)
  coroutine.resume(co)
  assert(coroutine.close(co))
end)

add("a sort in a generator in gsub's function", function(fn)
  ("x"):gsub("x", coroutine.wrap(function()
    table.sort({ 2, 1 }, function(a, b)
      fn()
      return a < b
    end)
  end))
end)

return places
