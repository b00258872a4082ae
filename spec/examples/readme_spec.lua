-- README's example: the server in a process of its own, the client here.

local build = require "spec.support.build"

-- Before the server's text: it tells where it listens, and stops listening
-- when it prints where its first client is.
local HEAD = [[
local sockets
local function announce(listening)
  sockets = listening
  io.stdout:write(sockets[1]:local_address():ip_port(), "\n")
  io.stdout:flush()
end
local function print()
  for _, sock in ipairs(sockets) do sock:close() end
end
]]

local function blocks()
  local file <close> = assert(io.open "README.md")
  local found = {}
  for text in file:read("a"):gmatch "\n```lua\n(.-)```" do
    found[#found + 1] = text
  end
  return table.unpack(found)
end

describe("README's example", function()
  local server, client, other_loop = blocks()

  it("echoes a line", function()
    local path = require "spec.support.paths".new()
    local file = assert(io.open(path, "w"))
    local text, count = server:gsub("%(7777,", "(0, { listening = announce },")
    assert.are.equal(1, count)
    assert(file:write(HEAD, text))
    file:close()

    local command = ("exec timeout 10 %s %s"):format(build.command(), path)
    local pipe <close> = assert(io.popen(command))
    local port = assert(pipe:read "n", "it does not listen")
    local said = {}
    local env = setmetatable({
      print = function(...)
        said[#said + 1] = { ... }
      end,
    }, { __index = _G })
    assert(load(client:gsub("7777", port), "=README.md", "t", env))()
    assert.are.same({ { "hello" } }, said)
    assert.is_true((pipe:close()))
  end)

  it("runs under cqueues", function()
    local said = {}
    local env = setmetatable({
      print = function(...)
        said[#said + 1] = { ... }
      end,
    }, { __index = _G })
    assert(load(other_loop, "=README.md", "t", env))()
    require "socket".set_scheduler(nil)
    assert.are.same({ { "hello\n" } }, said)
  end)
end)
