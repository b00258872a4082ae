/*
** The addresses of this machine's network interfaces.
*/

#ifndef LSK_IFADDR_H
#define LSK_IFADDR_H

#include <lua.h>

/* Adds the class functions to Socket, the table on top of the stack. */
void lsk_open_ifaddr(lua_State *L);

#endif
