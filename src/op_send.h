/*
** Sending without a buffer.
*/

#ifndef LSK_OP_SEND_H
#define LSK_OP_SEND_H

#include <lua.h>

/* Adds send (BasicSocket) to the table on top of the stack. */
void lsk_open_op_send(lua_State *L);

#endif
