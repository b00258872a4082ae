/*
** Error objects (Socket.Error) and the failure results nil, err, errno.
*/

#include "error.h"

#include "errnos.h"
#include "sys_io.h"
#include "type.h"

#include <errno.h>
#include <string.h>

#include <netdb.h>

#include <lauxlib.h>

#define METATABLE "socket.Error"

/* Registry keys of the constant errors, by address. */
static const char wait_readable_key = 0, wait_writable_key = 0;
static const char timeout_key = 0, canceled_key = 0;

/* The field that makes an error with data `==` to its constant. */
#define CONSTANT "constant"

static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

/* Leaves a new error; the message is taken from the top of the stack. */
static void push_error(lua_State *L, const char *name) {
  lua_createtable(L, 0, 5);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  set_string(L, "name", name);
  luaL_setmetatable(L, METATABLE);
}

/* Leaves the system's text for `err`. */
static void push_strerror(lua_State *L, int err) {
  char text[256];
  lua_pushstring(L, strerror_r(err, text, sizeof text));
}

/* Leaves the errno's name, or "errno 1234" for a number without one. */
static void push_errno_name(lua_State *L, int err) {
  const char *name = lsk_errno_name(err);
  if (name != NULL)
    lua_pushstring(L, name);
  else
    lua_pushfstring(L, "errno %d", err);
}

int lsk_fail_at(lua_State *L, const char *syscall, int err,
                const char *address) {
  lua_pushnil(L);
  push_strerror(L, err);
  if (syscall != NULL) {
    lua_pushfstring(L, " - %s", syscall);
    lua_concat(L, 2);
  }
  if (address != NULL) {
    lua_pushfstring(L, " for %s", address);
    lua_concat(L, 2);
  }
  push_errno_name(L, err);
  lua_insert(L, -2);
  push_error(L, lua_tostring(L, -2));
  lua_remove(L, -2);
  lua_pushinteger(L, err);
  lua_setfield(L, -2, "errno");
  if (syscall != NULL) set_string(L, "syscall", syscall);
  if (address != NULL) set_string(L, "address", address);
  lua_pushinteger(L, err);
  return 3;
}

int lsk_fail(lua_State *L, const char *syscall, int err) {
  return lsk_fail_at(L, syscall, err, NULL);
}

int lsk_fail_named(lua_State *L, const char *name, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  push_error(L, name);
  lua_pushnil(L);
  return 3;
}

static const struct {
  const char *name;
  int code;
} gai_codes[] = {
#ifdef EAI_ADDRFAMILY
    {"EAI_ADDRFAMILY", EAI_ADDRFAMILY},
#endif
#ifdef EAI_NODATA
    {"EAI_NODATA", EAI_NODATA},
#endif
    {"EAI_AGAIN", EAI_AGAIN},
    {"EAI_BADFLAGS", EAI_BADFLAGS},
    {"EAI_FAIL", EAI_FAIL},
    {"EAI_FAMILY", EAI_FAMILY},
    {"EAI_MEMORY", EAI_MEMORY},
    {"EAI_NONAME", EAI_NONAME},
    {"EAI_OVERFLOW", EAI_OVERFLOW},
    {"EAI_SERVICE", EAI_SERVICE},
    {"EAI_SOCKTYPE", EAI_SOCKTYPE},
    {"EAI_SYSTEM", EAI_SYSTEM},
};

static const char *gai_name(int code) {
  for (size_t i = 0; i < sizeof gai_codes / sizeof gai_codes[0]; i++)
    if (gai_codes[i].code == code) return gai_codes[i].name;
  return "EAI_FAIL";
}

int lsk_fail_gai(lua_State *L, const char *function, int code, int err) {
  lua_pushnil(L);
  if (code == EAI_SYSTEM && err != 0) {
    push_strerror(L, err);
    lua_pushfstring(L, "%s: %s", function, lua_tostring(L, -1));
    lua_remove(L, -2);
  } else {
    lua_pushfstring(L, "%s: %s", function, gai_strerror(code));
  }
  push_error(L, "ResolutionError");
  set_string(L, "code", gai_name(code));
  lua_pushinteger(L, code);
  lua_setfield(L, -2, "code_number");
  set_string(L, "syscall", function);
  if (code == EAI_SYSTEM && err != 0) {
    lua_pushinteger(L, err);
    lua_setfield(L, -2, "errno");
    lua_pushinteger(L, err);
  } else {
    lua_pushnil(L);
  }
  return 3;
}

int lsk_fail_closed(lua_State *L) {
  return lsk_fail_named(L, "IOError", "closed stream");
}

int lsk_fail_eof(lua_State *L) {
  return lsk_fail_named(L, "EOFError", "end of file reached");
}

