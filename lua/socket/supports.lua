-- Socket.supports and Socket.is_supported: what this platform has.

local classes = require "socket.class"
local native = require "socket.native"

local Constants = native.Constants

local Socket = classes.Socket

local SEND_FLAGS = { "confirm", "dontroute", "eor", "more", "nosignal", "oob" }
local RECV_FLAGS = { "cmsg_cloexec", "errqueue", "oob", "peek", "trunc" }
local MSG_FLAGS = { "cmsg_cloexec", "confirm", "ctrunc", "dontroute", "eor",
  "errqueue", "more", "nosignal", "oob", "peek", "trunc" }

local function flags(names)
  return function()
    local set = {}
    for _, name in ipairs(names) do
      set[name] = Constants["MSG_" .. name:upper()] ~= nil
    end
    return set
  end
end

-- Whether such a socket can be made.
local function can_open(domain, socktype, protocol)
  local sock <close> = Socket.new(domain, socktype, protocol)
  return sock ~= nil
end

local function has_sctp()
  return can_open("INET", "STREAM", "sctp")
end

-- Those that have a constant; of the others, whether the kernel has them.
local function protocols()
  local set = {
    default = true,
    mptcp = can_open("INET", "STREAM", "mptcp"),
    sctp = has_sctp(),
    udplite = can_open("INET", "DGRAM", "udplite"),
  }
  for constant in pairs(Constants) do
    local name = constant:match "^IPPROTO_(.+)$"
    if name and name ~= "MAX" then set[name:lower()] = true end
  end
  return set
end

local function ioctl_flags()
  local set = {}
  for constant in pairs(Constants) do
    local name = constant:match "^IFF_(.+)$"
    if name then set[name:lower()] = true end
  end
  return set
end

local FEATURES = {
  ipv6 = function() return can_open("INET6", "DGRAM") end,
  ["local"] = function() return can_open("UNIX", "STREAM") end,
  netns = function()
    local file <close> = io.open "/proc/self/ns/net"
    return file ~= nil
  end,
  sctp = has_sctp,
  sendfile = function() return true end,
  ioctl_flags = ioctl_flags,
  ioctl_requests = native.supports.ioctl_requests,
  msg_flags = flags(MSG_FLAGS),
  options = native.supports.options,
  protocols = protocols,
  recv_flags = flags(RECV_FLAGS),
  send_flags = flags(SEND_FLAGS),
}

-- What a name stands for among those of a table; any case will do.
local function step(value, name)
  if type(value) ~= "table" or type(name) ~= "string" then return nil end
  return value[name:lower()]
end

-- What the names lead to, nil where they lead nowhere. A list of two names
-- stands for both.
local function find(what, level, name)
  if type(level) == "table" then level, name = level[1], level[2] end
  local feature = type(what) == "string" and FEATURES[what:lower()]
  local value = feature and feature()
  if level ~= nil then value = step(value, level) end
  if name ~= nil then value = step(value, name) end
  return value
end

local function all()
  local features = {}
  for name, feature in pairs(FEATURES) do
    features[name] = feature()
  end
  return features
end

--- What this platform has: features (`ipv6`, `local`, `netns`, `sctp`,
-- `sendfile`), and tables of names: `options` (by level and name, each with the
-- booleans `get` and `set`), `protocols`, `msg_flags`, `send_flags`,
-- `recv_flags`, `ioctl_flags`, `ioctl_requests`. Answers to Erlang's
-- `socket:supports/0,1,2,3`.
-- @function Socket.supports
-- @tparam[opt] string what one of them
-- @tparam[opt] string|table level a name in its table; or `{level, name}`
-- @tparam[opt] string name a name in that name's table
-- @usage Socket.supports("options", "tcp").cork --> {get = true, set = true}
-- @treturn table|boolean an empty table for what is not known
function Socket.supports(what, level, name)
  if what == nil then return all() end
  local found = find(what, level, name)
  if found == nil then return {} end
  return found
end

--- Whether this platform has it; an option, when it can be read or set. Answers
-- to Erlang's `socket:is_supported/1,2,3`.
-- @function Socket.is_supported
-- @tparam string what as for `supports`
-- @tparam[opt] string|table level
-- @tparam[opt] string name
-- @usage Socket.is_supported("options", "tcp", "cork") --> true
-- Socket.is_supported("msg_flags", "errqueue") --> true
-- @treturn boolean false for what is not known
function Socket.is_supported(what, level, name)
  local found = find(what, level, name)
  if type(found) ~= "table" then return found == true end
  return found.get ~= false or found.set ~= false
end
