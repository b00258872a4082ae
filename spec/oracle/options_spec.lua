-- Options set and read by Erlang's `socket` and by this library, on sockets of
-- the same kind: both find the same.

local Socket = require "socket"
local cases = require "spec.erlang.option_cases"
local net = require "spec.support.net"

local KINDS = {
  tcp = { "INET", "STREAM", "TCP" },
  udp = { "INET", "DGRAM", "UDP" },
  tcp6 = { "INET6", "STREAM", "TCP" },
  udp6 = { "INET6", "DGRAM", "UDP" },
  raw = { "INET", "RAW", "ICMP" },
  raw6 = { "INET6", "RAW", 255 },
  unix = { "UNIX", "STREAM" },
}

local KINDS_OF = {
  socket = { "tcp", "udp", "tcp6", "udp6", "unix", "raw" },
  ip = { "tcp", "udp", "raw" },
  ipv6 = { "tcp6", "udp6", "raw6" },
  tcp = { "tcp", "tcp6" },
  udp = { "udp", "udp6" },
  sctp = { "tcp" },
}

-- What the two show differently on purpose, with the reason.
local DIFFERENT = {
  ["socket peek_off"] = "Erlang has taken it out",
  ["ip options"] = "its bytes are no term, and Erlang was built without",
  ["ipv6 hopopts"] = "bytes, where Erlang reads a boolean",
  ["ipv6 dstopts"] = "bytes, where Erlang reads a boolean",
  ["sctp rtoinfo"] = "Erlang only sets it",
  ["ipv6 rthdr"] = "bytes, where Erlang reads a boolean",
}

local has_erlang = os.execute "command -v escript >/dev/null"

local function capture(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

-- Whether this machine can make such sockets.
local function is_there(kind)
  local sock <close> = Socket.new(table.unpack(KINDS[kind]))
  return sock ~= nil and (net.has_ipv6() or not kind:find "6")
end

-- A value as an Erlang term.
local function term(value)
  if type(value) == "table" then
    local keys, fields = {}, {}
    for key in pairs(value) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    for i, key in ipairs(keys) do
      fields[i] = ("%s => %s"):format(key, term(value[key]))
    end
    return "#{" .. table.concat(fields, ",") .. "}"
  end
  if type(value) == "string" and value:find "^%d+%.%d+%.%d+%.%d+$" then
    return "{" .. value:gsub("%.", ",") .. "}"
  end
  return tostring(value)
end

-- Text, where Erlang has a list of characters.
local TEXTS = { ["socket bindtodevice"] = true, ["tcp congestion"] = true }

local function term_of(case, value)
  if not TEXTS[case.level .. " " .. case.name] then return term(value) end
  return ('"%s"'):format(value)
end

local function add(list, level, name, values)
  for _, kind in ipairs(KINDS_OF[level]) do
    if is_there(kind) then
      local case = { kind = kind, level = level, name = name }
      list[#list + 1] = case
      for _, value in ipairs(values) do
        list[#list + 1] = { kind = kind, level = level, name = name,
          value = value, sets = true }
      end
    end
  end
end

-- All that Erlang can tell of: each option as it is at first, and after each of
-- the checklist's values.
local function all_cases()
  local list = {}
  for level in pairs(KINDS_OF) do
    for name, case in pairs(cases[level]) do
      local how = Socket.supports("options", level, name)
      local is_known = not DIFFERENT[level .. " " .. name]
      if how.get and is_known then add(list, level, name, case.values or {}) end
    end
  end
  return list
end

local function write(path, list)
  local file <close> = assert(io.open(path, "w"))
  for _, case in ipairs(list) do
    local what = "get"
    if case.sets then what = ("{set,%s}"):format(term_of(case, case.value)) end
    file:write(("{%s,%s,%s,%s}.\n"):format(case.kind, case.level, case.name,
      what))
  end
end

-- What the same comes to here.
local function perform(case)
  local sock <close> = assert(Socket.new(table.unpack(KINDS[case.kind])))
  if case.sets then
    local ok, err = sock:setopt(case.level, case.name, case.value)
    if not ok then return "set: " .. err.name:lower() end
  end
  local value, err = sock:getopt(case.level, case.name)
  if err then return err.name:lower() end
  return (term_of(case, value):gsub(" => ", "=>"))
end

describe("options of Erlang", function()
  if not has_erlang then
    it("are the same", function() pending "needs Erlang" end)
    return
  end

  it("are the same", function()
    local path = os.tmpname()
    local list = all_cases()
    write(path, list)
    local lines = capture("escript spec/oracle/options.escript " .. path)
    os.remove(path)
    local next_line = lines:gmatch "[^\n]+"
    local different, same = {}, 0
    for _, case in ipairs(list) do
      local theirs, ours = assert(next_line(), lines), perform(case)
      theirs = theirs:gsub(" => ", "=>")
      if theirs == ours then
        same = same + 1
      elseif theirs ~= "absent" then
        different[#different + 1] = ("%s %s on %s, %s: %s there, %s here")
          :format(case.level, case.name, case.kind,
            case.sets and "set to " .. term(case.value) or "read", theirs, ours)
      end
    end
    assert.same({}, different)
    assert.is_true(same > 200)
  end)
end)
