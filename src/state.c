/*
** What all sockets of one Lua state share.
*/

#include "state.h"

static const char key = 0; /* its address is the registry key */

struct lsk_state *lsk_get_state(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  struct lsk_state *state = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return state;
}

void lsk_open_state(lua_State *L) {
  if (lsk_get_state(L) != NULL) return;
  struct lsk_state *state = lua_newuserdatauv(L, sizeof *state, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *state = (struct lsk_state){.main = lua_tothread(L, -1)};
  lua_pop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}
