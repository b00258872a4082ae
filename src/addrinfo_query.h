/*
** What an Addrinfo's address is and holds.
*/

#ifndef LSK_ADDRINFO_QUERY_H
#define LSK_ADDRINFO_QUERY_H

#include <lua.h>

/* Adds the predicates and the readers of addresses to the class table on top
   of the stack. */
void lsk_open_addrinfo_query(lua_State *L);

#endif
