/*
** UDPSource: where a datagram came from, and the way to answer it.
*/

#include "source.h"

#include <string.h>

#include <lauxlib.h>

/* Its address marks a source, as that of a socket does. */
static const char tag = 0;

struct lsk_source *lsk_new_source(lua_State *L, const struct lsk_ends *ends) {
  size_t size =
      sizeof(struct lsk_source) + ends->from_length + ends->local_length;
  struct lsk_source *source = lua_newuserdatauv(L, size, LSK_SOURCE_VALUES);
  *source = (struct lsk_source){
      .tag = &tag,
      .from_length = ends->from_length,
      .local_length = ends->local_length,
  };
  memcpy(source->bytes, ends->from, ends->from_length);
  if (ends->local_length > 0)
    memcpy(source->bytes + ends->from_length, ends->local, ends->local_length);
  return source;
}

struct lsk_source *lsk_check_source(lua_State *L, int arg) {
  struct lsk_source *source = lua_touserdata(L, arg);
  if (source == NULL || lua_rawlen(L, arg) < sizeof *source ||
      source->tag != &tag)
    luaL_typeerror(L, arg, "UDPSource");
  return source;
}

void lsk_source_remote(const struct lsk_source *source,
                       struct lsk_sockaddr *addr) {
  (void)lsk_sockaddr_set(addr, source->bytes, source->from_length);
}

bool lsk_source_local(const struct lsk_source *source,
                      struct lsk_sockaddr *addr) {
  if (source->local_length == 0) return false;
  return lsk_sockaddr_set(addr, source->bytes + source->from_length,
                          source->local_length);
}
