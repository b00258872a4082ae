/*
** Sockets that a service manager has opened.
*/

#ifndef LSK_OP_ACTIVATION_H
#define LSK_OP_ACTIVATION_H

#include <lua.h>

/* Adds `listen_fds` to the table on top of the stack. */
void lsk_open_op_activation(lua_State *L);

#endif
