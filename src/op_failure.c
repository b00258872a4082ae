/*
** Failure results for what is written in Lua. Each function returns nil, err,
** errno.
*/

#include "op_failure.h"

#include "arg.h"
#include "error.h"

#include <lauxlib.h>

/* system(syscall, errno[, address]): "... - connect(2) for 127.0.0.1:80" */
static int fail_system(lua_State *L) {
  const char *syscall = luaL_checkstring(L, 1);
  int err = lsk_check_int(L, 2);
  return lsk_fail_at(L, syscall, err, luaL_optstring(L, 3, NULL));
}

/* named(name, message): an error without an errno, "SocketError" say */
static int fail_named(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  return lsk_fail_named(L, name, luaL_checkstring(L, 2));
}

/* timed_out(message): an error that is == Socket.TIMEOUT */
static int fail_timed_out(lua_State *L) {
  return lsk_fail_timeout_as(L, luaL_checkstring(L, 1));
}

/* with_rest(written, rest, err, errno): the error, telling how far a copy got;
   a constant becomes a new error that is == to it */
static int fail_with_rest(lua_State *L) {
  size_t written = lsk_check_size(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 4);
  lua_pushvalue(L, 2);
  lua_pushnil(L);
  lua_pushvalue(L, 3);
  lua_pushvalue(L, 4);
  lua_rotate(L, 5, -1); /* nil, err, errno, rest */
  return lsk_fail_written(L, written);
}

static const luaL_Reg functions[] = {
    {"system", fail_system},
    {"named", fail_named},
    {"timed_out", fail_timed_out},
    {"with_rest", fail_with_rest},
    {NULL, NULL},
};

void lsk_open_op_failure(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
