/*
** The statistics that the option TCP_INFO gives, as a text and as a table.
*/

#ifndef LSK_TCP_INFO_H
#define LSK_TCP_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>

/* Adds "state=ESTABLISHED ..."; false, with nothing added, for fewer bytes than
   every system gives. Of what newer ones append only the size is told. */
bool lsk_add_tcp_info(luaL_Buffer *text, const char *data, size_t length);

/* Leaves a table of all that the bytes hold, in the kernel's units; false, with
   nothing left, for fewer bytes than every system gives. */
bool lsk_push_tcp_info(lua_State *L, const char *data, size_t length);

#endif
