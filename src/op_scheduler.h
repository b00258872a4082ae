/*
** Other event loops: setting one, and being polled by one.
*/

#ifndef LSK_OP_SCHEDULER_H
#define LSK_OP_SCHEDULER_H

#include <lua.h>

/* Adds `get`, `on_close` and `set` to the table on top of the stack. */
void lsk_open_op_scheduler(lua_State *L);

/* Adds `events` and `pollfd` to the table on top of the stack, which is
   BasicSocket. */
void lsk_open_op_pollable(lua_State *L);

#endif
