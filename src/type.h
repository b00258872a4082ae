/*
** The types of objects that Lua sees.
*/

#ifndef LSK_TYPE_H
#define LSK_TYPE_H

#include <lauxlib.h>

/*
** Adds the functions to the table on top of the stack, and registers the
** metatable of that name, which has the metamethods and whose __index that
** table becomes.
*/
void lsk_open_type(lua_State *L, const char *metatable,
                   const luaL_Reg *functions, const luaL_Reg *metamethods);

#endif
