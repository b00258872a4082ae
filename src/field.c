/*
** The fields of tables that a Lua program writes, and of those that it gets.
*/

#include "field.h"

#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

static bool is_known(const char *key, const char *const *names) {
  for (; *names != NULL; names++)
    if (strcmp(key, *names) == 0) return true;
  return false;
}

void lsk_check_fields(lua_State *L, int index, int arg, const char *what,
                      const char *const *names) {
  if (!lua_istable(L, index))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be a table, not %s", what,
                                  luaL_typename(L, index)));
  index = lua_absindex(L, index);
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING && is_known(lua_tostring(L, -2), names))
      continue;
    const char *key = luaL_tolstring(L, -2, NULL);
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "unknown %s field '%s'", what, key));
  }
}

lua_Integer lsk_integer_at(lua_State *L, int index, int arg, const char *name,
                           lua_Integer least, lua_Integer most) {
  int exact;
  lua_Integer value = lua_tointegerx(L, index, &exact);
  if (!exact || value < least || value > most)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be an integer from %I to %I",
                                  name, (LUAI_UACINT)least, (LUAI_UACINT)most));
  return value;
}

bool lsk_boolean_field(lua_State *L, int index, int arg, const char *name) {
  if (lua_getfield(L, index, name) != LUA_TBOOLEAN)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be a boolean, not %s", name,
                                  luaL_typename(L, -1)));
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

void lsk_set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

void lsk_set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

void lsk_set_bytes(lua_State *L, const char *field, const char *bytes,
                   size_t length) {
  lua_pushlstring(L, bytes, length);
  lua_setfield(L, -2, field);
}

void lsk_push_lower(lua_State *L, const char *name) {
  luaL_Buffer lower;
  luaL_buffinit(L, &lower);
  for (; *name != '\0'; name++)
    luaL_addchar(&lower, (char)tolower((unsigned char)*name));
  luaL_pushresult(&lower);
}
