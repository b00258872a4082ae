rockspec_format = "3.0"
package = "sockeye"
version = "scm-1"

-- `luarocks make` builds the checkout that it is called in.
source = {
  url = "git+file://.",
}

description = {
  summary = "Ruby's socket library for Lua",
  detailed = [[
The classes, methods and names of Ruby's `socket` library as the Lua module
`socket`: sockets, addresses, options, servers, and line and byte streams.]],
}

supported_platforms = { "unix" }

dependencies = {
  "lua >= 5.4, < 5.5",
}

build = {
  type = "make",
  build_target = "all",
  install_target = "install-module",
  variables = {
    BUILD = "build/rock",
    CFLAGS = "$(CFLAGS)",
    LUA_INCLUDE = "$(LUA_INCDIR)",
    LIBDIR = "$(LIBDIR)",
    LUADIR = "$(LUADIR)",
  },
}
