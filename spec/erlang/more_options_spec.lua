-- Options that Erlang has not: each can be read, and set to another value,
-- unless the kernel is one that has it not.

local Socket = require "socket"
local net = require "spec.support.net"

local KINDS = {
  socket = { "INET", "DGRAM" },
  ip = { "INET", "DGRAM" },
  ipv6 = { "INET6", "DGRAM" },
  tcp = { "INET", "STREAM" },
  udp = { "INET", "DGRAM" },
}

local REFUSALS = { ENOPROTOOPT = true, EOPNOTSUPP = true, EPERM = true }

-- Those whose number the kernel rounds.
local ROUNDED = { ["tcp defer_accept"] = true, ["tcp window_clamp"] = true }

local function checklist()
  local set = {}
  for line in io.lines "spec/erlang/data/erlang_options.tsv" do
    local level, name = line:match "^(%w+)\t([%w_]+)"
    set[level .. " " .. name] = true
  end
  return set
end

local function another(value)
  if type(value) == "boolean" then return not value end
  return 100
end

local function check(level, name, can_set)
  local sock <close> = assert(Socket.new(table.unpack(KINDS[level])))
  local value, err = sock:getopt(level, name)
  if value == nil then
    return assert.is_true(REFUSALS[err.name], tostring(err))
  end
  if not can_set then return end
  local ok, refusal = sock:setopt(level, name, another(value))
  if not ok then
    return assert.is_true(REFUSALS[refusal.name], tostring(refusal))
  end
  local got = sock:getopt(level, name)
  if ROUNDED[level .. " " .. name] then
    assert.is_true(got > 0)
  else
    assert.equal(another(value), got)
  end
end

describe("the further option", function()
  local known = checklist()
  for level, names in pairs(Socket.supports "options") do
    for name, how in pairs(names) do
      local title = level .. " " .. name
      if not known[title] and how.get then
        it(title, function()
          if level == "ipv6" and not net.has_ipv6() then
            pending "no IPv6 here"
          end
          check(level, name, how.set)
        end)
      end
    end
  end
end)
