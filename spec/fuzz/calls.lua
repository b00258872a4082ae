-- Calls whatever the fuzzer came upon. A function may raise what a mistake in
-- a program raises; anything else is a fault of the library.

local calls = {}

local MISTAKES = { "^bad argument #", "^size differ%.", " expected$" }

local function passes(message)
  for i = 1, #MISTAKES do
    if tostring(message):find(MISTAKES[i]) then return true end
  end
  return false
end

local function check(name, ok, ...)
  if ok or passes(...) then return ok, ... end
  error(name .. ": " .. tostring(...), 0)
end

-- pcall, whose failures must be those of a mistake.
function calls.try(class, name, ...)
  return check(name, pcall(class[name], ...))
end

-- Each of the methods on that value.
function calls.try_all(class, names, value)
  for i = 1, #names do
    calls.try(class, names[i], value)
  end
end

-- The names of a class's functions which accept(name) takes, in order.
function calls.names(class, accept)
  local names = {}
  for name, value in pairs(class) do
    if type(value) == "function" and accept(name) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

return calls
