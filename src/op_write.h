/*
** Writing: everything, gathered into as few system calls as can be.
*/

#ifndef LSK_OP_WRITE_H
#define LSK_OP_WRITE_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_write(lua_State *L);

#endif
