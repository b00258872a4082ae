/*
** Serving datagrams: many received with one call, and their answers.
*/

#ifndef LSK_OP_DATAGRAM_H
#define LSK_OP_DATAGRAM_H

#include <lua.h>

/* Adds new, serves and reply, for Lua's server loops, to the table on top of
   the stack. */
void lsk_open_op_datagram(lua_State *L);

#endif
