/*
** Setting and reading socket options.
*/

#ifndef LSK_OP_OPTION_H
#define LSK_OP_OPTION_H

#include <lua.h>

/* Adds setsockopt and getsockopt to the table on top of the stack. */
void lsk_open_op_option(lua_State *L);

/* Adds ipv6only, which only Socket has, to the table on top of the stack. */
void lsk_open_op_option_socket(lua_State *L);

#endif
