/*
** Setting and reading socket options as Lua values: getopt and setopt.
*/

#ifndef LSK_OP_OPT_H
#define LSK_OP_OPT_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_opt(lua_State *L);

#endif
