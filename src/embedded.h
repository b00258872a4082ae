/*
** The modules inside the stand-alone interpreter; the build generates the
** table (tools/embed.lua).
*/

#ifndef LSK_EMBEDDED_H
#define LSK_EMBEDDED_H

#include <stddef.h>

#include <lua.h>

struct lsk_embedded {
  const char *name;      /* as `require` knows it */
  const char *chunkname; /* as messages show it */
  const char *source;    /* a Lua file's text ... */
  size_t size;
  lua_CFunction open; /* ... or the function that opens a C module */
};

/* Ends with a row without a name. */
extern const struct lsk_embedded lsk_embedded_modules[];

#endif
