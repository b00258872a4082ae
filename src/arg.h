/*
** Reading the arguments of C functions. All of this raises on a mistake of the
** program, and the message names the argument.
*/

#ifndef LSK_ARG_H
#define LSK_ARG_H

#include "clock.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/*
** Makes the stack hold exactly the arguments 1 .. `at`, the last being the
** table of keywords, or nil. The keywords are the last argument that is not
** nil, if it is a table that stands at `first` or later and is neither an
** address (a field `family`), a control message (`level`) nor a list (a field
** [1]). Surplus arguments go. A key that is not in the NULL-terminated `names`
** raises.
*/
void lsk_arg_fields(lua_State *L, int first, int at, const char *const *names);

/* The same where a function may stand last: that goes to `at` + 1, or nil. */
void lsk_arg_block(lua_State *L, int first, int at, const char *const *names);

/*
** The same after any number of arguments: gives the index where the keywords
** are, or nil; the arguments are those before it. An empty table is an
** argument, and so is one with a metatable.
*/
int lsk_arg_rest(lua_State *L, int first, const char *const *names);

/* Whether the keyword table at `at` has the field; if so leaves its value. */
bool lsk_arg_field(lua_State *L, int at, const char *name);

/* The boolean keyword of the table at `at`; `fallback` when it is left out. */
bool lsk_arg_bool(lua_State *L, int at, const char *name, bool fallback);

/*
** The deadline that the keyword `timeout` of the table at `at` sets, else that
** of `fallback` seconds (negative: none).
*/
lsk_deadline lsk_arg_deadline(lua_State *L, int at, double fallback);

/* The same, of which "nowait" makes LSK_NOWAIT. */
lsk_deadline lsk_arg_call_deadline(lua_State *L, int at, double fallback);

/* Seconds as a timeout: not negative, not NaN; infinite is -1 (none). */
double lsk_check_timeout(lua_State *L, int arg);

/* An integer within bounds, and a count of bytes. */
int lsk_check_int(lua_State *L, int arg);
int lsk_check_range(lua_State *L, int arg, lua_Integer least, lua_Integer most);
size_t lsk_check_size(lua_State *L, int arg);

#endif
