/*
** Answering a datagram, and telling its two ends.
*/

#ifndef LSK_OP_SOURCE_H
#define LSK_OP_SOURCE_H

#include <lua.h>

/* Adds UDPSource's methods to the table on top of the stack, which becomes the
   __index of its objects. */
void lsk_open_op_source(lua_State *L);

/* Adds what makes the objects that a program makes. */
void lsk_open_op_source_ends(lua_State *L);

#endif
