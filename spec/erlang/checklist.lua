-- The checklist of Erlang's `socket` module, and walking it: each row has an
-- entry, and each entry a row.
--
-- An entry is a function that exercises the row; or `{ check = fn, absent =
-- {[part] = {errno, try}, ...} }`, where the platform lacks parts of it: trying
-- one gives that errno; or a text: why the row has no meaning here.

local Socket = require "socket"
local assert = require "luassert"
local busted = require "busted"

local checklist = {}

local FOLDER = "spec/erlang/data/"

-- Calls check(fields...) for each row but the headings.
local function each_row(file, check)
  local is_heading = true
  for line in io.lines(FOLDER .. file) do
    if not is_heading then check(line:match "^([^\t]*)\t([^\t]*)") end
    is_heading = false
  end
end

-- The names of the functions, as "send/4", and of the messages.
function checklist.functions()
  local list = {}
  each_row("erlang.tsv", function(name) list[#list + 1] = name end)
  return list
end

-- The names of the types' fields, as "linger onoff".
function checklist.types()
  local list = {}
  each_row("erlang_types.tsv", function(kind, field)
    list[#list + 1] = kind .. " " .. field
  end)
  return list
end

local ADDRESSES = { ip4_address = true, ip6_address = true, port_number = true,
  packet_type = true }

-- Whether the row of the types is about addresses, which addresses_spec.lua
-- walks.
function checklist.is_address(name)
  return name:find "^sockaddr" ~= nil or ADDRESSES[name:match "^%S+"]
    or name == "msghdr addr"
end

-- All entries of the modules of spec.erlang.walk, none of them twice.
function checklist.entries(...)
  local all = {}
  for _, module in ipairs { ... } do
    for name, entry in pairs(require("spec.erlang.walk." .. module)) do
      assert(all[name] == nil, name .. " has two entries")
      all[name] = entry
    end
  end
  return all
end

local function walk_absent(name, errno, try)
  busted.it(name .. " is absent here: " .. errno, function()
    local value, err, number = try()
    assert.is_nil(value)
    assert.equal(errno, err.name)
    assert.equal(Socket.Errno[errno], number)
  end)
end

local function walk(name, entry)
  if type(entry) == "string" then
    busted.it(name .. " has no meaning here: " .. entry, function() end)
    return
  end
  local is_table = type(entry) == "table"
  for part, case in pairs(is_table and entry.absent or {}) do
    walk_absent(name .. ", " .. part, case[1], case[2])
  end
  local check = is_table and entry.check or entry
  busted.it(name, function()
    assert.is_function(check, "no entry for it")
    check()
  end)
end

-- Makes an example of each row that `entries` has, or which `is_elsewhere`
-- does not know.
function checklist.walk(rows, entries, is_elsewhere)
  local known = {}
  for _, name in ipairs(rows) do
    known[name] = true
    if not (is_elsewhere and is_elsewhere(name)) then
      walk(name, entries[name])
    end
  end

  busted.it("has no entry without a row", function()
    for name in pairs(entries) do
      assert.is_true(known[name], name)
    end
  end)
end

return checklist
