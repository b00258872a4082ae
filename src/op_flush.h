/*
** What is buffered for writing: when it goes out.
*/

#ifndef LSK_OP_FLUSH_H
#define LSK_OP_FLUSH_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_flush(lua_State *L);

#endif
