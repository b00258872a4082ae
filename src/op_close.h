/*
** Ending a socket, a half of it, or the ownership of its fd.
*/

#ifndef LSK_OP_CLOSE_H
#define LSK_OP_CLOSE_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_close(lua_State *L);

#endif
