/*
** The end that a signal asks for, seen to where Lua may run.
*/

#include "stop.h"

#include <lauxlib.h>

static const char key = 0; /* its address is the registry key */

void lsk_stop_set(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

void lsk_stop_loops(lua_State *L, struct lsk_state *state) {
  state->has_stopped = true;
  luaL_checkstack(L, LUA_MINSTACK, "too many values to stop");
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TFUNCTION)
    lua_call(L, 0, 0);
  else
    lua_pop(L, 1);
}
