/*
** What is known of a socket: info.
*/

#ifndef LSK_OP_INFO_H
#define LSK_OP_INFO_H

#include <lua.h>

/* Adds the method to the table on top of the stack. */
void lsk_open_op_info(lua_State *L);

#endif
