/*
** Packing and unpacking addresses: class functions of Socket.
*/

#ifndef LSK_OP_SOCKADDR_H
#define LSK_OP_SOCKADDR_H

#include <lua.h>

/* Adds pack_sockaddr_in, unpack_sockaddr_in and their like to the class table
   on top of the stack. */
void lsk_open_op_sockaddr(lua_State *L);

#endif
