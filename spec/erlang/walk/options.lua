-- Options, and what the platform has. Each option for itself is the matter of
-- options_spec.lua.

local Socket = require "socket"
local assert = require "luassert"

local options = {}

local function tcp()
  return assert(Socket.open("inet", "stream", "tcp"))
end

local INT = { type = "int" }

options["setopt/3"] = function()
  local sock <close> = tcp()
  assert.is_true(sock:setopt({ "tcp", "nodelay" }, true))
  assert.is_true(sock:getopt { "tcp", "nodelay" })
  local ok, err = sock:setopt({ "socket", "type" }, "dgram")
  assert.is_nil(ok)
  assert.equal("ENOPROTOOPT", err.name)
end

options["setopt/4"] = function()
  local sock <close> = tcp()
  local linger = { onoff = true, linger = 5 }
  assert.is_true(sock:setopt("socket", "linger", linger))
  assert.same(linger, sock:getopt("socket", "linger"))
  assert.is_true(sock:setopt(Socket.SOL_SOCKET, Socket.SO_KEEPALIVE,
    ("i"):pack(1)))
  assert.is_true(sock:getopt("socket", "keepalive"))
end

options["setopt_native/3"] = function()
  local sock <close> = tcp()
  for value, expected in pairs { [true] = true, [0] = false,
    [("i"):pack(1)] = true } do
    assert.is_true(sock:setopt_native({ "socket", Socket.SO_KEEPALIVE },
      value))
    assert.equal(expected, sock:getopt("socket", "keepalive"))
  end
end

options["getopt/2"] = function()
  local sock <close> = tcp()
  assert.equal("stream", sock:getopt { "socket", "type" })
end

options["getopt/3"] = function()
  local sock <close> = tcp()
  local level, name = Socket.SOL_SOCKET, Socket.SO_KEEPALIVE
  assert.is_false(sock:getopt("socket", "keepalive"))
  assert.equal(0, sock:getopt(level, name, INT))
  assert.is_false(sock:getopt(level, name, { type = "bool" }))
  assert.equal(("i"):pack(0), sock:getopt(level, name, { type = 4 }))
  local value, err = sock:getopt(level, 9999, INT)
  assert.is_nil(value)
  assert.equal("ENOPROTOOPT", err.name)
end

options["getopt_native/3"] = function()
  local sock <close> = tcp()
  local option = { "socket", Socket.SO_KEEPALIVE }
  assert.equal(0, sock:getopt_native(option, INT))
  assert.is_false(sock:getopt_native(option, { type = "bool" }))
  assert.equal(("i"):pack(0), sock:getopt_native(option, { type = 4 }))
  assert.equal(("i"):pack(0), sock:getopt_native(option,
    { template = ("i"):pack(7) }))
end

local FEATURES = { "sctp", "ipv6", "local", "netns", "sendfile" }

local TABLES = { "options", "send_flags", "recv_flags", "msg_flags",
  "protocols", "ioctl_flags" }

options["supports/0"] = function()
  local all = Socket.supports()
  for _, name in ipairs(FEATURES) do
    assert.is_boolean(all[name], name)
  end
  for _, name in ipairs(TABLES) do
    assert.is_table(all[name], name)
  end
end

options["supports/1"] = function()
  for _, name in ipairs(TABLES) do
    assert.is_not_nil(next(Socket.supports(name)), name)
  end
  assert.same({}, Socket.supports "no such")
end

options["supports/2"] = function()
  for _, level in ipairs { "socket", "ip", "ipv6", "tcp", "udp", "sctp" } do
    assert.is_not_nil(next(Socket.supports("options", level)), level)
  end
  assert.same({}, Socket.supports("options", "no such"))
end

options["supports/3"] = function()
  assert.same({ get = true, set = true },
    Socket.supports("options", "tcp", "nodelay"))
end

options["is_supported/1"] = function()
  assert.is_true(Socket.is_supported "local")
  assert.is_false(Socket.is_supported "no such")
end

options["is_supported/2"] = function()
  assert.is_true(Socket.is_supported("options", { "tcp", "nodelay" }))
  assert.is_true(Socket.is_supported("send_flags", "oob"))
  assert.is_true(Socket.is_supported("protocols", "udp"))
  assert.is_false(Socket.is_supported("protocols", "no such"))
end

options["is_supported/3"] = function()
  assert.is_true(Socket.is_supported("options", "tcp", "nodelay"))
  assert.is_false(Socket.is_supported("options", "tcp", "no such"))
end

options["options/0"] = function()
  assert.is_true(Socket.supports("options").tcp.nodelay.get)
end

options["options/1"] = function()
  assert.is_true(Socket.supports("options", "tcp").nodelay.set)
end

options["options/2"] = function()
  local count = 0
  for name, how in pairs(Socket.supports("options", "socket")) do
    local is = Socket.is_supported("options", "socket", name)
    assert.equal(how.get or how.set, is)
    if not is then count = count + 1 end
  end
  assert.is_true(count > 0)
end

options["option/1"] = function()
  assert.is_true(Socket.is_supported("options", { "ip", "ttl" }))
end

options["option/2"] = function()
  assert.is_true(Socket.is_supported("options", "ip", "ttl"))
end

options["protocols/0"] = function()
  assert.is_true(Socket.supports("protocols").tcp)
end

options["protocol/1"] = function()
  assert.is_true(Socket.is_supported("protocols", "tcp"))
  assert.is_false(Socket.is_supported("protocols", "no such"))
end

local NO_TABLES = "Erlang's own tables of options and flags: see supports"

options["tables/0"] = NO_TABLES
options["table/1"] = NO_TABLES

return options
