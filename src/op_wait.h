/*
** Waiting as such: for a socket's readiness, for several fds, for time.
*/

#ifndef LSK_OP_WAIT_H
#define LSK_OP_WAIT_H

#include <lua.h>

/* Adds wait_readable, set_timeout and their like (BasicSocket) to the table on
   top of the stack. */
void lsk_open_op_wait(lua_State *L);

/* Adds poll and sleep, for Lua's select and loops. */
void lsk_open_op_poll(lua_State *L);

#endif
