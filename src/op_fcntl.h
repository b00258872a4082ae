/*
** Calls that pass through to the fd: fcntl, ioctl, and what they are for.
*/

#ifndef LSK_OP_FCNTL_H
#define LSK_OP_FCNTL_H

#include <lua.h>

/* Adds these methods to the table on top of the stack. */
void lsk_open_op_fcntl(lua_State *L);

#endif