bool lsk_is_eof(lua_State *L, int results) {
  if (results != 3 || !lua_istable(L, -2)) return false;
  lua_getfield(L, -2, "name");
  bool is_eof = strcmp(luaL_optstring(L, -1, ""), "EOFError") == 0;
  lua_pop(L, 1);
  return is_eof;
}

int lsk_would_block(lua_State *L, int events) {
  lua_pushnil(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX,
              events & LSK_WRITABLE ? &wait_writable_key : &wait_readable_key);
  lua_pushinteger(L, EAGAIN);
  return 3;
}

int lsk_fail_timeout(lua_State *L) {
  lua_pushnil(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &timeout_key);
  lua_pushnil(L);
  return 3;
}

void lsk_push_canceled(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &canceled_key);
}

int lsk_fail_timeout_as(lua_State *L, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  push_error(L, "TimeoutError");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &timeout_key);
  lua_setfield(L, -2, CONSTANT);
  lua_pushnil(L);
  return 3;
}

/* Replaces a constant error at index -2 by a new one with its fields. */
static void make_own(lua_State *L) {
  lua_getfield(L, -2, CONSTANT);
  int is_constant = lua_rawequal(L, -1, -3);
  lua_pop(L, 1);
  if (!is_constant) return;
  lua_createtable(L, 0, 8);
  for (lua_pushnil(L); lua_next(L, -4) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  luaL_setmetatable(L, METATABLE);
  lua_replace(L, -3);
}

int lsk_fail_partial(lua_State *L, const char *data, size_t size) {
  make_own(L);
  lua_pushlstring(L, data, size);
  lua_setfield(L, -3, "partial");
  return 3;
}

int lsk_fail_written(lua_State *L, size_t written) {
  lua_insert(L, -4); /* below nil, err, errno */
  make_own(L);
  lua_pushvalue(L, -4);
  lua_setfield(L, -3, "rest");
  lua_remove(L, -4);
  lua_pushinteger(L, (lua_Integer)written);
  lua_setfield(L, -3, "written");
  return 3;
}

static int tostring(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "message");
  return 1;
}

static int concat(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

/* Errors about the same constant are equal, whatever data they carry. */
static int eq(lua_State *L) {
  lua_getfield(L, 1, CONSTANT);
  lua_getfield(L, 2, CONSTANT);
  lua_pushboolean(L, !lua_isnil(L, -1) && lua_rawequal(L, -1, -2));
  return 1;
}

/* Error.is(value[, name]) -> whether it is an error (of that name) */
static int is(lua_State *L) {
  luaL_checkany(L, 1);
  const char *name = luaL_optstring(L, 2, NULL);
  int result = 0;
  if (lua_getmetatable(L, 1)) {
    luaL_getmetatable(L, METATABLE);
    result = lua_rawequal(L, -1, -2) && lua_istable(L, 1);
  }
  if (result && name != NULL) {
    lua_getfield(L, 1, "name");
    const char *actual = lua_tostring(L, -1);
    result = actual != NULL && strcmp(actual, name) == 0;
  }
  lua_pushboolean(L, result);
  return 1;
}

/* Registers a constant error; the table of its fields is on top. */
static void set_constant(lua_State *L, const void *key) {
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, CONSTANT);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static void new_would_block(lua_State *L, const char *wait, const void *key) {
  push_strerror(L, EAGAIN);
  push_error(L, "EAGAIN");
  lua_pushinteger(L, EAGAIN);
  lua_setfield(L, -2, "errno");
  set_string(L, "wait", wait);
  set_constant(L, key);
}

static const luaL_Reg metamethods[] = {
    {"__tostring", tostring},
    {"__concat", concat},
    {"__eq", eq},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"is", is},
    {NULL, NULL},
};

void lsk_open_error(lua_State *L) {
  lsk_open_type(L, METATABLE, functions, metamethods);
  new_would_block(L, "readable", &wait_readable_key);
  new_would_block(L, "writable", &wait_writable_key);
  lua_pushliteral(L, "Blocking operation timed out!");
  push_error(L, "TimeoutError");
  set_constant(L, &timeout_key);
  lua_pushliteral(L, "canceled");
  push_error(L, "Canceled");
  set_constant(L, &canceled_key);
}

void lsk_open_error_constants(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &wait_readable_key);
  lua_setfield(L, -2, "WAIT_READABLE");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &wait_writable_key);
  lua_setfield(L, -2, "WAIT_WRITABLE");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &timeout_key);
  lua_setfield(L, -2, "TIMEOUT");
  lsk_push_canceled(L);
  lua_setfield(L, -2, "CANCELED");
}
