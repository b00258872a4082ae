-- A reader of the little Ruby that the measured cases are written in. It makes
-- a function of a piece of code; what names and calls mean, `world` tells:
-- `world.constant(path)`, `world.call(receiver, name, args, keywords, block)`,
-- `world.helper(name, args, keywords, block)`, `world.binary(op, a, b)`.

local ruby = {}

-- An array: its elements with their count n.
local Array = {}
ruby.Array = Array

function ruby.array(...)
  return setmetatable(table.pack(...), Array)
end

-- What `break` raises, to end a loop.
local Break = {}
ruby.Break = Break

local ESCAPES = { n = "\n", r = "\r", t = "\t", ["0"] = "\0" }

local function unescape(text)
  return (text:gsub("\\(.)", function(char)
    return ESCAPES[char] or char
  end))
end

-- What tokens look like, in the order in which they are tried.
local PATTERNS = {
  { "number", "^0x%x+", function(text) return tonumber(text) end },
  { "number", "^%d[%d_]*%.%d+", function(text) return tonumber(text) end },
  { "number", "^%d[%d_]*", function(text)
    return math.tointeger(tonumber((text:gsub("_", ""))))
  end },
  { "string", '^"[^"]*"', function(text) return unescape(text:sub(2, -2)) end },
  { "string", "^'[^']*'", function(text) return text:sub(2, -2) end },
  { "string", "^:[%a_][%w_]*[?!]?", function(text) return text:sub(2) end },
  { "label", "^[%l_][%w_]*:%f[^:]", function(text) return text:sub(1, -2) end },
  { "constant", "^%u[%w_]*", nil },
  { "name", "^[%l_$][%w_]*[?!]?", nil },
  { "op", "^::", nil }, { "op", "^%*%*", nil }, { "op", "^==", nil },
  { "op", "^<<", nil }, { "op", "^||", nil }, { "op", "^%p", nil },
}

local function next_token(code, at)
  for _, row in ipairs(PATTERNS) do
    local text = code:match(row[2], at)
    if text then
      return { kind = row[1], value = row[3] and row[3](text) or text,
        text = text }, at + #text
    end
  end
  error("what is this: " .. code:sub(at))
end

