-- What the interpreter has inside, and that it still loads what is outside.

local build = require "spec.support.build"

local program = build.program "sockeye"

-- Runs code in the interpreter, far from the checkout and without any path.
local function run(code, environment)
  local folder = assert(io.popen("pwd")):read "l"
  local command = ("cd / && env LUA_PATH= LUA_CPATH= %s '%s/%s' -e %s")
    :format(environment or "", folder, program, build.quote(code))
  local text, ok = build.run(command)
  return text, ok
end

describe("sockeye's library", function()
  if not program then
    pending "is built by `make sockeye`"
    return
  end

  it("is there without any path", function()
    assert.are.equal("true\ttrue\n", (run [[
      local Socket = require "socket"
      print(Socket == require "sockeye", Socket.AF_INET ~= nil)]]))
  end)

  it("works", function()
    assert.are.equal("ping\n", (run [[
      local Socket = require "socket"
      local a, b = Socket.pair("unix", "stream")
      a:send("ping", 0)
      print(b:recv(10))]]))
  end)

  it("loads with no environment and -l", function()
    assert.are.equal("table\n", (run [[print(type(require "socket"))]]))
    local text = build.run(program .. " -E -l S=socket -e 'print(type(S))'")
    assert.are.equal("table\n", text)
  end)

  it("names its files in tracebacks", function()
    assert.matches("sockeye:socket/class.lua", (run [[
      print(package.searchers[2] "socket.class")
      print((select(2, package.searchers[2] "socket.class")))]]), 1, true)
  end)

  it("lets a program put a module of its own in the place", function()
    assert.are.equal("mine\n", (run [[
      package.preload.socket = function() return "mine" end
      print((require "socket"))]]))
  end)

  it("loads another rock's C module", function()
    local path = package.searchpath("lfs", package.cpath)
    if not path then return pending "lfs has no C module of its own here" end
    assert.are.equal("directory\n", (build.run(("LUA_CPATH=%s %s -e %s"):format(
      build.quote(path), program,
      build.quote [[print(require "lfs".attributes("/", "mode"))]]))))
  end)
end)
