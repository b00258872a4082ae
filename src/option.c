/*
** The Socket.Option type: constructors and readers. A function that is both,
** as Ruby's Option.int and Option#int, tells them apart by its first argument.
*/

#include "option.h"

#include "arg.h"
#include "names.h"
#include "type.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <lauxlib.h>
#include <lualib.h>

struct lsk_option *lsk_new_option(lua_State *L, int family, int level,
                                  int optname, size_t length) {
  struct lsk_option *option = lua_newuserdatauv(L, sizeof *option + length, 0);
  option->family = family;
  option->level = level;
  option->optname = optname;
  option->length = length;
  luaL_setmetatable(L, LSK_OPTION_METATABLE);
  return option;
}

struct lsk_option *lsk_test_option(lua_State *L, int index) {
  return luaL_testudata(L, index, LSK_OPTION_METATABLE);
}

struct lsk_option *lsk_check_option(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, LSK_OPTION_METATABLE);
}

/* Leaves an option of the family, level and name in the arguments 1 to 3. */
static int push_named(lua_State *L, const void *data, size_t length) {
  int family = lsk_check_family(L, 1);
  int level = lsk_check_level(L, 2, family);
  int optname = lsk_check_optname(L, 3, family, level);
  struct lsk_option *option = lsk_new_option(L, family, level, optname, length);
  memcpy(option->data, data, length);
  return 1;
}

/* A reader's value does not have the size that it takes. */
static int fail_size(lua_State *L, const char *type, size_t size,
                     const struct lsk_option *option) {
  return luaL_error(L, "size differ.  expected as sizeof(%s)=%d but %I", type,
                    (int)size, (LUAI_UACINT)option->length);
}

static int to_int(lua_State *L, const struct lsk_option *option) {
  int value;
  if (option->length != sizeof value)
    return fail_size(L, "int", sizeof value, option);
  memcpy(&value, option->data, sizeof value);
  return value;
}

/// Makes an option from packed bytes. Answers to Ruby's `Socket::Option.new`.
// @function Option.new
// @tparam string|integer family such as `"INET"`
// @tparam string|integer level such as `"SOCKET"`
// @tparam string|integer optname such as `"KEEPALIVE"`
// @tparam string data the packed value
// @treturn Option the option
static int new (lua_State *L) {
  size_t length;
  const char *data = luaL_checklstring(L, 4, &length);
  return push_named(L, data, length);
}

/// The value as a C int; an option made from one. Raises if the size differs.
// Answers to Ruby's `Socket::Option#int` and `Socket::Option.int`.
// @function Option:int
// @usage Option.int("INET", "SOCKET", "RCVBUF", 4096):int() --> 4096
// @treturn integer the value
static int int_(lua_State *L) {
  const struct lsk_option *option = lsk_test_option(L, 1);
  if (option != NULL) {
    lua_pushinteger(L, to_int(L, option));
    return 1;
  }
  int value = lsk_check_int(L, 4);
  return push_named(L, &value, sizeof value);
}

/// The value as a boolean; an option made from one. An int or a byte that is
// not 0 is true; another size raises.
// Answers to Ruby's `Socket::Option#bool` and `Socket::Option.bool`.
// @function Option:bool
// @usage Option.bool("INET", "SOCKET", "KEEPALIVE", true):bool() --> true
// @treturn boolean the value
static int bool_(lua_State *L) {
  const struct lsk_option *option = lsk_test_option(L, 1);
  if (option != NULL) {
    bool is_byte = option->length == 1;
    int value = is_byte ? option->data[0] : to_int(L, option);
    lua_pushboolean(L, value);
    return 1;
  }
  luaL_checkany(L, 4);
  int value = lua_toboolean(L, 4);
  return push_named(L, &value, sizeof value);
}

/// The value as a byte; an option made from one. Raises if the size differs,
// or for a number that is not within 0 to 255.
// Answers to Ruby's `Socket::Option#byte` and `Socket::Option.byte`.
// @function Option:byte
// @usage Option.byte("INET", "IP", "MULTICAST_TTL", 9):byte() --> 9
// @treturn integer the value
static int byte(lua_State *L) {
  const struct lsk_option *option = lsk_test_option(L, 1);
  if (option != NULL) {
    if (option->length != 1) return fail_size(L, "char", 1, option);
    lua_pushinteger(L, (unsigned char)option->data[0]);
    return 1;
  }
  unsigned char value = (unsigned char)lsk_check_range(L, 4, 0, UCHAR_MAX);
  return push_named(L, &value, sizeof value);
}

static int read_linger(lua_State *L, const struct lsk_option *option) {
  struct linger value;
  if (option->level != SOL_SOCKET || option->optname != SO_LINGER)
    return luaL_error(L, "linger socket option expected");
  if (option->length != sizeof value)
    return fail_size(L, "struct linger", sizeof value, option);
  memcpy(&value, option->data, sizeof value);
  if (value.l_onoff == 0 || value.l_onoff == 1)
    lua_pushboolean(L, value.l_onoff);
  else
    lua_pushinteger(L, value.l_onoff);
  lua_pushinteger(L, value.l_linger);
  return 2;
}

