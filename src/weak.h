/*
** Tables whose keys or values keep nothing from being collected.
*/

#ifndef LSK_WEAK_H
#define LSK_WEAK_H

#include <lua.h>

/* Leaves a new table with that __mode: "k" or "v". */
void lsk_new_weak(lua_State *L, const char *mode);

/* Leaves the table of weak keys that the registry has by that key, and that is
   made when it is first asked for. Raises when memory is out. */
void lsk_push_weak(lua_State *L, const void *key);

#endif
