-- Buffered reading as measured on Ruby: every case of the vectors. Those marked
-- buffer_exact hold, too.

local net = require "spec.support.net"
local cases = require "spec.vectors.stream"
local streams = require "spec.support.streams"

local function packed(...)
  return { n = select("#", ...), ... }
end

local function is_nil(value)
  return type(value) == "table" and value.is_nil
end

-- Where Ruby gives nil for success, or the value that was set.
local IS_TRUE = { ungetc = true, ungetbyte = true, set_lineno = true }

local function check(sock, index, op, expected)
  local results = packed(pcall(streams.perform, sock, index, op))
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
