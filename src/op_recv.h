/*
** Receiving without a buffer: recv and recvfrom.
*/

#ifndef LSK_OP_RECV_H
#define LSK_OP_RECV_H

#include <lua.h>

/* Adds recv and recv_nonblock (BasicSocket) to the table on top. */
void lsk_open_op_recv(lua_State *L);

/* Adds recvfrom and recvfrom_nonblock (Socket, UDPSocket), or recvfrom alone
   (IPSocket, UNIXSocket). The socket's class tells the sender's form. */
void lsk_open_op_recvfrom(lua_State *L);
void lsk_open_op_recvfrom_alone(lua_State *L);

#endif
