/*
** Binding, listening, connecting.
*/

#ifndef LSK_OP_CONNECT_H
#define LSK_OP_CONNECT_H

#include <lua.h>

/* Adds Socket's methods to the table on top of the stack. */
void lsk_open_op_connect(lua_State *L);

/* Adds listen alone, for the server classes. */
void lsk_open_op_listen(lua_State *L);

#endif
