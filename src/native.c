/*
** The module socket.native: a table for each class, filled by the files that
** hold its functions.
*/

#include "native.h"

#include "errnos.h"
#include "error.h"
#include "handle.h"
#include "state.h"

#include <lauxlib.h>

static const struct {
  const char *table;
  void (*open)(lua_State *L);
} parts[] = {
    {"Errno", lsk_open_errnos},
    {"Error", lsk_open_error},
    {"metatables", lsk_open_handle},
    {"Socket", lsk_open_error_constants},
};

int luaopen_socket_native(lua_State *L) {
  lsk_open_state(L);
  lua_newtable(L);
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    luaL_getsubtable(L, -1, parts[i].table);
    parts[i].open(L);
    lua_pop(L, 1);
  }
  return 1;
}
