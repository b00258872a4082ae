/*
** Which sockets there are, and who is told when one closes.
*/

#ifndef LSK_OP_REGISTRY_H
#define LSK_OP_REGISTRY_H

#include <lua.h>

/* Adds number_of and use_registry to the table on top of the stack. */
void lsk_open_op_registry(lua_State *L);

/* Adds what the module in Lua needs for the rest. */
void lsk_open_op_registry_parts(lua_State *L);

#endif
