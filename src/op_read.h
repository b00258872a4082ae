/*
** Reading bytes: what is there, or one at a time.
*/

#ifndef LSK_OP_READ_H
#define LSK_OP_READ_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_read(lua_State *L);

#endif
