/*
** Control messages as Lua tables: {level=, type=, data=, value=}.
*/

#ifndef LSK_CMSG_TABLE_H
#define LSK_CMSG_TABLE_H

#include "cmsg.h"

#include <stdbool.h>

#include <lua.h>

/* Leaves the table of a message that came over a socket of that family. Its
   data are the bytes; its value is there where they are known to have one. */
void lsk_push_cmsg_table(lua_State *L, int family,
                         const struct lsk_cmsg *message);

/*
** Leaves the AncillaryData that the value at `index` stands for: one already,
** {level, type, data}, or a table whose fields are named. Of `value` and `data`
** the first is taken that is there. Raises for anything else, of argument
*`arg`.
*/
void lsk_push_ancdata_at(lua_State *L, int index, int arg, int family);

/* Adds `value` to the table of AncillaryData's functions on top. */
void lsk_open_cmsg_table(lua_State *L);

#endif
