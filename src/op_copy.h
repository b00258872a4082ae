/*
** Copying inside the kernel, a step at a time.
*/

#ifndef LSK_OP_COPY_H
#define LSK_OP_COPY_H

#include <lua.h>

/* Adds new, which makes a transfer for Lua's copy_stream, to the table on top
   of the stack. */
void lsk_open_op_copy(lua_State *L);

#endif
