/*
** The names of errno values.
*/

#ifndef LSK_ERRNOS_H
#define LSK_ERRNOS_H

#include <lua.h>

/* "ECONNREFUSED" for its number; NULL for one without a name. */
const char *lsk_errno_name(int err);

/* Adds every name with its number to the table on top of the stack. */
void lsk_open_errnos(lua_State *L);

#endif
