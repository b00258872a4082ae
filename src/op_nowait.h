/*
** What becomes of calls that were started with timeout = "nowait".
*/

#ifndef LSK_OP_NOWAIT_H
#define LSK_OP_NOWAIT_H

#include <lua.h>

/* Adds cancel to the table on top of the stack. */
void lsk_open_op_nowait(lua_State *L);

/* Adds receive to the table on top. */
void lsk_open_op_receive(lua_State *L);

#endif
