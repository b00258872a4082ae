/*
** Taking connections off a listening socket.
*/

#ifndef LSK_OP_ACCEPT_H
#define LSK_OP_ACCEPT_H

#include <lua.h>

/* Adds Socket's methods, which give the peer's address too, to the table on
   top of the stack. */
void lsk_open_op_accept(lua_State *L);

/* Adds those of the server classes, which give the socket alone. */
void lsk_open_op_accept_alone(lua_State *L);

#endif
