/*
** Short strings that were pushed lately, found again without Lua's hash over
** all their bytes: what a protocol's peers send, they send again and again.
*/

#ifndef LSK_RECENT_H
#define LSK_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

/* A power of two. */
#define LSK_RECENT_COUNT 64

/* One string. The registry holds it, so that its bytes stay where they are. */
struct lsk_recent {
  uint64_t key;      /* of the bytes seen last here */
  const char *bytes; /* of the string held; NULL: none */
  size_t length;
  int ref; /* its place in the registry */
};

/* Makes the places, once. */
void lsk_open_recent(lua_State *L, struct lsk_recent recent[LSK_RECENT_COUNT]);

/*
** As lua_pushlstring. Bytes that come a second time are kept, unless others
** came between in their place: a stream in which nothing is repeated costs no
** more than the look.
*/
void lsk_push_recent(lua_State *L, struct lsk_recent recent[LSK_RECENT_COUNT],
                     const char *bytes, size_t length);

#endif
