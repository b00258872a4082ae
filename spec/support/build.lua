-- What was built, and programs run in a process of their own with it.

local build = {}

-- The folder with the module, and the interpreter that runs the specs.
build.folder = os.getenv("SPEC_BUILD") or "./build"
build.lua = os.getenv("SPEC_LUA") or "lua5.4"

-- Whether it makes no call beyond POSIX.
build.is_portable = build.folder:find("portable", 1, true) ~= nil

-- A built program's path; nil where it was not built.
function build.program(name)
  local path = build.folder .. "/" .. name
  local file = io.open(path)
  if not file then return nil end
  file:close()
  return path
end

-- The string as one word of a shell's command.
function build.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- The command that starts an interpreter which finds the module, and C modules
-- at `cpath` (ends in ";"). The stand-alone interpreter has the module inside.
function build.command(interpreter, cpath)
  return ("env LUA_INIT= LUA_INIT_5_4= LUA_PATH='./lua/?.lua;./?.lua;;' " ..
    "LUA_CPATH=%s '%s'"):format(
    build.quote(build.folder .. "/?.so;" .. (cpath or "") .. ";"),
    interpreter or build.lua)
end

-- Runs a shell's command -> what it printed, whether it ended well, its exit
-- status or signal.
function build.run(command)
  local pipe <close> = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("a")
  local ok, _, code = pipe:close()
  return output, ok or false, code
end

return build