/// Whether a close waits for unsent data, and how many seconds at most; an
// option that says so. Answers to Ruby's `Socket::Option#linger` and
// `Socket::Option.linger`.
// @function Option:linger
// @usage sock:setsockopt(Option.linger(true, 5))
// local on, seconds = sock:getsockopt("SOCKET", "LINGER"):linger()
// @treturn boolean|integer on or off; the number if it is neither 1 nor 0
// @treturn integer seconds
static int linger(lua_State *L) {
  const struct lsk_option *self = lsk_test_option(L, 1);
  if (self != NULL) return read_linger(L, self);
  bool is_number = lua_type(L, 1) == LUA_TNUMBER;
  struct linger value = {
      .l_onoff = is_number ? lsk_check_int(L, 1) : lua_toboolean(L, 1),
      .l_linger = lsk_check_int(L, 2),
  };
  struct lsk_option *option =
      lsk_new_option(L, AF_UNSPEC, SOL_SOCKET, SO_LINGER, sizeof value);
  memcpy(option->data, &value, sizeof value);
  return 1;
}

/* Reader and constructor of an IPv4 option that is an int here. */
static int ipv4_int(lua_State *L, int optname, const char *what) {
  const struct lsk_option *self = lsk_test_option(L, 1);
  if (self != NULL) {
    if (self->family != AF_INET || self->level != IPPROTO_IP ||
        self->optname != optname)
      return luaL_error(L, "%s socket option expected", what);
    lua_pushinteger(L, to_int(L, self));
    return 1;
  }
  int value = lsk_check_int(L, 1);
  struct lsk_option *option =
      lsk_new_option(L, AF_INET, IPPROTO_IP, optname, sizeof value);
  memcpy(option->data, &value, sizeof value);
  return 1;
}

/// How far multicast packets go; an option that says so.
// Answers to Ruby's `Socket::Option#ipv4_multicast_ttl` and
// `Socket::Option.ipv4_multicast_ttl`.
// @function Option:ipv4_multicast_ttl
// @usage sock:setsockopt(Option.ipv4_multicast_ttl(9))
// @treturn integer the number of hops
static int ipv4_multicast_ttl(lua_State *L) {
  return ipv4_int(L, IP_MULTICAST_TTL, "ipv4_multicast_ttl");
}

/// Whether one's own multicast packets come back (1 or 0); an option that says
// so. Answers to Ruby's `Socket::Option#ipv4_multicast_loop` and
// `Socket::Option.ipv4_multicast_loop`.
// @function Option:ipv4_multicast_loop
// @usage sock:setsockopt(Option.ipv4_multicast_loop(0))
// @treturn integer 1 or 0
static int ipv4_multicast_loop(lua_State *L) {
  return ipv4_int(L, IP_MULTICAST_LOOP, "ipv4_multicast_loop");
}

/// The address family. Answers to Ruby's `Socket::Option#family`.
// @function Option:family
// @treturn integer `AF_…`
static int family(lua_State *L) {
  lua_pushinteger(L, lsk_check_option(L, 1)->family);
  return 1;
}

/// The level. Answers to Ruby's `Socket::Option#level`.
// @function Option:level
// @treturn integer `SOL_…` or `IPPROTO_…`
static int level(lua_State *L) {
  lua_pushinteger(L, lsk_check_option(L, 1)->level);
  return 1;
}

/// The option's number. Answers to Ruby's `Socket::Option#optname`.
// @function Option:optname
// @treturn integer `SO_…` and so on
static int optname(lua_State *L) {
  lua_pushinteger(L, lsk_check_option(L, 1)->optname);
  return 1;
}

/// The packed value. Answers to Ruby's `Socket::Option#data`, also `to_s`.
// @function Option:data
// @treturn string the bytes
static int data(lua_State *L) {
  const struct lsk_option *option = lsk_check_option(L, 1);
  lua_pushlstring(L, option->data, option->length);
  return 1;
}

/// Takes the packed value apart with a format of `string.unpack`. Answers to
// Ruby's `Socket::Option#unpack`.
// @function Option:unpack
// @tparam string format such as `"i"`
// @return the values
// @treturn integer the position after the last byte read
static int unpack(lua_State *L) {
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, LUA_STRLIBNAME) != LUA_TTABLE)
    return luaL_error(L, "the library 'string' is not loaded");
  lua_getfield(L, -1, "unpack");
  lua_pushvalue(L, 2);
  (void)data(L);
  lua_call(L, 2, LUA_MULTRET);
  return lua_gettop(L) - 4; /* above the arguments and two tables */
}

/* Options with the same contents are equal. */
static int eq(lua_State *L) {
  const struct lsk_option *a = lsk_test_option(L, 1);
  const struct lsk_option *b = lsk_test_option(L, 2);
  lua_pushboolean(L, a != NULL && b != NULL && a->family == b->family &&
                         a->level == b->level && a->optname == b->optname &&
                         a->length == b->length &&
                         memcmp(a->data, b->data, a->length) == 0);
  return 1;
}

static const luaL_Reg functions[] = {
    {"new", new},
    {"int", int_},
    {"bool", bool_},
    {"byte", byte},
    {"linger", linger},
    {"ipv4_multicast_ttl", ipv4_multicast_ttl},
    {"ipv4_multicast_loop", ipv4_multicast_loop},
    {"family", family},
    {"level", level},
    {"optname", optname},
    {"data", data},
    {"to_s", data},
    {"unpack", unpack},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__eq", eq},
    {NULL, NULL},
};

void lsk_open_option(lua_State *L) {
  lsk_open_type(L, LSK_OPTION_METATABLE, functions, metamethods);
}
