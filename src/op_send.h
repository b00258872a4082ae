/*
** Sending without a buffer.
*/

#ifndef LSK_OP_SEND_H
#define LSK_OP_SEND_H

#include <lua.h>

/* Add send to BasicSocket and to UDPSocket, the table on top of the stack. */
void lsk_open_op_send(lua_State *L);
void lsk_open_op_send_udp(lua_State *L);

#endif
