/*
** The paths of unix sockets: which socket one names, and removing it.
*/

#ifndef LSK_OP_PATH_H
#define LSK_OP_PATH_H

#include <lua.h>

/* Adds the functions, and MOST, the longest path in bytes, to the table on top
   of the stack. */
void lsk_open_op_path(lua_State *L);

#endif
