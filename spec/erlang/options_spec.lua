-- Walks the checklist of Erlang's options: each is set and read back on a
-- socket of the right kind, or the platform says by an error that it has it
-- not.

local Socket = require "socket"
local cases = require "spec.erlang.option_cases"
local net = require "spec.support.net"

local function new(domain, socktype, protocol)
  return function()
    return Socket.new(domain, socktype, protocol)
  end
end

local KINDS = {
  tcp = new("INET", "STREAM"),
  tcp6 = new("INET6", "STREAM"),
  udp = new("INET", "DGRAM"),
  udp6 = new("INET6", "DGRAM"),
  raw = new("INET", "RAW", "ICMP"),
  raw6 = new("INET6", "RAW", 255),
  unix = new("UNIX", "STREAM"),
  pair = function()
    local a, b = net.pair()
    b:close()
    return a
  end,
  connected = function()
    local a, b = net.udp_pair()
    b:close()
    return a
  end,
  connected6 = function()
    local a, b = net.udp_pair "::1"
    b:close()
    return a
  end,
}

local KIND_OF = { otp = "tcp", socket = "tcp", ip = "udp", ipv6 = "udp6",
  tcp = "tcp", udp = "udp", sctp = "tcp" }

local NEEDS_ROOT = { raw = true, raw6 = true }

-- What the platform may say of SCTP where the kernel does not know it, and
-- where it does but has no association.
local SCTP_ABSENT = { EOPNOTSUPP = true, ENOPROTOOPT = true }
local SCTP_REFUSED = { EINVAL = true, ENOTCONN = true, EACCES = true,
  EPERM = true, ENOPROTOOPT = true, EOPNOTSUPP = true, ENOENT = true }

local rows = {}
for line in io.lines "spec/erlang/data/erlang_options.tsv" do
  local level, name, _, access, constant =
    line:match "^(%w+)\t([%w_]+)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t"
  if level ~= "level" then
    rows[#rows + 1] = assert(level and { level = level, name = name,
      can_get = access:find "get" ~= nil, can_set = access:find "set" ~= nil,
      constant = constant }, line)
  end
end

-- A socket of the case's kind; nil and why where the system does not let us.
local function open(row, case)
  local kind = case.on or KIND_OF[row.level]
  if kind:find "6$" and not net.has_ipv6() then return nil, "no IPv6 here" end
  local sock, err = KINDS[kind]()
  if sock then return sock end
  assert.is_true(NEEDS_ROOT[kind] and err.name == "EPERM", tostring(err))
  return nil, tostring(err)
end

-- Whether it is the refusal that a case allows.
local function is_forbidden(case, err)
  local name = case.privileged
  return name and err.name == (name == true and "EPERM" or name)
end

local function check_access(row)
  local how = Socket.supports("options", row.level, row.name)
  return { get = how.get and row.can_get, set = how.set and row.can_set }
end

local function check_values(row, case, sock)
  assert.same({ get = true, set = true }, check_access(row))
  for _, value in ipairs(case.values) do
    local ok, err = sock:setopt(row.level, row.name, value)
    if ok then
      local expected = value
      if case.back then expected = case.back(value) end
      assert.same(expected, sock:getopt(row.level, row.name))
    else
      assert.is_true(is_forbidden(case, err), tostring(err))
    end
  end
end

local function check_gives(row, case, sock)
  assert.is_true(check_access(row).get)
  local value, err = sock:getopt(row.level, row.name)
  assert.is_nil(err)
  case.gives(value, sock)
  if row.can_set then return end
  local ok, refused = sock:setopt(row.level, row.name, value)
  assert.is_nil(ok)
  assert.equal("ENOPROTOOPT", refused.name)
end

local function check_sets(row, case, sock)
  assert.is_true(check_access(row).set)
  for _, value in ipairs(case.sets) do
    local ok, err = sock:setopt(row.level, row.name, value)
    assert.is_true(ok or is_forbidden(case, err), tostring(err))
  end
end

-- Neither way leads to it, and the error is the one that the kernel gives.
local function check_absent(row, case, sock)
  local value, err = sock:getopt(row.level, row.name)
  assert.is_nil(value)
  assert.equal(case.absent, err.name)
  local ok, refused = sock:setopt(row.level, row.name, case.sample)
  assert.is_nil(ok)
  assert.equal(case.refused or case.absent, refused.name)
end

local function check_sctp(row, case)
  local sock <close> = Socket.new("INET", "STREAM", 132) or KINDS.tcp()
  local allowed = SCTP_REFUSED
  if not Socket.is_supported "sctp" then allowed = SCTP_ABSENT end
  local value, err = sock:getopt(row.level, row.name)
  assert.is_true(value ~= nil or allowed[err.name], tostring(err))
  if not row.can_set then return end
  local ok, refused = sock:setopt(row.level, row.name, case.sample)
  assert.is_true(ok or allowed[refused.name], tostring(refused))
end

local function check(row, case)
  if case.sctp then return check_sctp(row, case) end
  local sock <close>, why = open(row, case)
  if not sock then return why end
  if case.values then
    check_values(row, case, sock)
  elseif case.gives then
    check_gives(row, case, sock)
  elseif case.sets then
    check_sets(row, case, sock)
  elseif case.try then
    case.try(sock)
  else
    check_absent(row, case, sock)
  end
  return nil
end

describe("the option", function()
  for _, row in ipairs(rows) do
    it(row.level .. " " .. row.name, function()
      local case = cases[row.level][row.name]
      assert.is_table(case, "no case for it")
      local why = check(row, case)
      if why then pending(why) end
    end)
  end

  it("has a case only where the checklist has it", function()
    local count = 0
    for _, options in pairs(cases) do
      for _ in pairs(options) do
        count = count + 1
      end
    end
    assert.equal(#rows, count)
  end)
end)
