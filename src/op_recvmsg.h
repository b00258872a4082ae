/*
** Receiving messages with control data: recvmsg.
*/

#ifndef LSK_OP_RECVMSG_H
#define LSK_OP_RECVMSG_H

#include <lua.h>

/* Adds the methods of every socket. */
void lsk_open_op_recvmsg(lua_State *L);

#endif
