/*
** The values of socket options and control messages: Lua values from bytes and
** back, by the layouts of layout.h. A layout's fields make a table, or are the
** value itself where they have no name.
*/

#ifndef LSK_VALUE_H
#define LSK_VALUE_H

#include "layout.h"
#include "scalar.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* More than any option's value that a kernel takes or gives. */
#define LSK_VALUE_MAX 2048

/* Puts the value at `index` into the bytes and tells how many they are; raises
   for a value that the layout does not take. */
size_t lsk_check_value(lua_State *L, int index, const struct lsk_place *place,
                       const struct lsk_layout *layout,
                       char bytes[LSK_VALUE_MAX]);

/* Whether so many bytes are one value of the layout, no less and no more.
   Kernels give some integers in a byte. */
bool lsk_value_fits(const struct lsk_layout *layout, size_t length);

/* Leaves the value of the bytes; a string of them where they are too few. */
void lsk_push_value(lua_State *L, const struct lsk_layout *layout,
                    const char *bytes, size_t length);

#endif
