/*
** Sockets and Lua files as one: the fd behind an object, and an object for an
** fd.
*/

#ifndef LSK_IO_H
#define LSK_IO_H

#include <stdbool.h>

#include <lua.h>

/* Whether the value is a socket or a Lua file; if so its fd, -1 when closed. */
bool lsk_test_io(lua_State *L, int index, int *fd);

/*
** Leaves a new owner of the fd: a socket of the class that fits it, or a Lua
** file for anything else. 0 | -errno, and then the fd is still the caller's. It
** is so, too, when this raises (memory is out); nothing raises once the fd has
** its new owner.
*/
int lsk_push_io(lua_State *L, int fd);

/* The same; a listening socket is of a server class. */
int lsk_push_listening_io(lua_State *L, int fd);

#endif
