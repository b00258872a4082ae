/*
** Which socket options this platform has.
*/

#ifndef LSK_OP_SUPPORTS_H
#define LSK_OP_SUPPORTS_H

#include <lua.h>

/* Adds the functions, for a Lua module, to the table on top of the stack. */
void lsk_open_op_supports(lua_State *L);

#endif
