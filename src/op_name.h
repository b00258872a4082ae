/*
** The addresses of a socket's two ends.
*/

#ifndef LSK_OP_NAME_H
#define LSK_OP_NAME_H

#include <lua.h>

/* Adds getsockname, local_address and their like to the class table on top of
   the stack. */
void lsk_open_op_name(lua_State *L);

#endif
