-- Who is measured, in which modes. A server is told its mode and prints its
-- port. The first is the measure of the others, in each row; the peers are all
-- after ours.

local session = require "session"

-- Ours first on the path: another module has the same name.
local function our_lua(cpath)
  return ([[env LUA_PATH="%s" LUA_CPATH="%s" lua5.4 bench/]]):format(
    os.getenv "BENCH_PATH", cpath)
end

local OURS = our_lua(os.getenv "BENCH_CPATH")
local THEIRS = "env -u LUA_PATH -u LUA_CPATH lua5.4 "

-- Debian installs copas for older versions of Lua, with which it shares what
-- it uses.
local COPAS = [[env -u LUA_CPATH ]] ..
  [[LUA_PATH='/usr/share/lua/5.2/?.lua;/usr/share/lua/5.4/?.lua' lua5.4 ]]

-- What a program of its own measures; the others are one server.
local SCRIPTS = {
  pair = "pair.lua 500000",
  tasks = "tasks.lua",
  memory = "memory.lua",
}

local function ours(mode)
  return OURS .. (SCRIPTS[mode] or "servers/sockeye.lua " .. mode)
end

-- The command that ends with the mode.
local function told(command)
  return function(mode)
    return command .. " " .. mode
  end
end

local function plain(build)
  local server = build .. "/bench/server "
  return function(mode)
    return server .. mode .. (mode == "pair" and " 500000" or "")
  end
end

-- Ours without what the row of the counters measures: the first neither counts
-- nor lists its sockets, the second counts.
local function lesser(build)
  local bare = our_lua(("./%s/bench/uncounted/?.so"):format(build))
  local server = "servers/sockeye.lua unlisted"
  return {
    name = "bare",
    command = function() return bare .. server end,
    modes = "counters",
  }, {
    name = "unlisted",
    command = function() return OURS .. server end,
    modes = "counters",
  }
end

local function peers()
  return {
    {
      name = "copas",
      command = told(COPAS .. "bench/servers/copas.lua"),
      modes = "echo line sink source blocking gets",
      check = COPAS .. [[-e 'require "copas"']],
    },
    {
      name = "cqueues",
      command = told(THEIRS .. "bench/servers/cqueues.lua"),
      modes = "echo line sink source",
      check = THEIRS .. [[-e 'require "cqueues"']],
    },
    {
      name = "luv",
      command = told(THEIRS .. "bench/servers/luv.lua"),
      modes = "echo line sink source udp",
      check = THEIRS .. [[-e 'require "luv"']],
    },
    {
      name = "Ruby",
      command = told "ruby bench/servers/ruby.rb",
      modes = "echo line sink source udp blocking copy gets",
      check = "ruby -rsocket -e 1",
    },
    {
      name = "Erlang",
      command = told "escript bench/servers/erlang.escript",
      modes = "echo line sink source udp",
      check = "command -v escript",
    },
    {
      name = "asyncio",
      command = told "python3 bench/servers/asyncio_server.py",
      modes = "echo line sink source udp",
      check = "python3 -c 'import asyncio'",
    },
    {
      name = "Node",
      command = told "node bench/servers/node.js",
      modes = "echo line sink source udp",
      check = "node -e 0",
    },
  }
end

local function has_mode(contender, mode)
  local modes = " " .. contender.modes .. " "
  return modes:find(" " .. mode .. " ", 1, true) ~= nil
end

-- All that are installed; those that are not are told.
local function find(build, with_peers)
  local bare, unlisted = lesser(build)
  local list = {
    {
      name = "C",
      command = plain(build),
      modes = "echo line sink source udp blocking copy pair",
    },
    bare,
    unlisted,
    {
      name = "sockeye",
      command = ours,
      modes = "echo line task sink source udp blocking copy pair gets \z
        tasks memory counters",
      is_ours = true,
    },
  }
  for _, peer in ipairs(with_peers and peers() or {}) do
    if session.succeeds(peer.check) then
      peer.is_peer = true
      list[#list + 1] = peer
    else
      print(peer.name .. " is not installed")
    end
  end
  return list
end

return { find = find, has_mode = has_mode }
