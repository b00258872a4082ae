local Socket = require "socket"

local vectors = require "spec.support.vectors"

local Addrinfo = Socket.Addrinfo

local CONSTRUCTORS = {
  tcp = Addrinfo.tcp,
  udp = Addrinfo.udp,
  ip = Addrinfo.ip,
  unix = Addrinfo.unix,
  new = Addrinfo.new,
  new_array = Addrinfo.new,
}

local READERS = {
  "to_sockaddr", "afamily", "pfamily", "socktype", "protocol", "canonname",
  "inspect", "inspect_sockaddr", "ip_address", "ip_port", "ip_unpack",
  "unix_path",
}

local NUMERIC = { "NUMERICHOST", "NUMERICSERV" }

local function port_of(case)
  if case.ctor == "new_array" and case.args[1].n == 4 then
    return case.args[1][2]
  elseif case.ctor == "tcp" or case.ctor == "udp" then
    return case.args[2]
  end
end

-- Ruby wraps it around, or lets the system's resolver refuse it.
local function port_out_of_range(case)
  local port = port_of(case)
  return math.type(port) == "integer" and (port < 0 or port > 65535)
end

local function describe_case(case)
  return case.ctor .. vectors.text(case.args)
end

local function check_reader(addrinfo, case, name)
  local failure = case[name .. "_error"]
  local results = table.pack(pcall(addrinfo[name], addrinfo))
  if failure then
    assert.is_false(results[1], name)
    return assert.matches(failure.error_message, results[2], 1, true)
  end
  assert.is_true(results[1], results[2])
  local expected = case[name]
  if type(expected) ~= "table" then expected = { expected, n = 1 } end
  assert.equal(expected.n or #expected, results.n - 1, name)
  for i = 1, results.n - 1 do
    assert.equal(expected[i], results[i + 1], name)
  end
end

local function check_fields(addrinfo, case)
  for _, name in ipairs(READERS) do
    check_reader(addrinfo, case, name)
  end
  for name, expected in pairs(case.is) do
    assert.equal(expected, addrinfo["is_" .. name](addrinfo), name)
  end
  local ipv4 = addrinfo:ipv6_to_ipv4()
  assert.equal(case.ipv6_to_ipv4, ipv4 and ipv4:inspect())
  assert.equal(case.inspect, tostring(addrinfo))
  if case.getnameinfo then
    local host, service = addrinfo:getnameinfo(NUMERIC)
    assert.same(case.getnameinfo, { host, service })
  end
end

local function check_list(list, expected)
  assert.equal(#expected, #list)
  for i, fields in ipairs(expected) do
    for name, value in pairs(fields) do
      assert.equal(value, list[i][name](list[i]), name)
    end
  end
end

local function check_failure(case, ok, result, err)
  if port_out_of_range(case) then
    assert.is_false(ok)
    return assert.matches("port", result, 1, true)
  end
  if not ok then return assert.matches(case.error_message, result, 1, true) end
  assert.is_nil(result)
  assert.equal(case.error_message, tostring(err))
end

local function construct(case)
  if case.ctor == "getaddrinfo" then
    return pcall(Addrinfo.getaddrinfo, vectors.unpack(case.args))
  elseif case.ctor == "family_addrinfo" then
    local receiver = Addrinfo.new(
      case.receiver, case.receiver_family, case.receiver_socktype,
      case.receiver_protocol
    )
    return pcall(receiver.family_addrinfo, receiver, vectors.unpack(case.args))
  end
  return pcall(CONSTRUCTORS[case.ctor], vectors.unpack(case.args))
end

local function check_case(case)
  local ok, result, err = construct(case)
  if case.error_class or port_out_of_range(case) then
    check_failure(case, ok, result, err)
  elseif case.list then
    assert.is_true(ok, result)
    check_list(assert(result, err), case.list)
  else
    assert.is_true(ok, result)
    check_fields(assert(result, err), case)
  end
end

describe("an Addrinfo, as Ruby makes it", function()
  for case, name in vectors.cases("addrinfo", describe_case) do
    it(name, function()
      check_case(case)
    end)
  end
end)
