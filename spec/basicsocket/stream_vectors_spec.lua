-- Buffered reading as measured on Ruby: every case of the vectors. Those marked
-- buffer_exact hold, too.

local net = require "spec.support.net"
local cases = require "spec.vectors.stream"

local function packed(...)
  return { n = select("#", ...), ... }
end

-- How the calls of Ruby are written here; `...` are the vector's arguments.
local CALLS = {
  gets_limit = function(sock, limit) return sock:gets(limit) end,
  gets_nil = function(sock, limit) return sock:gets(false, limit) end,
  gets_para = function(sock, limit) return sock:gets("", limit) end,
  gets_chomp = function(sock, sep, limit)
    return sock:gets(sep, limit, { chomp = true })
  end,
  gets_chomp_limit = function(sock, limit)
    return sock:gets(limit, { chomp = true })
  end,
  readline_chomp = function(sock) return sock:readline({ chomp = true }) end,
  readlines_chomp = function(sock) return sock:readlines({ chomp = true }) end,
  readlines_limit = function(sock, limit) return sock:readlines(limit) end,
  eof = function(sock) return sock:is_eof() end,
}

-- These give a list in Ruby, one value after another here.
local EACH = {
  each_line = "each_line",
  each_line_limit = "each_line",
  each_line_chomp = "each_line",
  each_byte = "each_byte",
  each_char = "each_char",
}

-- Both forms have to give the same: the odd cases take the function, the even
-- ones the iterator.
local function collect(sock, index, method, ...)
  local list = {}
  if index % 2 == 0 then
    for value in sock[method](sock, ...) do
      list[#list + 1] = value
    end
    return list
  end
  local args = packed(...)
  args[args.n + 1] = function(value) list[#list + 1] = value end
  local ok, err = sock[method](sock, table.unpack(args, 1, args.n + 1))
  if ok then return list end
  return nil, err
end

-- The result as the vectors write it.
local function perform(sock, index, op)
  local name = op[1]
  if EACH[name] then
    if name == "each_line_chomp" then
      return collect(sock, index, "each_line", { chomp = true })
    end
    return collect(sock, index, EACH[name], table.unpack(op, 2))
  end
  local call = CALLS[name]
  if call then return call(sock, table.unpack(op, 2)) end
  return sock[name](sock, table.unpack(op, 2))
end

local function is_nil(value)
  return type(value) == "table" and value.is_nil
end

-- Where Ruby gives nil for success, or the value that was set.
local IS_TRUE = { ungetc = true, ungetbyte = true, set_lineno = true }

local function check(sock, index, op, expected)
  local results = packed(pcall(perform, sock, index, op))
  local ok, value, err = table.unpack(results, 1, 3)
  if type(expected) == "table" and expected.error == "ArgumentError" then
    assert.is_false(ok, "no error was raised")
    assert.is_truthy(value:find(expected.message, 1, true), value)
  elseif type(expected) == "table" and expected.error then
    assert.is_true(ok, value)
    assert.is_nil(value)
    assert.equal(expected.error, err.name)
    assert.equal(expected.message, tostring(err))
  elseif IS_TRUE[op[1]] then
    assert.same({ n = 2, true, true }, results)
  elseif is_nil(expected) then
    assert.same({ n = 2, true, nil }, results)
  else
    assert.same({ n = 2, true, expected }, results)
  end
end

local function describe_op(op)
  return ("%s %s"):format(op[1], table.concat({ table.unpack(op, 2) }, ", "))
end

-- The file holds a case as one table: the operations and what each gave.
local function run(index, case)
  local peer, sock, _ <close> = net.pair()
  for _, chunk in ipairs(case.chunks) do
    assert.equal(#chunk, peer:send(chunk))
  end
  assert(peer:shutdown("WR"))
  for i, op in ipairs(case.ops) do
    local ok, err = pcall(check, sock, index, op, case.results[i])
    if not ok then
      error(("operation %d (%q): %s"):format(i, describe_op(op), err), 0)
    end
  end
end

describe("buffered reading, as on Ruby", function()
  for index, case in ipairs(cases) do
    it(("case %d"):format(index), function()
      run(index, case)
    end)
  end
end)
