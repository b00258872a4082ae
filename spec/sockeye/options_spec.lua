-- The interpreter's command line is lua5.4's: both run, and say the same.

local build = require "spec.support.build"
local paths = require "spec.support.paths"

local program = build.program "sockeye"

local function write(text, path)
  local file <close> = assert(io.open(path or paths.new(), "w"))
  file:write(text)
  return path
end

-- What a command with `%s` for the interpreter prints and ends with; messages
-- begin with the interpreter's name, and versions end with it.
local function outcome(command, interpreter)
  local text, _, status = build.run((command:gsub("%%s", interpreter)))
  text = text:gsub(interpreter:gsub("%p", "%%%0"), "PROGRAM")
  text = text:gsub("\n\tno module '[^']*' in sockeye", "")
  return text:gsub(" %(sockeye%)", "") .. "status " .. status
end

local function assert_same(command)
  local expected = outcome(command, "lua5.4")
  assert.are.equal(expected, outcome(command, program))
  return expected
end

local CASES = {
  ["runs -e in order"] = [[%s -e 'x = 1' -e'print(x)']],
  ["requires a module into a global"] =
    [[%s -l lfs -e 'print(lfs == require "lfs")']],
  ["requires a module by another name"] =
    [[%s -l s=table -e 'print(s == table)']],
  ["tells of a module that is not there"] = [[%s -l no.such.module]],
  ["stops at the first failure"] = [[%s -e 'error "no"' -e 'print(1)']],
  ["prints the version"] = [[%s -v]],
  ["reads a script from standard input"] = [[echo 'print(...)' | %s - a b]],
  ["reads standard input unasked"] = [[echo 'print(arg[0])' | %s]],
  ["gives the arguments"] =
    [[echo 'print(#arg, arg[0], arg[1], arg[-1], ...)' | %s -W - a 'b c' -x]],
  ["sets arg without a script"] = [[%s -e 'print(arg[0], arg[1], #arg)']],
  ["turns warnings on"] = [[%s -W -e 'warn "careful"']],
  ["keeps warnings off"] = [[%s -e 'warn "careful"']],
  ["ends with os.exit's status"] = [[%s -e 'os.exit(7)']],
  ["runs LUA_INIT"] = [[LUA_INIT='print "init"' %s -e 'print(1)']],
  ["prefers the versioned LUA_INIT"] =
    [[LUA_INIT='print "old"' LUA_INIT_5_4='print "new"' %s -e '']],
  ["ends when LUA_INIT fails"] = [[LUA_INIT='error "no"' %s -e 'print(1)']],
  ["ignores the environment"] =
    [[LUA_INIT='print "init"' LUA_PATH='x' %s -E -e 'print(package.path)']],
  ["takes paths from the environment"] =
    [[LUA_PATH='a;;b' LUA_CPATH='c' %s -e 'print(package.path,
      package.cpath)']],
  ["tells of a script that is not there"] = [[%s /no/such/script.lua]],
  ["tells of a syntax error"] = [[%s -e 'x x']],
  ["shows an error's traceback"] =
    [[%s -e 'local function f() error "deep" end f()']],
  ["shows an error object"] =
    [[%s -e 'local function text() return "as text" end
      error(setmetatable({}, {__tostring = text}))']],
  ["shows that an error is no text"] = [[%s -e 'error {}']],
  ["closes the state"] =
    [[%s -e 'setmetatable({}, {__gc = function() print "gone" end})']],
  ["collects in generations"] =
    [[%s -e 'print(collectgarbage "incremental")']],
  ["opens every library"] =
    [[%s -e 'local t = {} for k in pairs(_G) do t[#t + 1] = k end
      table.sort(t) print(table.concat(t, " "))']],
}

describe("sockeye", function()
  if not program then
    pending "is built by `make sockeye`"
    return
  end

  for what, command in pairs(CASES) do
    it(what, function()
      assert_same(command)
    end)
  end

  it("runs a script file, and -- ends the options", function()
    local path = paths.new()
    write("print(arg[0], arg[1], arg[-1], ...)\nreturn 3", path)
    local said = assert_same("%s -- " .. path .. " one two")
    assert.matches("one", said)
    assert_same("%s " .. path)
  end)

  it("runs LUA_INIT's file", function()
    local path = paths.new()
    write("print 'from a file'", path)
    assert_same("LUA_INIT=@" .. path .. " %s -e ''")
  end)

  for _, wrong in ipairs { "-x", "-ix", "-vx", "-Wx", "--x", "-l", "-e" } do
    it("refuses " .. wrong, function()
      local text, _, status = build.run(program .. " " .. wrong)
      local expected = outcome("%s " .. wrong, "lua5.4"):match "^[^\n]+"
      assert.are.equal(expected, (text:match "^[^\n]+"
        :gsub(program:gsub("%p", "%%%0"), "PROGRAM")))
      assert.matches("\nusage: ", text)
      assert.are.equal(1, status)
    end)
  end
end)