local function tokens_of(code)
  local tokens, at = {}, 1
  while true do
    at = code:match("^%s*()", at)
    if at > #code then break end
    tokens[#tokens + 1], at = next_token(code, at)
  end
  return tokens
end

local Parser = {}
Parser.__index = Parser

function Parser:peek(offset)
  return self.tokens[self.at + (offset or 0)] or { kind = "end", text = "" }
end

function Parser:take()
  self.at = self.at + 1
  return self.tokens[self.at - 1]
end

function Parser:is(text, offset)
  local token = self:peek(offset)
  return token.kind ~= "string" and token.text == text
end

function Parser:accept(text)
  if self:is(text) then return self:take() end
end

function Parser:expect(text)
  return self:accept(text) or error(("no %s at %d: %s"):format(text, self.at,
    self:peek().text))
end

-- Runs the statements, and gives the last one's value.
local function run_all(list, env)
  local value
  for i = 1, #list do
    value = list[i](env)
  end
  return value
end

function Parser:statements(...)
  local ends, list = { ... }, {}
  local function is_end()
    for _, text in ipairs(ends) do
      if self:is(text) then return true end
    end
    return self:peek().kind == "end"
  end
  while not is_end() do
    if not self:accept(";") then list[#list + 1] = self:statement() end
  end
  return function(env)
    return run_all(list, env)
  end
end

function Parser:names()
  local names = {}
  repeat
    names[#names + 1] = self:take().text
  until not self:accept(",")
  return names
end

-- a, b = value
function Parser:several()
  local names = self:names()
  self:expect("=")
  local value = self:expression()
  return function(env)
    local list = value(env)
    for i, name in ipairs(names) do env[name] = list[i] end
    return list
  end
end

function Parser:assignment()
  local name = self:take().text
  self:expect("=")
  local value = self:expression()
  return function(env)
    env[name] = value(env)
    return env[name]
  end
end

-- begin ... rescue Class ... end
function Parser:guarded()
  self:expect("begin")
  local body = self:statements("rescue")
  self:expect("rescue")
  self:postfix()
  local cure = self:statements("end")
  self:expect("end")
  return function(env)
    local ok, value = pcall(body, env)
    return ok and value or cure(env)
  end
end

function Parser:leaving()
  self:expect("break")
  local value = self:expression()
  return function(env)
    error(setmetatable({ value = value(env) }, Break), 0)
  end
end

function Parser:plain()
  if self:is("begin") then return self:guarded() end
  if self:is("break") then return self:leaving() end
  if self:peek().kind == "name" then
    if self:is(",", 1) then return self:several() end
    if self:is("=", 1) then return self:assignment() end
  end
  return self:expression()
end

function Parser:statement()
  local statement = self:plain()
  local word = self:accept("if") or self:accept("unless")
  if not word then return statement end
  local condition = self:expression()
  return function(env)
    local holds = condition(env) and true or false
    if holds == (word.text == "if") then return statement(env) end
  end
end

local PRECEDENCE = { ["||"] = 1, ["=="] = 2, ["<<"] = 3, ["+"] = 4, ["-"] = 4,
  ["*"] = 5, ["**"] = 6 }

function Parser:binary(least)
  local left = self:unary()
  while true do
    local op = self:peek().kind == "op" and self:peek().text
    local precedence = PRECEDENCE[op or ""]
    if not precedence or precedence < least then return left end
    self:take()
    local first, second = left, self:binary(precedence + 1)
    left = function(env)
      return self.world.binary(op, first(env), second(env))
    end
  end
end

function Parser:expression()
  local condition = self:binary(1)
  if not self:accept("?") then return condition end
  local yes = self:expression()
  self:expect(":")
  local no = self:expression()
  return function(env)
    if condition(env) then return yes(env) end
    return no(env)
  end
end

function Parser:unary()
  if not self:accept("-") then return self:postfix() end
  local value = self:postfix()
  return function(env)
    return -value(env)
  end
end

-- { |x, y| ... } -> a function that makes the block in an environment
function Parser:block()
  if not self:accept("{") then return function() end end
  local names = {}
  if self:accept("|") then
    names = self:names()
    self:expect("|")
  end
  local body = self:statements("}")
  self:expect("}")
  return function(env)
    return function(...)
      for i, name in ipairs(names) do env[name] = (select(i, ...)) end
      return body(env)
    end
  end
end

-- What stands between brackets -> a function that gives values, keywords.
function Parser:list(close)
  local items, labels = {}, {}
  while not self:accept(close) do
    if self:peek().kind == "label" then
      labels[self:take().value] = self:expression()
    else
      items[#items + 1] = self:expression()
    end
    if not self:is(close) then self:expect(",") end
  end
  return function(env)
    local values, keywords = ruby.array(), nil
    for i, item in ipairs(items) do values[i] = item(env) end
    values.n = #items
    for name, item in pairs(labels) do
      keywords = keywords or {}
      keywords[name] = item(env)
    end
    return values, keywords
  end
end

local function no_arguments()
  return ruby.array()
end

function Parser:arguments()
  return self:accept("(") and self:list(")") or no_arguments
end

-- receiver.name(...) { ... }, or receiver.name = value
function Parser:call(receiver)
  local name, world = self:take().text, self.world
  if self:is("=") then
    self:take()
    local value = self:expression()
    return function(env)
      return world.call(receiver(env), name .. "=", ruby.array(value(env)))
    end
  end
  local arguments, block = self:arguments(), self:block()
  return function(env)
    local object = receiver(env)
    local values, keywords = arguments(env)
    return world.call(object, name, values, keywords, block(env))
  end
end

function Parser:index(receiver)
  local arguments = self:list("]")
  return function(env)
    return self.world.call(receiver(env), "[]", (arguments(env)))
  end
end

function Parser:postfix()
  local value = self:primary()
  while true do
    if self:accept(".") then
      value = self:call(value)
    elseif self:accept("[") then
      value = self:index(value)
    else
      return value
    end
  end
end

function Parser:constant()
  local path = { self:take().text }
  while self:accept("::") do path[#path + 1] = self:take().text end
  path = table.concat(path, "::")
  return function()
    return self.world.constant(path)
  end
end

-- Variables are those that have a value, other names are helpers.
function Parser:name()
  local name, world = self:take().text, self.world
  if name == "sleep" then
    local seconds = self:expression()
    return function(env) return world.helper(name, { seconds(env) }) end
  end
  local arguments, block = self:arguments(), self:block()
  return function(env)
    if env[name] ~= nil then return env[name] end
    local values, keywords = arguments(env)
    return world.helper(name, values, keywords, block(env))
  end
end

local WORDS = { ["nil"] = {}, ["true"] = { true }, ["false"] = { false } }

local function constantly(value)
  return function()
    return value
  end
end

local PRIMARY = {
  number = function(parser) return constantly(parser:take().value) end,
  string = function(parser) return constantly(parser:take().value) end,
  constant = Parser.constant,
  name = Parser.name,
}

function Parser:primary()
  local token = self:peek()
  if token.kind == "name" and WORDS[token.text] then
    return constantly(WORDS[self:take().text][1])
  end
  if PRIMARY[token.kind] then return PRIMARY[token.kind](self) end
  if self:accept("[") then return self:list("]") end
  self:expect("(")
  local body = self:statements(")")
  self:expect(")")
  return body
end

--- A function that runs the code and gives its value.
function ruby.compile(code, world)
  local parser = setmetatable({ tokens = tokens_of(code), at = 1,
    world = world }, Parser)
  local body = parser:statements()
  return function()
    return body({})
  end
end

return ruby
