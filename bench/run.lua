-- Measures this library beside plain C and its peers, and prints ratios. The
-- repetitions are interleaved, so that a machine whose speed drifts treats all
-- alike; what is quoted is the median of the ratios within a repetition.
--
--   lua5.4 bench/run.lua YARDSTICK [REPETITIONS [SECONDS]]

local yardstick = assert(arg[1], "the yardstick's path is missing")
local repetitions = tonumber(arg[2] or 5)
local seconds = tonumber(arg[3] or 1)

local PAIR_ROUNDS = 500000

-- Ours first on the path: another module has the same name.
local OURS = ([[env LUA_PATH="%s" LUA_CPATH="%s" lua5.4 ]]):format(package.path,
  package.cpath)
local THEIRS = "env -u LUA_PATH -u LUA_CPATH lua5.4 "

local function succeeds(command)
  return os.execute(command .. " >/dev/null 2>&1") == true
end

local function capture(command)
  local pipe <close> = assert(io.popen(command))
  return (assert(tonumber(pipe:read("l")), command))
end

-- A server on one core, on the other one of the yardstick's loads.
local function under(load)
  return function(command)
    local server <close> = assert(io.popen("taskset -c 0 " .. command))
    local port = assert(server:read("l"), command)
    return capture(("taskset -c 1 %s %s %s %g"):format(yardstick, load, port,
      seconds))
  end
end

local function pair(command)
  return capture(("taskset -c 0 %s %d"):format(command, PAIR_ROUNDS))
end

local HAS_LUASOCKET = succeeds(THEIRS .. [[-e 'require "socket.core"']])
local HAS_RUBY = succeeds("ruby -rsocket -e 1")

-- The first contender of a row is the measure of the others.
local ROWS = {
  {
    title = "64-byte send + recv over a socket pair, ns a round",
    measure = pair,
    contenders = {
      { "C", yardstick .. " pair" },
      { "sockeye", OURS .. "bench/pair.lua" },
    },
  },
  {
    title = "blocking echo of 64 bytes on one connection, echoes a second",
    measure = under "load",
    contenders = {
      { "C", yardstick .. " echo" },
      { "sockeye", OURS .. "bench/servers/sockeye.lua" },
      { "LuaSocket", THEIRS .. "bench/servers/luasocket.lua",
        missing = not HAS_LUASOCKET },
      { "Ruby", "ruby bench/servers/ruby.rb", missing = not HAS_RUBY },
    },
  },
  {
    title = "64-byte datagrams echoed by a UDP server, a second",
    measure = under "udpload",
    contenders = {
      { "C", yardstick .. " udp" },
      { "sockeye", OURS .. "bench/servers/udp.lua" },
      { "Ruby", "ruby bench/servers/udp.rb", missing = not HAS_RUBY },
    },
  },
  {
    title = "copying between two TCP connections, megabytes a second",
    measure = under "copyload",
    contenders = {
      { "C", yardstick .. " copy" },
      { "sockeye", OURS .. "bench/servers/copy.lua" },
      { "Ruby", "ruby bench/servers/copy.rb", missing = not HAS_RUBY },
    },
  },
}

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

-- The figures of each contender, by its name, in the order of repetitions.
local function repeat_row(row)
  local figures = {}
  for _ = 1, repetitions do
    for _, contender in ipairs(row.contenders) do
      if not contender.missing then
        local name = contender[1]
        figures[name] = figures[name] or {}
        table.insert(figures[name], row.measure(contender[2]))
      end
    end
  end
  return figures
end

local function compare(mine, measure)
  local ratios, differences = {}, {}
  for i, figure in ipairs(mine) do
    ratios[i] = figure / measure[i]
    differences[i] = figure - measure[i]
  end
  return median(ratios), median(differences)
end

local function print_row(row)
  print(row.title)
  local figures = repeat_row(row)
  local measure = figures[row.contenders[1][1]]
  for _, contender in ipairs(row.contenders) do
    local name = contender[1]
    if contender.missing then
      print(("  %-10s not installed"):format(name))
    else
      local ratio, difference = compare(figures[name], measure)
      print(("  %-10s %12.1f  %5.2f of C  (%+.1f)"):format(name,
        median({ table.unpack(figures[name]) }), ratio, difference))
    end
  end
end

for _, row in ipairs(ROWS) do
  print_row(row)
end
