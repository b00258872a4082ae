/*
** The constants of Socket: one table serves registration, name to number, and
** number to name. Names share a prefix by group: "AF_", "SO_", "IPPROTO_".
*/

#ifndef LSK_CONSTS_H
#define LSK_CONSTS_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/*
** The number of a name in the group of that prefix, in any case, with or
** without the prefix. False for a name that the platform does not have.
*/
bool lsk_const_value(const char *prefix, const char *name, size_t length,
                     lua_Integer *value);

/* The name of a number in the group, with its prefix; NULL without one. */
const char *lsk_const_name(const char *prefix, lua_Integer value);

/* Whether two texts are the same but for the case of ASCII letters. */
bool lsk_same_name(const char *one, size_t length, const char *other);

/* Adds every constant to the table on top of the stack. */
void lsk_open_consts(lua_State *L);

#endif
