/*
** The monotonic clock for Lua code that bounds several calls together.
*/

#ifndef LSK_OP_CLOCK_H
#define LSK_OP_CLOCK_H

#include <lua.h>

/* Adds `now` to the table on top of the stack. */
void lsk_open_op_clock(lua_State *L);

#endif
