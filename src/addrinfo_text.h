/*
** Addrinfo's texts.
*/

#ifndef LSK_ADDRINFO_TEXT_H
#define LSK_ADDRINFO_TEXT_H

#include <lua.h>

/* Adds inspect and inspect_sockaddr to the class table on top of the stack, and
   inspect to the metatable as __tostring. */
void lsk_open_addrinfo_text(lua_State *L);

#endif
