/*
** Addrinfos as plain tables, to be written down and made again.
*/

#ifndef LSK_ADDRINFO_MARSHAL_H
#define LSK_ADDRINFO_MARSHAL_H

#include <lua.h>

/* Adds marshal_dump and marshal_load to the class table on top of the stack. */
void lsk_open_addrinfo_marshal(lua_State *L);

#endif
