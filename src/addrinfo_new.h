/*
** Making Addrinfos of addresses that need no look-up.
*/

#ifndef LSK_ADDRINFO_NEW_H
#define LSK_ADDRINFO_NEW_H

#include <lua.h>

/* Adds new and unix to the class table on top of the stack. */
void lsk_open_addrinfo_new(lua_State *L);

#endif
