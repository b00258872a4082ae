/*
** What few sockets have: values beside the fields of struct lsk_handle.
*/

#include "settings.h"

#include "handle.h"
#include "weak.h"

#include <stdbool.h>

/* Registry key of the weak table: socket -> its values. */
static const char key = 0;

int lsk_push_setting(lua_State *L, int index, const char *name) {
  const struct lsk_handle *h = lsk_test_handle(L, index);
  if (h == NULL || !h->has_settings) {
    lua_pushnil(L);
    return LUA_TNIL;
  }
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  int type = lua_getfield(L, -1, name);
  lua_replace(L, -3);
  lua_pop(L, 1);
  return type;
}

void lsk_set_setting(lua_State *L, int index, const char *name) {
  struct lsk_handle *h = lsk_test_handle(L, index);
  index = lua_absindex(L, index);
  lsk_push_weak(L, &key);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    h->has_settings = true;
  }
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, name);
  lua_pop(L, 3);
}
