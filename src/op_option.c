/*
** Setting and reading socket options.
*/

#include "op_option.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "option.h"
#include "sys.h"

#include <string.h>

#include <netinet/in.h>

#include <lauxlib.h>

/* More than any option's value that a kernel gives. */
#define VALUE_MAX 2048

static int set(lua_State *L, const struct lsk_handle *h, int level, int name,
               const void *value, size_t length) {
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_setsockopt(h->fd, level, name, value, (socklen_t)length);
  if (rc < 0) return lsk_fail(L, "setsockopt(2)", -rc);
  lua_pushinteger(L, 0);
  return 1;
}

/* Sets what the arguments 2 to 4 say. */
static int set_named(lua_State *L, const struct lsk_handle *h) {
  int level = lsk_check_level(L, 2, h->domain);
  int name = lsk_check_optname(L, 3, h->domain, level);
  int number;
  size_t length;
  const char *bytes;
  switch (lua_type(L, 4)) {
  case LUA_TSTRING:
    bytes = lua_tolstring(L, 4, &length);
    luaL_argcheck(L, length <= VALUE_MAX, 4, "value too long");
    return set(L, h, level, name, bytes, length);
  case LUA_TBOOLEAN:
    number = lua_toboolean(L, 4);
    break;
  case LUA_TNUMBER:
    number = lsk_check_int(L, 4);
    break;
  default:
    return luaL_typeerror(L, 4, "string, integer or boolean");
  }
  return set(L, h, level, name, &number, sizeof number);
}

/// Sets a socket option: an integer, a boolean or packed bytes, or all of it as
// an `Option`. Answers to Ruby's `BasicSocket#setsockopt`.
// @function BasicSocket:setsockopt
// @tparam string|integer|Option level such as `"SOCKET"`, or the option alone
// @tparam string|integer optname such as `"REUSEADDR"`
// @tparam integer|boolean|string value
// @treturn integer 0
// @error nil, err, errno
static int setsockopt_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  const struct lsk_option *option = lsk_test_option(L, 2);
  if (option == NULL) return set_named(L, h);
  return set(L, h, option->level, option->optname, option->data,
             option->length);
}

/// Reads a socket option. Answers to Ruby's `BasicSocket#getsockopt`.
// @function BasicSocket:getsockopt
// @tparam string|integer level such as `"SOCKET"`
// @tparam string|integer optname such as `"REUSEADDR"`
// @treturn Option the value, with the socket's family
// @error nil, err, errno
static int getsockopt_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  int level = lsk_check_level(L, 2, h->domain);
  int name = lsk_check_optname(L, 3, h->domain, level);
  if (h->fd < 0) return lsk_fail_closed(L);
  char value[VALUE_MAX] = {0};
  socklen_t length = sizeof value;
  int rc = lsk_sys_getsockopt(h->fd, level, name, value, &length);
  if (rc < 0) return lsk_fail(L, "getsockopt(2)", -rc);
  struct lsk_option *option = lsk_new_option(L, h->domain, level, name, length);
  memcpy(option->data, value, length);
  return 1;
}

/// Lets an IPv6 socket, before it is bound, take no IPv4 traffic. Answers to
// Ruby's `Socket#ipv6only!`.
// @function Socket:ipv6only
// @treturn integer 0
// @error nil, err, errno
static int ipv6only(lua_State *L) {
  const int on = 1;
  return set(L, lsk_check_handle(L, 1), IPPROTO_IPV6, IPV6_V6ONLY, &on,
             sizeof on);
}

static const luaL_Reg methods[] = {
    {"setsockopt", setsockopt_},
    {"getsockopt", getsockopt_},
    {NULL, NULL},
};

static const luaL_Reg socket_methods[] = {
    {"ipv6only", ipv6only},
    {NULL, NULL},
};

void lsk_open_op_option(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

void lsk_open_op_option_socket(lua_State *L) {
  luaL_setfuncs(L, socket_methods, 0);
}
