/*
** The text of a socket address, as Addrinfo#inspect_sockaddr gives it.
*/

#ifndef LSK_SOCKADDR_TEXT_H
#define LSK_SOCKADDR_TEXT_H

#include "sockaddr.h"

#include <lua.h>

/* Leaves "127.0.0.1:80", "[::1]:80", "/tmp/s", "empty-sockaddr", ... */
void lsk_push_sockaddr_text(lua_State *L, const struct lsk_sockaddr *addr);

#endif
