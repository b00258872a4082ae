/*
** The types of objects that Lua sees.
*/

#include "type.h"

void lsk_open_type(lua_State *L, const char *metatable,
                   const luaL_Reg *functions, const luaL_Reg *metamethods) {
  luaL_setfuncs(L, functions, 0);
  luaL_newmetatable(L, metatable);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
