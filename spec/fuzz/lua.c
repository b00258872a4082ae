/*
** The targets in Lua: this program, called NAME, runs spec/fuzz/NAME.lua, which
** returns a function that takes an input and raises when something is wrong.
*/

#include "target.h"

#include "native.h"

#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

static lua_State *L;

static void check(int status) {
  if (status == LUA_OK) return;
  (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  const char *slash = strrchr(**argv, '/');
  const char *name = slash == NULL ? **argv : slash + 1;
  L = luaL_newstate();
  MUST(L != NULL);
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_socket_native);
  lua_setfield(L, -2, "socket.native");
  check(luaL_dostring(L, "package.path = './lua/?.lua;./?.lua'"));
  check(luaL_loadfile(L, lua_pushfstring(L, "spec/fuzz/%s.lua", name)));
  check(lua_pcall(L, 0, 1, 0));
  lua_replace(L, 1);
  lua_settop(L, 1);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_pushvalue(L, 1);
  (void)lua_pushlstring(L, (const char *)data, size);
  check(lua_pcall(L, 1, 0, 0));
  return 0;
}
