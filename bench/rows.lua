-- What is measured. Each row has
--   mode      what a program is told to do; contenders without it are left out
--   load      the load's name and options; none for what measures itself
--   measure   how: "loaded" (usual), "counted" (system calls), "alone"
--   repeats   where five times would be too long
--   ahead     the figure in which no peer may be ahead
--   peerless  true where peers are left out, which take long or give up
--   figures   what is printed: its name in the output, its title, `scale`, and
--             what is asked: `least` or `most`, of the first contender's figure
--             where `ratio` is set

local function rate(title, least)
  return { name = "rate", title = title, ratio = true, least = least }
end

-- Nanoseconds of the server's processor time.
local function cpu(title, most)
  return { name = "cpu", title = title, ratio = true, most = most }
end

local function alone(name, title, most)
  return { name = name, title = title, most = most }
end

local BUSY = { name = "busy", title = "core busy" }

-- A row about how much is done, in which no peer may be ahead: `least` of its
-- `unit`, and `most` of the processor time.
local function throughput(row)
  row.ahead = "rate"
  row.figures = { rate(row.unit or "a second", row.least),
    cpu("CPU ns", row.most), BUSY }
  return row
end

-- A row about what so many idle connections take.
local function idle(row)
  row.load = { "idle", "connections=10000" }
  row.repeats = 1
  row.peerless = true
  row.figures = {
    alone("bytes", "bytes", 1638),
    alone("uncollected", "with garbage"),
  }
  return row
end

return {
  {
    name = "echo64",
    title = "echo of 64 bytes on 64 connections",
    mode = "echo",
    load = { "echo", "connections=64" },
    ahead = "rate",
    figures = {
      rate("a second", 0.93),
      cpu("CPU ns", 1.10),
      { name = "p99", title = "p99 ns", ratio = true, most = 1.2 },
      BUSY,
    },
  },
  {
    name = "counters",
    title = "the same with neither counters nor registry, with counters, \z
      with both",
    mode = "counters",
    load = { "echo", "connections=64" },
    peerless = true,
    figures = { rate("a second"), cpu("CPU ns", 1.02), BUSY },
  },
  throughput {
    name = "echo1000",
    title = "echo of 64 bytes on 1,000 connections",
    mode = "echo",
    load = { "echo", "connections=1000" },
    least = 0.93,
    most = 1.10,
  },
  throughput {
    name = "line",
    title = "echo of lines of 32 to 64 bytes on 64 connections",
    mode = "line",
    load = { "echo", "connections=64 least=32" },
    least = 0.88,
  },
  throughput {
    name = "connect",
    title = "connect, echo, close, 32 at a time",
    mode = "echo",
    load = { "connect", "connections=32" },
    least = 0.90,
  },
  throughput {
    name = "in",
    title = "a stream in, 64 KiB each time",
    mode = "sink",
    load = { "in", "connections=1" },
    unit = "blocks a second",
    least = 0.97,
    most = 1.0,
  },
  throughput {
    name = "out",
    title = "four streams out, 64 KiB each time",
    mode = "source",
    load = { "out", "connections=4" },
    unit = "blocks a second",
    least = 0.97,
    most = 1.0,
  },
  throughput {
    name = "udp",
    title = "echo of 64-byte datagrams, 32 under way",
    mode = "udp",
    load = { "udp", "connections=32" },
    least = 1.1,
  },
  {
    name = "calls",
    title = "system calls for an echo, 64 connections",
    mode = "echo",
    measure = "counted",
    load = { "echo", "connections=64 warming=0" },
    figures = {
      { name = "calls", title = "calls", ratio = true, most = 1.02 },
    },
  },
  {
    name = "accepts",
    title = "system calls for a connection: accept, echo, close; 32 at a time",
    mode = "echo",
    measure = "counted",
    load = { "connect", "connections=32 count=20000" },
    repeats = 1,
    figures = { alone("calls", "calls", 11) },
  },
  {
    name = "starve",
    title = "latency of one connection beside 63 that flood",
    mode = "echo",
    load = { "starve", "connections=64" },
    figures = {
      alone("alone", "alone, ns"),
      alone("flooded", "flooded, ns"),
      alone("times", "times", 10),
      alone("times99", "times at p99"),
    },
  },
  idle {
    name = "idle",
    title = "10,000 tasks that wait for a line: resident bytes for each",
    mode = "task",
  },
  idle {
    name = "idleloop",
    title = "the same in the handlers of a server loop, which know their peer",
    mode = "line",
  },
  {
    name = "soak",
    title = "1,000,000 short connections: growth after the first tenth",
    mode = "echo",
    load = { "soak", "connections=32 count=1000000" },
    repeats = 1,
    peerless = true,
    figures = { alone("fds", "fds", 0), alone("bytes", "bytes", 131072) },
  },
  {
    name = "tasks",
    title = "tasks",
    mode = "tasks",
    measure = "alone",
    figures = {
      alone("create", "100,000, ns", 3e8),
      alone("switch", "sleep(0), ns", 250),
      alone("direct", "wait, ns"),
      alone("inside", "in generator"),
      alone("times", "times", 10),
    },
  },
  {
    name = "pair",
    title = "64-byte send + recv over a socket pair",
    mode = "pair",
    measure = "alone",
    figures = { { name = "round", title = "ns", ratio = true } },
  },
  {
    name = "blocking",
    title = "blocking echo of 64 bytes on one connection",
    mode = "blocking",
    load = { "echo", "" },
    figures = { rate "a second", cpu "CPU ns" },
  },
  {
    name = "copy",
    title = "copying between two TCP connections",
    mode = "copy",
    load = { "copy", "" },
    figures = { rate "64 KiB a second", cpu "CPU ns" },
  },
  {
    name = "gets",
    title = "reading 32-byte lines",
    mode = "gets",
    load = { "in", "connections=1 unit=32" },
    figures = { rate "lines a second", cpu "CPU ns" },
  },
  {
    name = "memory",
    title = "an accepted socket outside of tasks: bytes",
    mode = "memory",
    measure = "alone",
    repeats = 1,
    figures = { alone("lua", "Lua's count"), alone("pages", "in pages") },
  },
}
