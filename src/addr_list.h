/*
** Addresses as the lists that Ruby's `addr` and `recvfrom` give.
*/

#ifndef LSK_ADDR_LIST_H
#define LSK_ADDR_LIST_H

#include "sockaddr.h"

#include <lua.h>

/* Leaves {"AF_INET", port, host, address}; without a host (NULL) the address
   stands there, too. */
void lsk_push_ip_list(lua_State *L, const struct lsk_sockaddr *addr,
                      const char *host);

/* Leaves {"AF_UNIX", path}; "" for an end without a path. */
void lsk_push_unix_list(lua_State *L, const struct lsk_sockaddr *addr);

#endif
