/*
** The addresses of a socket's two ends, as Ruby's lists.
*/

#ifndef LSK_OP_ADDR_H
#define LSK_OP_ADDR_H

#include <lua.h>

/* Add the methods to IPSocket or UNIXSocket, the table on top of the stack. */
void lsk_open_op_addr_ip(lua_State *L);
void lsk_open_op_addr_unix(lua_State *L);

#endif
