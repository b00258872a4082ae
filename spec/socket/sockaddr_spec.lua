local Socket = require "socket"
local net = require "spec.support.net"
local vectors = require "spec.support.vectors"

-- What a message says of a number that this library refuses, where Ruby wraps
-- a port around, and takes a negative host.
local function refused_number(case)
  if case.op ~= "pack_sockaddr_in" then return nil end
  local port, host = tonumber(case.port), case.host
  if port and (port < 0 or port > 65535) then return "port" end
  if math.type(host) == "integer" and (host < 0 or host > 0xffffffff) then
    return tostring(host)
  end
end

local CALLS = {
  pack_sockaddr_in = function(case)
    return Socket.pack_sockaddr_in(case.port, case.host)
  end,
  pack_sockaddr_un = function(case)
    return Socket.pack_sockaddr_un(case.path)
  end,
  unpack_sockaddr_in = function(case)
    return Socket.unpack_sockaddr_in(case.bytes)
  end,
  unpack_sockaddr_un = function(case)
    return Socket.unpack_sockaddr_un(case.bytes)
  end,
}

local RESULTS = {
  pack_sockaddr_in = { "bytes" },
  pack_sockaddr_un = { "bytes" },
  unpack_sockaddr_in = { "port", "host" },
  unpack_sockaddr_un = { "path" },
}

local function describe_case(case)
  local argument = case.op:find("^unpack") and case.bytes
  if argument then return case.op .. " " .. vectors.text(argument) end
  return case.op .. " "
    .. vectors.text({ n = 2, case.port or case.path, case.host })
end

local function check_case(case)
  local results = table.pack(pcall(CALLS[case.op], case))
  local refused = refused_number(case)
  if refused then
    assert.is_false(results[1])
    return assert.matches(refused, results[2], 1, true)
  elseif not case.error_class then
    assert.is_true(results[1], results[2])
    local expected = {}
    for i, name in ipairs(RESULTS[case.op]) do
      expected[i] = case[name]
    end
    return assert.same(expected, { table.unpack(results, 2, results.n) })
  elseif results[1] then
    assert.is_nil(results[2])
    return assert.equal(case.error_message, tostring(results[3]))
  end
  local essence = case.error_message:match("null byte$") or case.error_message
  assert.matches(essence, results[2], 1, true)
end

describe("a packed address, as Ruby makes it", function()
  for case, name in vectors.cases("sockaddr", describe_case) do
    it(name, function()
      if case.needs_ipv6 and not net.has_ipv6() then
        return pending("there is no IPv6")
      end
      check_case(case)
    end)
  end
end)
