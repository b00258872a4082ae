/*
** Making sockets: new ones, pairs, and objects for fds from elsewhere.
*/

#ifndef LSK_OP_OPEN_H
#define LSK_OP_OPEN_H

#include <lua.h>

/* Adds socket, pair, for_fd and from_fd, which take the class to make, to the
   table on top of the stack. */
void lsk_open_op_open(lua_State *L);

#endif
