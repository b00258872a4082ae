/*
** Single values in bytes: integers, booleans, names of numbers, addresses.
*/

#ifndef LSK_SCALAR_H
#define LSK_SCALAR_H

#include "layout.h"

#include <lua.h>

/* Which argument complaints are about, and where in it: "option 2: ", "". */
struct lsk_place {
  int arg;
  const char *where;
};

/* Raises the complaint on top of the stack. */
int lsk_complain(lua_State *L, const struct lsk_place *place);

/* Raises "value must be WHAT, not a table" of the value at `index`, which is
   meant for the field. */
int lsk_scalar_error(lua_State *L, int index, const struct lsk_place *place,
                     const struct lsk_field *field, const char *what);

/* Puts the value at `index` into the field's bytes; raises for one that it does
   not take. */
void lsk_check_scalar(lua_State *L, int index, const struct lsk_place *place,
                      const struct lsk_field *field, char *bytes);

/* Leaves the value of the field's bytes. */
void lsk_push_scalar(lua_State *L, const struct lsk_field *field,
                     const char *bytes);

/* Unsigned integers of 1 to 8 bytes in host order. */
lua_Integer lsk_load_unsigned(const char *bytes, size_t size);
void lsk_store_integer(char *bytes, size_t size, lua_Integer value);

#endif
