/*
** Values of options and of control messages of any family.
*/

#include "codec.h"

#include "consts.h"
#include "field.h"
#include "io.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/time.h>

#include <lauxlib.h>

/* Copies the data out if it has exactly that size. */
static bool take(void *value, size_t size, const char *data, size_t length) {
  if (length != size) return false;
  memcpy(value, data, size);
  return true;
}

static bool take_int(int *value, const char *data, size_t length) {
  if (length == 1) {
    *value = (unsigned char)*data;
    return true;
  }
  return take(value, sizeof *value, data, length);
}

static void push_int(lua_State *L, int value) {
  lua_pushlstring(L, (const char *)&value, sizeof value);
}

static bool unpack_int(lua_State *L, const char *data, size_t length) {
  int value;
  if (!take_int(&value, data, length)) return false;
  lua_pushinteger(L, value);
  return true;
}

static void pack_int(lua_State *L, int index, int arg) {
  push_int(L, (int)lsk_integer_at(L, index, arg, "value", INT_MIN, INT_MAX));
}

const struct lsk_codec lsk_codec_int = {unpack_int, pack_int};

static bool unpack_bool(lua_State *L, const char *data, size_t length) {
  int value;
  if (!take_int(&value, data, length)) return false;
  lua_pushboolean(L, value);
  return true;
}

static void pack_bool(lua_State *L, int index, int arg) {
  if (!lua_isboolean(L, index))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "value must be a boolean, not %s",
                                  luaL_typename(L, index)));
  push_int(L, lua_toboolean(L, index));
}

const struct lsk_codec lsk_codec_bool = {unpack_bool, pack_bool};

static bool unpack_uint32(lua_State *L, const char *data, size_t length) {
  uint32_t value;
  if (!take(&value, sizeof value, data, length)) return false;
  lua_pushinteger(L, value);
  return true;
}

static void pack_uint32(lua_State *L, int index, int arg) {
  uint32_t value =
      (uint32_t)lsk_integer_at(L, index, arg, "value", 0, UINT32_MAX);
  lua_pushlstring(L, (const char *)&value, sizeof value);
}

const struct lsk_codec lsk_codec_uint32 = {unpack_uint32, pack_uint32};

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

const struct lsk_codec lsk_codec_bytes = {unpack_bytes, pack_bytes};

static bool unpack_timeval(lua_State *L, const char *data, size_t length) {
  struct timeval time;
  if (!take(&time, sizeof time, data, length)) return false;
  lua_createtable(L, 0, 2);
  lsk_set_integer(L, "sec", time.tv_sec);
  lsk_set_integer(L, "usec", time.tv_usec);
  return true;
}

static void pack_timeval(lua_State *L, int index, int arg) {
  static const char *const names[] = {"sec", "usec", NULL};
  lsk_check_fields(L, index, arg, "time", names);
  struct timeval time = {
      .tv_sec = lsk_integer_field(L, index, arg, "sec", LUA_MININTEGER,
                                  LUA_MAXINTEGER),
      .tv_usec = lsk_integer_field(L, index, arg, "usec", 0, 999999),
  };
  lua_pushlstring(L, (const char *)&time, sizeof time);
}

const struct lsk_codec lsk_codec_timeval = {unpack_timeval, pack_timeval};

static void push_timespec(lua_State *L, const struct timespec *time) {
  lua_createtable(L, 0, 2);
  lsk_set_integer(L, "sec", time->tv_sec);
  lsk_set_integer(L, "nsec", time->tv_nsec);
}

static struct timespec timespec_at(lua_State *L, int index, int arg) {
  static const char *const names[] = {"sec", "nsec", NULL};
  lsk_check_fields(L, index, arg, "time", names);
  return (struct timespec){
      .tv_sec = lsk_integer_field(L, index, arg, "sec", LUA_MININTEGER,
                                  LUA_MAXINTEGER),
      .tv_nsec = lsk_integer_field(L, index, arg, "nsec", 0, 999999999),
  };
}

static bool unpack_timespec(lua_State *L, const char *data, size_t length) {
  struct timespec time;
  if (!take(&time, sizeof time, data, length)) return false;
  push_timespec(L, &time);
  return true;
}

static void pack_timespec(lua_State *L, int index, int arg) {
  struct timespec time = timespec_at(L, index, arg);
  lua_pushlstring(L, (const char *)&time, sizeof time);
}

const struct lsk_codec lsk_codec_timespec = {unpack_timespec, pack_timespec};

static bool unpack_timespecs(lua_State *L, const char *data, size_t length) {
  struct timespec time;
  if (length % sizeof time != 0) return false;
  lua_newtable(L);
  for (size_t i = 0; i < length / sizeof time; i++) {
    memcpy(&time, data + i * sizeof time, sizeof time);
    push_timespec(L, &time);
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
    pack_timespec(L, lua_gettop(L), arg);
    lua_remove(L, -2);
    lua_concat(L, 2);
  }
}

const struct lsk_codec lsk_codec_timespecs = {unpack_timespecs, pack_timespecs};

/* As the kernel has them: three ids of 32 bits. */
static bool unpack_credentials(lua_State *L, const char *data, size_t length) {
  uint32_t ids[3];
  if (!take(ids, sizeof ids, data, length)) return false;
  lua_createtable(L, 0, 3);
  lsk_set_integer(L, "pid", ids[0]);
  lsk_set_integer(L, "uid", ids[1]);
  lsk_set_integer(L, "gid", ids[2]);
  return true;
}

static void pack_credentials(lua_State *L, int index, int arg) {
  static const char *const names[] = {"pid", "uid", "gid", NULL};
  uint32_t ids[3];
  lsk_check_fields(L, index, arg, "credentials", names);
  for (int i = 0; i < 3; i++)
    ids[i] =
        (uint32_t)lsk_integer_field(L, index, arg, names[i], 0, UINT32_MAX);
  lua_pushlstring(L, (const char *)ids, sizeof ids);
}

const struct lsk_codec lsk_codec_credentials = {unpack_credentials,
                                                pack_credentials};

static const struct {
  const char *name;
  int value;
} services[] = {
    {"lowdelay", IPTOS_LOWDELAY},
    {"throughput", IPTOS_THROUGHPUT},
    {"reliability", IPTOS_RELIABILITY},
    {"mincost", IPTOS_MINCOST},
};

#define SERVICES (sizeof services / sizeof services[0])

static bool unpack_tos(lua_State *L, const char *data, size_t length) {
  int value;
  if (!take_int(&value, data, length)) return false;
  const char *name = NULL;
  for (size_t i = 0; i < SERVICES; i++)
    if (services[i].value == value) name = services[i].name;
  if (name != NULL)
    lua_pushstring(L, name);
  else
    lua_pushinteger(L, value);
  return true;
}

static void pack_tos(lua_State *L, int index, int arg) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) {
    pack_int(L, index, arg);
    return;
  }
  const char *name = lua_tolstring(L, index, &length);
  for (size_t i = 0; i < SERVICES; i++) {
    if (!lsk_same_name(name, length, services[i].name)) continue;
    push_int(L, services[i].value);
    return;
  }
  luaL_argerror(L, arg,
                lua_pushfstring(L, "unknown type of service: %s", name));
}

const struct lsk_codec lsk_codec_tos = {unpack_tos, pack_tos};

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

const struct lsk_codec lsk_codec_rights = {unpack_rights, pack_rights};
