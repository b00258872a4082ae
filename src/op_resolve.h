/*
** Several look-ups at a time, for what is written in Lua.
*/

#ifndef LSK_OP_RESOLVE_H
#define LSK_OP_RESOLVE_H

#include <lua.h>

/* Adds `start` to the table on top of the stack, and the methods of what it
   gives to its metatable, which exists already. */
void lsk_open_op_resolve(lua_State *L);

#endif
