/*
** The monotonic clock for Lua code that bounds several calls together.
*/

#include "op_clock.h"

#include "clock.h"

#include <lauxlib.h>

/* now() -> seconds, from any origin */
static int now(lua_State *L) {
  lua_pushnumber(L, lsk_clock_seconds());
  return 1;
}

static const luaL_Reg functions[] = {
    {"now", now},
    {NULL, NULL},
};

void lsk_open_op_clock(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
