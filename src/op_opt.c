/*
** Setting and reading socket options as Lua values: getopt and setopt.
*/

#include "op_opt.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "own_options.h"
#include "sockopts.h"
#include "sys.h"
#include "value.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

/* What a program has named. */
struct target {
  const struct lsk_sockopt *option; /* NULL: numbers, with bytes as the value */
  int level;
  int number;
};

/* Where the level, the name and the value are complained about. */
enum { LEVEL, NAME, VALUE };

static const struct lsk_place apart[] = {{2, ""}, {3, ""}, {4, ""}};
static const struct lsk_place paired[] = {{2, ""}, {2, ""}, {3, ""}};

/* Raises "unknown level: foo" of the string at `index`. */
static int unknown(lua_State *L, int index, const struct lsk_place *place,
                   const char *what) {
  lua_pushfstring(L, "unknown %s: %s", what, lua_tostring(L, index));
  return lsk_complain(L, place);
}

static int type_error(lua_State *L, int index, const struct lsk_place *place,
                      const char *what) {
  lua_pushfstring(L, "%s expected, got %s", what, luaL_typename(L, index));
  return lsk_complain(L, place);
}

static int int_at(lua_State *L, int index, const struct lsk_place *place) {
  int exact;
  lua_Integer value = lua_tointegerx(L, index, &exact);
  if (!exact || value < INT_MIN || value > INT_MAX) {
    lua_pushfstring(L, "%s does not fit an int", lua_tostring(L, index));
    lsk_complain(L, place);
  }
  return (int)value;
}

/* The level at `index`; true if it is one whose options have names. */
static bool read_level(lua_State *L, int index, const struct lsk_place *place,
                       struct target *target, enum lsk_level *level) {
  size_t length;
  if (lua_type(L, index) == LUA_TNUMBER) {
    target->level = int_at(L, index, place);
    return lsk_find_level_number(target->level, level);
  }
  if (lua_type(L, index) != LUA_TSTRING)
    type_error(L, index, place, "name or integer");
  const char *name = lua_tolstring(L, index, &length);
  if (!lsk_find_level(name, length, level)) unknown(L, index, place, "level");
  target->level = lsk_level_number(*level);
  return true;
}

/* The option whose level stands at `index` and whose name stands after it. */
static struct target read_target(lua_State *L, int index,
                                 const struct lsk_place *places) {
  struct target target = {0};
  enum lsk_level level = LSK_AT_OTP;
  size_t length;
  bool has_names = read_level(L, index, &places[LEVEL], &target, &level);
  bool is_own = has_names && level == LSK_AT_OTP;
  int name = index + 1;
  if (lua_type(L, name) == LUA_TNUMBER && !is_own) {
    target.number = int_at(L, name, &places[NAME]);
    return target;
  }
  if (lua_type(L, name) != LUA_TSTRING)
    type_error(L, name, &places[NAME], is_own ? "name" : "name or integer");
  const char *text = lua_tolstring(L, name, &length);
  if (has_names) target.option = lsk_find_sockopt(level, text, length);
  if (target.option == NULL)
    unknown(L, name, &places[NAME], "option");
  else
    target.number = target.option->number;
  return target;
}

/* {level, name} in argument 2 becomes arguments 2 and 3. */
static const struct lsk_place *spread(lua_State *L) {
  if (!lua_istable(L, 2)) return apart;
  lua_rawgeti(L, 2, 1);
  lua_rawgeti(L, 2, 2);
  lua_insert(L, 3);
  lua_replace(L, 2);
  return paired;
}

static bool can(const struct lsk_sockopt *option, int access) {
  return (option->access & access) != 0 && lsk_sockopt_is_here(option);
}

static int fail_get(lua_State *L, int err) {
  return lsk_fail(L, "getsockopt(2)", err);
}

static int fail_set(lua_State *L, int err) {
  return lsk_fail(L, "setsockopt(2)", err);
}

/* Puts what numbers take into the bytes: a string is taken as it is, a number
   and a boolean become an int. */
static size_t check_raw(lua_State *L, int index, const struct lsk_place *place,
                        char bytes[LSK_VALUE_MAX]) {
  int type = lua_type(L, index);
  const struct lsk_layout *layout = &lsk_layout_string;
  if (type == LUA_TBOOLEAN)
    layout = &lsk_layout_bool;
  else if (type == LUA_TNUMBER)
    layout = &lsk_layout_int;
  else if (type != LUA_TSTRING)
    type_error(L, index, place, "string, integer or boolean");
  return lsk_check_value(L, index, place, layout, bytes);
}

