-- Measures what reading a stream of 32-byte lines takes, beside LuaSocket and
-- Ruby, in processor time with that of the system calls. The repetitions are
-- interleaved, so that a machine whose speed drifts treats all alike; what is
-- quoted is the median of the ratios within a repetition.
--
--   lua5.4 bench/lines.lua YARDSTICK [REPETITIONS [LINES]]

local yardstick = assert(arg[1], "the yardstick's path is missing")
local repetitions = tonumber(arg[2] or 5)
local count = tonumber(arg[3] or 1000000)

-- Ours first on the path: another module has the same name.
local OURS = ([[env LUA_PATH="%s" LUA_CPATH="%s" lua5.4 ]]):format(package.path,
  package.cpath)
local THEIRS = "env -u LUA_PATH -u LUA_CPATH lua5.4 "

local function succeeds(command)
  return os.execute(command .. " >/dev/null 2>&1") == true
end

local CONTENDERS = {
  { name = "gets", command = OURS .. "bench/readers/sockeye.lua gets" },
  { name = "lines()", command = OURS .. "bench/readers/sockeye.lua lines" },
  {
    name = "LuaSocket",
    command = THEIRS .. "bench/readers/luasocket.lua",
    missing = not succeeds(THEIRS .. [[-e 'require "socket.core"']]),
  },
  {
    name = "Ruby",
    command = "ruby bench/readers/ruby.rb",
    missing = not succeeds "ruby -rsocket -e 1",
  },
}

-- The feeder on one core, the reader on the other.
local function measure(command)
  local feeder <close> = assert(io.popen(("taskset -c 0 %s feed %d"):format(
    yardstick, count)))
  local port = assert(feeder:read("l"), "the feeder has not begun")
  local reader <close> = assert(io.popen(("taskset -c 1 %s %s"):format(command,
    port)))
  return assert(tonumber(reader:read("l")), command)
end

local function median(list)
  local sorted = { table.unpack(list) }
  table.sort(sorted)
  return sorted[#sorted // 2 + 1]
end

-- The figures of each contender, by its name, in the order of repetitions.
local function repeat_all()
  local figures = {}
  for i = 1, repetitions do
    for _, contender in ipairs(CONTENDERS) do
      local list = figures[contender.name] or {}
      if not contender.missing then list[i] = measure(contender.command) end
      figures[contender.name] = list
    end
  end
  return figures
end

local function ratio(list, of)
  local ratios = {}
  for i, figure in ipairs(list) do
    ratios[i] = figure / of[i]
  end
  return median(ratios)
end

local function print_all(figures)
  print("reading 32-byte lines, ns a line")
  for _, contender in ipairs(CONTENDERS) do
    if contender.missing then
      print(("  %-10s not installed"):format(contender.name))
    else
      local list = figures[contender.name]
      print(("  %-10s %12.1f  %5.2f of gets  %5.2f of lines()"):format(
        contender.name, median(list), ratio(list, figures["gets"]),
        ratio(list, figures["lines()"])))
    end
  end
end

print_all(repeat_all())
