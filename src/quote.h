/*
** Bytes as a quoted string with escapes, as Ruby's String#dump writes them.
*/

#ifndef LSK_QUOTE_H
#define LSK_QUOTE_H

#include <stddef.h>

#include <lauxlib.h>

/* Adds "\"bytes\\x00\"". */
void lsk_add_quoted(luaL_Buffer *text, const char *bytes, size_t length);

#endif
