/*
** Values of control messages of any family.
*/

#include "codec.h"

#include "field.h"
#include "io.h"
#include "value.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>

bool lsk_unpack(lua_State *L, const struct lsk_codec *codec, const char *data,
                size_t length) {
  if (codec->unpack != NULL) return codec->unpack(L, data, length);
  if (!lsk_value_fits(codec->layout, length)) return false;
  lsk_push_value(L, codec->layout, data, length);
  return true;
}

void lsk_pack(lua_State *L, const struct lsk_codec *codec, int index, int arg) {
  char bytes[LSK_VALUE_MAX];
  const struct lsk_place place = {arg, ""};
  if (codec->pack != NULL) {
    codec->pack(L, index, arg);
    return;
  }
  size_t length = lsk_check_value(L, index, &place, codec->layout, bytes);
  lua_pushlstring(L, bytes, length);
}

const struct lsk_codec lsk_codec_int = {.layout = &lsk_layout_int};
const struct lsk_codec lsk_codec_uint32 = {.layout = &lsk_layout_uint};
const struct lsk_codec lsk_codec_tos = {.layout = &lsk_layout_tos};
const struct lsk_codec lsk_codec_timeval = {.layout = &lsk_layout_timeval};
const struct lsk_codec lsk_codec_timespec = {.layout = &lsk_layout_timespec};
const struct lsk_codec lsk_codec_credentials = {.layout = &lsk_layout_ucred};

static bool unpack_bytes(lua_State *L, const char *data, size_t length) {
  lua_pushlstring(L, data, length);
  return true;
}

static void pack_bytes(lua_State *L, int index, int arg) {
  if (lua_type(L, index) != LUA_TSTRING)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "value must be a string, not %s",
                                  luaL_typename(L, index)));
  lua_pushvalue(L, index);
}

const struct lsk_codec lsk_codec_bytes = {NULL, unpack_bytes, pack_bytes};

static bool unpack_timespecs(lua_State *L, const char *data, size_t length) {
  struct timespec time;
  if (length % sizeof time != 0) return false;
  lua_newtable(L);
  for (size_t i = 0; i < length / sizeof time; i++) {
    memcpy(&time, data + i * sizeof time, sizeof time);
    lsk_push_value(L, &lsk_layout_timespec, (const char *)&time, sizeof time);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return true;
}

static void check_list(lua_State *L, int index, int arg, const char *what) {
  if (lua_istable(L, index)) return;
  luaL_argerror(L, arg,
                lua_pushfstring(L, "value must be a list of %s, not %s", what,
                                luaL_typename(L, index)));
}

static void pack_timespecs(lua_State *L, int index, int arg) {
  check_list(L, index, arg, "times");
  index = lua_absindex(L, index);
  lua_Unsigned count = lua_rawlen(L, index);
  lua_pushliteral(L, "");
  for (lua_Unsigned i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i);
    lsk_pack(L, &lsk_codec_timespec, lua_gettop(L), arg);
    lua_remove(L, -2);
    lua_concat(L, 2);
  }
}

const struct lsk_codec lsk_codec_timespecs = {NULL, unpack_timespecs,
                                              pack_timespecs};

static bool unpack_rights(lua_State *L, const char *data, size_t length) {
  (void)L;
  (void)data;
  (void)length;
  return false;
}

/* The fd of an object; -1 for a closed one, which the kernel refuses. */
static int fd_at(lua_State *L, int index, int arg) {
  int fd;
  if (lsk_test_io(L, index, &fd)) return fd;
  return (int)lsk_integer_at(L, index, arg, "fd", 0, INT_MAX);
}

static void pack_rights(lua_State *L, int index, int arg) {
  check_list(L, index, arg, "sockets and files");
  lua_Unsigned count = lua_rawlen(L, index);
  luaL_argcheck(L, count <= INT_MAX / sizeof(int), arg, "too many files");
  index = lua_absindex(L, index);
  int *fds = lua_newuserdatauv(L, (size_t)count * sizeof *fds, 0);
  for (lua_Unsigned i = 0; i < count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    fds[i] = fd_at(L, -1, arg);
    lua_pop(L, 1);
  }
  lua_pushlstring(L, (const char *)fds, (size_t)count * sizeof *fds);
  lua_remove(L, -2);
}

const struct lsk_codec lsk_codec_rights = {NULL, unpack_rights, pack_rights};
