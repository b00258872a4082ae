/*
** Ruby's line reading: gets and its like.
*/

#ifndef LSK_OP_LINE_H
#define LSK_OP_LINE_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_line(lua_State *L);

#endif