/* Sets what stands at `index` and the two places after it: 0 | how many results
   tell of the failure. */
static int set_one(lua_State *L, int index, const struct lsk_place *places) {
  char bytes[LSK_VALUE_MAX];
  const struct lsk_handle *h = lsk_self(L);
  struct target target = read_target(L, index, places);
  const struct lsk_sockopt *option = target.option;
  const struct lsk_place *place = &places[VALUE];
  size_t length = 0;
  int rc = -ENOPROTOOPT;
  bool can_set = option == NULL || can(option, LSK_SET);
  bool is_own = option != NULL && option->level == LSK_AT_OTP;
  if (can_set && option == NULL)
    length = check_raw(L, index + 2, place, bytes);
  else if (can_set && !is_own)
    length = lsk_check_value(L, index + 2, place, option->layout, bytes);
  if (h->fd < 0) return lsk_fail_closed(L);
  if (can_set && is_own)
    rc = lsk_set_own(L, index + 2, place, option);
  else if (can_set)
    rc = lsk_sys_setsockopt(h->fd, target.level, target.number,
                            length > 0 ? bytes : NULL, (socklen_t)length);
  return rc < 0 ? fail_set(L, -rc) : 0;
}

/* Sets the options of the list in argument 2, in order, until one fails. */
static int set_all(lua_State *L) {
  char where[32];
  lua_Integer count = luaL_len(L, 2);
  for (lua_Integer i = 1; i <= count; i++) {
    (void)snprintf(where, sizeof where, "option %lld: ", (long long)i);
    const struct lsk_place places[] = {{2, where}, {2, where}, {2, where}};
    lua_settop(L, 2);
    if (lua_geti(L, 2, i) != LUA_TTABLE)
      type_error(L, 3, &places[LEVEL], "table");
    for (int part = 1; part <= 3; part++) lua_geti(L, 3, part);
    int failed = set_one(L, 4, places);
    if (failed == 0) continue;
    lua_pushinteger(L, i);
    lua_setfield(L, -3, "index"); /* of the error, below the errno */
    return failed;
  }
  lua_pushboolean(L, 1);
  return 1;
}

static bool is_list(lua_State *L) {
  if (!lua_istable(L, 2) || !lua_isnone(L, 3)) return false;
  int type = lua_rawgeti(L, 2, 1);
  lua_pop(L, 1);
  return type == LUA_TTABLE || type == LUA_TNIL;
}

