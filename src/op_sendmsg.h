/*
** Sending messages with control data: sendmsg.
*/

#ifndef LSK_OP_SENDMSG_H
#define LSK_OP_SENDMSG_H

#include <lua.h>

/* Adds the methods of every socket. */
void lsk_open_op_sendmsg(lua_State *L);

#endif
