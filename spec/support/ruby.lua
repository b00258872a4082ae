-- A reader of the little Ruby that the measured cases are written in. It makes
-- a function of a piece of code; what names and calls mean, `world` tells:
-- `world.constant(path)`, `world.call(receiver, name, args, keywords, block)`,
-- `world.helper(name, args, keywords, block)`, `world.binary(op, a, b)`.

local tokens = require "spec.support.ruby_tokens"

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

-- A list of names, and of lists of names in parentheses; they are variables
-- from here on.
function Parser:names()
  local names = {}
  repeat
    if self:accept("(") then
      names[#names + 1] = self:names()
      self:expect(")")
    else
      names[#names + 1] = self:take().text
      self.variables[names[#names]] = true
    end
  until not self:accept(",")
  return names
end

-- Gives the names the values.
local function assign(env, names, values)
  for i, name in ipairs(names) do
    if type(name) == "table" then
      assign(env, name, values[i])
    else
      env[name] = values[i]
    end
  end
end

-- a, b = value or a, b = value, value
function Parser:several()
  local names = self:names()
  self:expect("=")
  local items = { self:expression() }
  while self:accept(",") do items[#items + 1] = self:expression() end
  return function(env)
    local list = items[1](env)
    if #items > 1 then list = ruby.array(list) end
    for i = 2, #items do list[i] = items[i](env) end
    assign(env, names, list)
    return list
  end
end

function Parser:assignment()
  local name = self:names()[1]
  self:expect("=")
  local value = self:plain()
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

-- break, break value
function Parser:leaving()
  self:expect("break")
  local value
  if not (self:is("if") or self:is("}")) then value = self:expression() end
  return function(env)
    error(setmetatable({ value = value and value(env) }, Break), 0)
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

-- statement rescue value
function Parser:cured(statement)
  local cure = self:expression()
  return function(env)
    local ok, value = pcall(statement, env)
    if ok then return value end
    return cure(env)
  end
end

function Parser:statement()
  local statement = self:plain()
  if self:accept("rescue") then return self:cured(statement) end
  local word = self:accept("if") or self:accept("unless")
  if not word then return statement end
  local condition = self:expression()
  return function(env)
    local holds = condition(env) and true or false
    if holds == (word.text == "if") then return statement(env) end
  end
end

local PRECEDENCE = { ["||"] = 1, ["&&"] = 2, ["=="] = 3, ["!="] = 3, ["<"] = 4,
  [">"] = 4, ["&"] = 5, ["<<"] = 6, ["+"] = 7, ["-"] = 7, ["*"] = 8,
  ["**"] = 9 }

-- Those that look at the second value only if the first one does not decide.
local DECIDES = {
  ["||"] = function(value) return value end,
  ["&&"] = function(value) return not value end,
}

function Parser:operation(op, first, second)
  local decides = DECIDES[op]
  return function(env)
    local value = first(env)
    if not decides then return self.world.binary(op, value, (second(env))) end
    if decides(value) then return value end
    return second(env)
  end
end

function Parser:binary(least)
  local left = self:unary()
  while true do
    local op = self:peek().kind == "op" and self:peek().text
    local precedence = PRECEDENCE[op or ""]
    if not precedence or precedence < least then return left end
    self:take()
    left = self:operation(op, left, self:binary(precedence + 1))
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
  if self:accept("+") then return self:postfix() end
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
      local values = { ... }
      local first = values[1]
      if #names > 1 and getmetatable(first) == Array then values = first end
      assign(env, names, values)
      return body(env)
    end
  end
end

-- &:name -> a function that makes the block
function Parser:block_of_name()
  local name, world = self:take().value, self.world
  return function(object)
    return world.call(object, name, ruby.array())
  end
end

-- What stands between brackets -> a function that gives values, keywords, and
-- the block if it stands there.
function Parser:list(close)
  local items, labels, block = {}, {}, nil
  while not self:accept(close) do
    if self:peek().kind == "label" then
      labels[self:take().value] = self:expression()
    elseif self:accept("&") then
      block = self:block_of_name()
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
    return values, keywords, block
  end
end

local function no_arguments()
  return ruby.array()
end

function Parser:arguments()
  return self:accept("(") and self:list(")") or no_arguments
end

-- Calls a function with a block, which `break` ends.
local function with_block(block, fn, ...)
  if not block then return fn(...) end
  local ok, value = pcall(fn, ...)
  if ok then return value end
  if getmetatable(value) == Break then return value.value end
  error(value, 0)
end

-- receiver.name(...) { ... }, or receiver.name = value
function Parser:call(receiver)
  local name, world = self:take().text, self.world
  if self:is("=") then
    self:take()
    local value = self:expression()
    return function(env)
      local object, new = receiver(env), value(env)
      world.call(object, name .. "=", ruby.array(new))
      return new
    end
  end
  local arguments, block = self:arguments(), self:block()
  return function(env)
    local object = receiver(env)
    local values, keywords, passed = arguments(env)
    passed = passed or block(env)
    return with_block(passed, world.call, object, name, values, keywords,
      passed)
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

-- Variables are those that a value was given to, other names are helpers.
function Parser:name()
  local name, world = self:take().text, self.world
  if name == "sleep" then
    local seconds = self:expression()
    return function(env) return world.helper(name, { seconds(env) }) end
  end
  if self.variables[name] and not self:is("(") then
    return function(env) return env[name] end
  end
  local arguments, block = self:arguments(), self:block()
  return function(env)
    local values, keywords = arguments(env)
    local passed = block(env)
    return with_block(passed, world.helper, name, values, keywords, passed)
  end
end

local WORDS = { ["nil"] = {}, ["true"] = { true }, ["false"] = { false } }

local function constantly(value)
  return function()
    return value
  end
end

-- A string, in which #{code} stands for the code's value.
function Parser:string()
  local token = self:take()
  if not token.text:find('^".*#{') then return constantly(token.value) end
  local parts = {}
  for text, code in (token.text:sub(2, -2) .. "#{''}"):gmatch("(.-)#{(.-)}") do
    parts[#parts + 1] = constantly(tokens.unescape(text))
    parts[#parts + 1] = self:inside(code)
  end
  return function(env)
    local texts = {}
    for i, part in ipairs(parts) do texts[i] = part(env) end
    return table.concat(texts)
  end
end

local PRIMARY = {
  number = function(parser) return constantly(parser:take().value) end,
  string = Parser.string,
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

local function parser_of(code, world, variables)
  return setmetatable({ tokens = tokens.of(code), at = 1, world = world,
    variables = variables }, Parser)
end

-- The code's body, with the variables of this one.
function Parser:inside(code)
  return parser_of(code, self.world, self.variables):statements()
end

--- A function that runs the code and gives its value.
function ruby.compile(code, world)
  local body = parser_of(code, world, {}):statements()
  return function()
    return body({})
  end
end

return ruby
