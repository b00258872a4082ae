/*
** Failure results for what is written in Lua.
*/

#ifndef LSK_OP_FAILURE_H
#define LSK_OP_FAILURE_H

#include <lua.h>

/* Adds the functions that fail to the table on top of the stack. */
void lsk_open_op_failure(lua_State *L);

#endif
