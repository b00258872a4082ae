/*
** The fields of tables that a Lua program writes, such as addresses and the
** values of options, and of those that it gets. A mistake raises, and the
** message names the field and the argument.
*/

#ifndef LSK_FIELD_H
#define LSK_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/*
** Raises unless there is a table at `index`, and each of its keys is in the
** NULL-terminated `names`; `what` is what the table stands for: "message".
*/
void lsk_check_fields(lua_State *L, int index, int arg, const char *what,
                      const char *const *names);

/* The integer at `index`, which must be within bounds. */
lua_Integer lsk_integer_at(lua_State *L, int index, int arg, const char *name,
                           lua_Integer least, lua_Integer most);

/* A boolean field that must be there. */
bool lsk_boolean_field(lua_State *L, int index, int arg, const char *name);

/* Set a field of the table on top. */
void lsk_set_integer(lua_State *L, const char *field, lua_Integer value);
void lsk_set_string(lua_State *L, const char *field, const char *value);
void lsk_set_bytes(lua_State *L, const char *field, const char *bytes,
                   size_t length);

/* Leaves the name in lower case. */
void lsk_push_lower(lua_State *L, const char *name);

#endif
