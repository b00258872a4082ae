/*
** Pieces of the texts that `inspect` gives.
*/

#ifndef LSK_TEXT_H
#define LSK_TEXT_H

#include <stdint.h>

#include <lauxlib.h>

/* Adds a short piece. */
__attribute__((format(printf, 2, 3))) void
lsk_add_format(luaL_Buffer *text, const char *format, ...);

/* Adds a name and a space, or "optname:13 " for a number without one. */
void lsk_add_name(luaL_Buffer *text, const char *name, const char *what,
                  int number);

/* Adds an IP address of that family. */
void lsk_add_host(luaL_Buffer *text, int family, const void *bytes);

/* Adds an interface by its name, or its number with that prefix. */
void lsk_add_interface(luaL_Buffer *text, const char *prefix, intmax_t index);

#endif
