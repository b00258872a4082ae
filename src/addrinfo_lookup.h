/*
** Addrinfos of names: what the resolver answers, and what it says of them.
*/

#ifndef LSK_ADDRINFO_LOOKUP_H
#define LSK_ADDRINFO_LOOKUP_H

#include <lua.h>

/* Adds tcp, udp, ip, getaddrinfo, getnameinfo and family_addrinfo to the class
   table on top of the stack. */
void lsk_open_addrinfo_lookup(lua_State *L);

#endif