/// Sets a socket option to a Lua value: a boolean, an integer, a string or a
// table, as the table of options tells. With an integer as the name, the value
// is packed bytes, or an integer or a boolean, which become a C int. A list of
// options is set in order, up to the first that fails: the error's field
// `index` tells which. Answers to Erlang's `socket:setopt/3,4`.
// @function BasicSocket:setopt
// @tparam string|integer|table level such as `"socket"`; or `{level, name}`; or
// a list of `{level, name, value}`
// @tparam string|integer name such as `"linger"`
// @param value such as `{onoff = true, linger = 5}`
// @usage sock:setopt("tcp", "nodelay", true)
// sock:setopt { { "ip", "ttl", 9 }, { "socket", "linger", "abort" } }
// @treturn boolean true
// @error nil, err, errno; `ENOPROTOOPT` too for what cannot be set, or is not
// on this platform
static int setopt(lua_State *L) {
  (void)lsk_check_handle(L, 1);
  if (is_list(L)) return set_all(L);
  const struct lsk_place *places = spread(L);
  lua_settop(L, 4);
  int failed = set_one(L, 2, places);
  if (failed > 0) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

/* What getsockopt(2) is given, and how its bytes are read. */
struct reading {
  const struct lsk_layout *layout;
  socklen_t length; /* room in the bytes, then how many there are */
  char bytes[LSK_VALUE_MAX];
};

/* The field `type` at `index`: "int", "bool" or a size. */
static void read_type(lua_State *L, int index, const struct lsk_place *place,
                      struct reading *reading) {
  const char *name = lua_tostring(L, index);
  int exact;
  lua_Integer size = lua_tointegerx(L, index, &exact);
  reading->length = sizeof(int);
  if (exact && size >= 0 && size <= LSK_VALUE_MAX) {
    reading->length = (socklen_t)size;
  } else if (name != NULL && strncmp(name, "int", 3) == 0) {
    reading->layout = &lsk_layout_int;
  } else if (name != NULL && strncmp(name, "bool", 4) == 0) {
    reading->layout = &lsk_layout_bool;
  } else {
    lua_pushfstring(L,
                    "type must be \"int\", \"bool\" or a size up to %d, not %s",
                    LSK_VALUE_MAX, luaL_tolstring(L, index, NULL));
    lsk_complain(L, place);
  }
}

/* The field `template` at `index`: what the kernel reads in the bytes before it
   writes there. */
static void read_template(lua_State *L, int index,
                          const struct lsk_place *place,
                          struct reading *reading) {
  if (lua_isnil(L, index)) return;
  if (lua_type(L, index) != LUA_TSTRING)
    type_error(L, index, place, "string as template");
  size_t length =
      lsk_check_value(L, index, place, &lsk_layout_string, reading->bytes);
  reading->length = (socklen_t)length;
}

/* The table {type=, template=} in an argument, if there is one. */
static bool read_form(lua_State *L, int arg, struct reading *reading) {
  static const char *const names[] = {"type", "template", NULL};
  const struct lsk_place place = {arg, ""};
  if (lua_isnoneornil(L, arg)) return false;
  luaL_checktype(L, arg, LUA_TTABLE);
  lsk_arg_fields(L, arg, arg, names);
  reading->layout = &lsk_layout_string;
  if (lua_getfield(L, arg, "type") != LUA_TNIL)
    read_type(L, lua_gettop(L), &place, reading);
  lua_getfield(L, arg, "template");
  read_template(L, lua_gettop(L), &place, reading);
  return true;
}

/// Reads a socket option as a Lua value, of the type that the table of options
// tells. With an integer as the name, or with the table of the form, it gives
// packed bytes, or what the form says: `type` is `"int"`, `"bool"` or how many
// bytes at most; `template` has bytes that the kernel reads first. Answers to
// Erlang's `socket:getopt/2,3`.
// @function BasicSocket:getopt
// @tparam string|integer|table level such as `"socket"`; or `{level, name}`
// @tparam string|integer name such as `"linger"`
// @tparam[opt] table form such as `{type = "int"}`
// @usage sock:getopt("socket", "linger") --> {onoff = false, linger = 0}
// sock:getopt(1, 8, { type = "int" }) --> 131072
// @return the value
// @error nil, err, errno; `ENOPROTOOPT` too for what cannot be read, or is not
// on this platform
static int getopt_(lua_State *L) {
  struct reading reading = {&lsk_layout_string, LSK_VALUE_MAX, {0}};
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  const struct lsk_place *places = spread(L);
  lua_settop(L, 4);
  struct target target = read_target(L, 2, places);
  const struct lsk_sockopt *option = target.option;
  bool has_form = read_form(L, 4, &reading);
  if (h->fd < 0) return lsk_fail_closed(L);
  if (option != NULL && !can(option, LSK_GET)) return fail_get(L, ENOPROTOOPT);
  if (option != NULL && option->level == LSK_AT_OTP) {
    lsk_push_own(L, option);
    return 1;
  }
  if (option != NULL && !has_form) reading.layout = option->layout;
  int rc = lsk_sys_getsockopt(h->fd, target.level, target.number, reading.bytes,
                              &reading.length);
  if (rc < 0) return fail_get(L, -rc);
  lsk_push_value(L, reading.layout, reading.bytes, reading.length);
  return 1;
}

/// The same as `getopt`, for numbers. Answers to Erlang's
// `socket:getopt_native/3`.
// @function BasicSocket:getopt_native
// @tparam string|integer|table level such as `"socket"`; or `{level, number}`
// @tparam integer name the option's number
// @tparam[opt] table form such as `{type = "int"}`
// @return the value
// @error nil, err, errno

/// The same as `setopt`, for numbers. Answers to Erlang's
// `socket:setopt_native/3`.
// @function BasicSocket:setopt_native
// @tparam string|integer|table level such as `"socket"`; or `{level, number}`
// @tparam integer name the option's number
// @tparam string|integer|boolean value packed bytes, or what becomes a C int
// @treturn boolean true
// @error nil, err, errno

static const luaL_Reg methods[] = {
    {"getopt", getopt_}, {"getopt_native", getopt_},
    {"setopt", setopt},  {"setopt_native", setopt},
    {NULL, NULL},
};

void lsk_open_op_opt(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}
