-- The rock, installed into a tree of its own, and what the tree then holds.

local build = require "spec.support.build"
local paths = require "spec.support.paths"

local ROCKSPEC = "rockspec/sockeye-scm-1.rockspec"

describe("the rock", function()
  local _, has_luarocks = build.run "command -v luarocks"
  if not has_luarocks then
    pending "needs luarocks"
    return
  end

  it("builds, installs and loads", function()
    local tree = paths.new()
    finally(function()
      os.execute("rm -rf " .. build.quote(tree))
    end)
    local command = "luarocks --lua-version=5.4 make --tree %s %s"
    local output, ok = build.run(command:format(build.quote(tree), ROCKSPEC))
    assert.is_true(ok, output)

    local text = build.run(([[
      cd / && env -i LUA_PATH='%s/share/lua/5.4/?.lua' \
      LUA_CPATH='%s/lib/lua/5.4/?.so' "$(command -v lua5.4)" -e '
        local Socket = require "socket"
        local a, b = Socket.pair("unix", "stream")
        a:send("ping", 0)
        print(Socket == require "sockeye", b:recv(10),
          package.searchpath("socket", package.path))']])
      :format(tree, tree))
    assert.are.equal(("true\tping\t%s/share/lua/5.4/socket.lua\n")
      :format(tree), text)
  end)
end)
