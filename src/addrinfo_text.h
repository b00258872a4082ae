/*
** Addrinfo's texts.
*/

#ifndef LSK_ADDRINFO_TEXT_H
#define LSK_ADDRINFO_TEXT_H

#include "sockaddr.h"

#include <lua.h>

/*
** Leaves the names by which an address was looked up, "localhost:http", as
** inspect shows them, or nil. `host` and `service` are the indexes of what was
** asked for, or 0; what the address says by itself is left out.
*/
void lsk_push_inspectname(lua_State *L, int host, int service,
                          const struct lsk_sockaddr *addr);

/* Adds inspect and inspect_sockaddr to the class table on top of the stack, and
   inspect to the metatable as __tostring. */
void lsk_open_addrinfo_text(lua_State *L);

#endif
