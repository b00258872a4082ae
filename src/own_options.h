/*
** The options of this library's own level, "otp".
*/

#ifndef LSK_OWN_OPTIONS_H
#define LSK_OWN_OPTIONS_H

#include "sockopts.h"
#include "value.h"

#include <lua.h>

/* Leaves the value of the option, which can be read, of the socket at 1. */
void lsk_push_own(lua_State *L, const struct lsk_sockopt *option);

/* Sets the option, which can be set, to the value at `index`: 0 | -errno.
   Raises for a value that it does not take. */
int lsk_set_own(lua_State *L, int index, const struct lsk_place *place,
                const struct lsk_sockopt *option);

#endif
