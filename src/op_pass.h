/*
** Passing fds through unix sockets, one at a time.
*/

#ifndef LSK_OP_PASS_H
#define LSK_OP_PASS_H

#include <lua.h>

/* Adds send_io and recv_io to UNIXSocket, the table on top of the stack. */
void lsk_open_op_pass(lua_State *L);

#endif
