-- One measurement: a program on one core and, if it is a server, the load on
-- another. The figures are nil when something failed, which has then been told
-- on standard error.

local session = {}

local PROGRAM_CORE, LOAD_CORE = 0, 1

-- Seconds after which what hangs is ended.
local LIMIT = 300

local COUNTING = "perf stat -x, -e raw_syscalls:sys_enter "

function session.succeeds(command)
  return os.execute(command .. " >/dev/null 2>&1") == true
end

-- The figures of a line of name=number, or nil.
local function parse(line)
  local figures
  for name, number in (line or ""):gmatch "(%w+)=(%S+)" do
    figures = figures or {}
    figures[name] = tonumber(number)
  end
  return figures
end

local function run(core, command)
  local pipe <close> = assert(io.popen(("exec timeout %d taskset -c %d %s")
    :format(LIMIT, core, command)))
  return parse(pipe:read "l")
end

local function stop(server)
  os.execute("kill -KILL " .. server.pid)
  server.pipe:close()
end

-- The shell that tells its pid becomes the server, which tells its port.
local function start(command)
  local pipe = assert(io.popen(("ulimit -n $(ulimit -Hn); echo $$; \z
    exec taskset -c %d %s"):format(PROGRAM_CORE, command)))
  local server = { pipe = pipe, pid = pipe:read "n" }
  server.port = pipe:read "n"
  return setmetatable(server, { __close = stop })
end

-- How many system calls perf has counted.
local function read_count(path)
  local file <close> = assert(io.open(path))
  return tonumber(file:read("a"):match "(%d+),[^\n]*raw_syscalls")
end

-- Whether the system lets perf count system calls.
function session.can_count()
  return session.succeeds(COUNTING .. "true")
end

-- A program that measures itself.
function session.alone(command)
  return run(PROGRAM_CORE, command)
end

-- A server under a load, which is a program with its name and its options.
function session.loaded(command, program, name, options)
  local server <close> = start(command)
  if not server.port then return nil end
  return run(LOAD_CORE, ("%s %s %d %d %s"):format(program, name, server.port,
    server.pid, options))
end

-- The same, with the server's system calls for each operation as `calls`.
function session.counted(command, program, name, options)
  local server <close> = start(command)
  if not server.port then return nil end
  local path = os.tmpname()
  local figures = run(LOAD_CORE, ("%s -o %s -p %d -- %s %s %d %d %s"):format(
    COUNTING, path, server.pid, program, name, server.port, server.pid,
    options))
  if figures then figures.calls = read_count(path) / figures.operations end
  os.remove(path)
  return figures
end

return session
