/*
** Reading the arguments of C functions.
*/

#include "arg.h"

#include <limits.h>
#include <string.h>

#include <lauxlib.h>

static bool has_raw(lua_State *L, int index, const char *field) {
  lua_pushstring(L, field);
  bool present = lua_rawget(L, index) != LUA_TNIL;
  lua_pop(L, 1);
  return present;
}

/* Whether the table is keywords, rather than a list, an address or a control
   message. */
static bool is_keywords(lua_State *L, int index) {
  bool list = lua_rawgeti(L, index, 1) != LUA_TNIL;
  lua_pop(L, 1);
  return !list && !has_raw(L, index, "family") && !has_raw(L, index, "level");
}

static bool is_known(const char *key, const char *const *names) {
  for (; *names != NULL; names++)
    if (strcmp(key, *names) == 0) return true;
  return false;
}

/* `arg` is where the caller wrote the table, `index` where it is now. */
static void check_keys(lua_State *L, int index, int arg,
                       const char *const *names) {
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING && is_known(lua_tostring(L, -2), names))
      continue;
    const char *key = luaL_tolstring(L, -2, NULL);
    luaL_argerror(L, arg, lua_pushfstring(L, "unknown keyword '%s'", key));
  }
}

/* Puts the keywords that stand at `first` or later to `at`, or nil. */
static void move_fields(lua_State *L, int first, int at,
                        const char *const *names) {
  int last = at;
  while (last >= first && lua_isnil(L, last)) last--;
  if (last >= first && lua_istable(L, last) && is_keywords(L, last)) {
    check_keys(L, last, last, names);
    if (last == at) return;
    lua_pushvalue(L, last);
    lua_replace(L, at);
    lua_pushnil(L);
    lua_replace(L, last);
  } else if (!lua_isnil(L, at)) {
    lua_pushnil(L);
    lua_replace(L, at);
  }
}

static bool is_empty(lua_State *L, int index) {
  lua_pushnil(L);
  if (lua_next(L, index) == 0) return true;
  lua_pop(L, 2);
  return false;
}

void lsk_arg_fields(lua_State *L, int first, int at, const char *const *names) {
  int top = lua_gettop(L);
  lua_settop(L, at);
  if (top >= first) move_fields(L, first, at, names);
}

void lsk_arg_block(lua_State *L, int first, int at, const char *const *names) {
  int top = lua_gettop(L);
  bool has_block = top >= first && lua_isfunction(L, top);
  if (!has_block) lua_pushnil(L);
  int block = lua_gettop(L);
  for (; block <= at; block++) {
    lua_pushnil(L);
    lua_insert(L, block);
  }
  if (block > at + 1) lua_replace(L, at + 1);
  lua_settop(L, at + 1);
  move_fields(L, first, at, names);
}

int lsk_arg_rest(lua_State *L, int first, const char *const *names) {
  int top = lua_gettop(L);
  int last = top;
  while (last >= first && lua_isnil(L, last)) last--;
  bool is_fields = last >= first && lua_istable(L, last) &&
                   !lua_getmetatable(L, last) && !is_empty(L, last) &&
                   is_keywords(L, last);
  if (is_fields) {
    check_keys(L, last, last, names);
    lua_settop(L, last);
    return last;
  }
  lua_settop(L, top);
  lua_pushnil(L);
  return top + 1;
}

bool lsk_arg_field(lua_State *L, int at, const char *name) {
  if (!lua_istable(L, at)) return false;
  if (lua_getfield(L, at, name) != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

bool lsk_arg_bool(lua_State *L, int at, const char *name, bool fallback) {
  if (!lsk_arg_field(L, at, name)) return fallback;
  if (!lua_isboolean(L, -1))
    luaL_argerror(L, at,
                  lua_pushfstring(L, "%s must be a boolean, not %s", name,
                                  luaL_typename(L, -1)));
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The number at `index`, a timeout's value; complaints name `arg`. */
static double check_seconds(lua_State *L, int index, int arg) {
  int is_number;
  double seconds = (double)lua_tonumberx(L, index, &is_number);
  if (!is_number)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "timeout must be a number, not %s",
                                  luaL_typename(L, index)));
  if (!(seconds >= 0))
    luaL_argerror(L, arg, "timeout must not be negative or NaN");
  return seconds;
}

lsk_deadline lsk_arg_deadline(lua_State *L, int at, double fallback) {
  double seconds = fallback;
  if (lsk_arg_field(L, at, "timeout")) {
    seconds = check_seconds(L, -1, at);
    lua_pop(L, 1);
  }
  return lsk_timeout_deadline(seconds);
}

lsk_deadline lsk_arg_call_deadline(lua_State *L, int at, double fallback) {
  if (!lsk_arg_field(L, at, "timeout")) return lsk_timeout_deadline(fallback);
  bool is_nowait = lua_type(L, -1) == LUA_TSTRING &&
                   strcmp(lua_tostring(L, -1), "nowait") == 0;
  double seconds = is_nowait ? 0 : check_seconds(L, -1, at);
  lua_pop(L, 1);
  return is_nowait ? LSK_NOWAIT : lsk_timeout_deadline(seconds);
}

double lsk_check_timeout(lua_State *L, int arg) {
  if (lua_isnoneornil(L, arg)) return -1;
  double seconds = check_seconds(L, arg, arg);
  return seconds > 1e18 ? -1 : seconds;
}

int lsk_check_range(lua_State *L, int arg, lua_Integer least,
                    lua_Integer most) {
  lua_Integer value = luaL_checkinteger(L, arg);
  if (value < least || value > most)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%I is not within %I to %I",
                                  (LUAI_UACINT)value, (LUAI_UACINT)least,
                                  (LUAI_UACINT)most));
  return (int)value;
}

int lsk_check_int(lua_State *L, int arg) {
  return lsk_check_range(L, arg, INT_MIN, INT_MAX);
}

size_t lsk_check_size(lua_State *L, int arg) {
  lua_Integer value = luaL_checkinteger(L, arg);
  if (value < 0)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "negative length %I given", (LUAI_UACINT)value));
  return (size_t)value;
}
