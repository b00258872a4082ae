/*
** Single values in bytes: integers, booleans, names of numbers, addresses.
*/

#include "scalar.h"

#include "addr.h"
#include "consts.h"
#include "field.h"
#include "names.h"
#include "sockopts.h"
#include "sys_names.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <lauxlib.h>

int lsk_complain(lua_State *L, const struct lsk_place *place) {
  const char *why = lua_tostring(L, -1);
  return luaL_argerror(L, place->arg,
                       lua_pushfstring(L, "%s%s", place->where, why));
}

int lsk_scalar_error(lua_State *L, int index, const struct lsk_place *place,
                     const struct lsk_field *field, const char *what) {
  const char *name = field->name == NULL ? "value" : field->name;
  const char *got = luaL_typename(L, index);
  if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER)
    got = lua_tostring(L, index);
  lua_pushfstring(L, "%s must be %s, not %s", name, what, got);
  return lsk_complain(L, place);
}

/* The integer types of each size, through which bytes are copied. */
union integer {
  int8_t i1;
  int16_t i2;
  int32_t i4;
  int64_t i8;
  uint8_t u1;
  uint16_t u2;
  uint32_t u4;
};

void lsk_store_integer(char *bytes, size_t size, lua_Integer value) {
  union integer integer;
  switch (size) {
  case 1:
    integer.u1 = (uint8_t)value;
    break;
  case 2:
    integer.u2 = (uint16_t)value;
    break;
  case 4:
    integer.u4 = (uint32_t)value;
    break;
  default:
    integer.i8 = value;
    break;
  }
  memcpy(bytes, &integer, size);
}

lua_Integer lsk_load_unsigned(const char *bytes, size_t size) {
  union integer integer;
  memcpy(&integer, bytes, size);
  switch (size) {
  case 1:
    return integer.u1;
  case 2:
    return integer.u2;
  case 4:
    return integer.u4;
  default:
    return integer.i8;
  }
}

static lua_Integer load_signed(const char *bytes, size_t size) {
  union integer integer;
  memcpy(&integer, bytes, size);
  switch (size) {
  case 1:
    return integer.i1;
  case 2:
    return integer.i2;
  case 4:
    return integer.i4;
  default:
    return integer.i8;
  }
}

/* The integers that a field takes. */
static void get_range(const struct lsk_field *field, lua_Integer *least,
                      lua_Integer *most) {
  int bits = field->size * 8;
  switch (field->kind) {
  case LSK_BYTE:
    *least = 0;
    *most = UINT8_MAX;
    break;
  case LSK_HOPS:
    *least = 1;
    *most = UINT8_MAX;
    break;
  case LSK_UINT:
  case LSK_IFINDEX:
    *least = 0;
    *most = bits < 64 ? ((lua_Integer)1 << bits) - 1 : LUA_MAXINTEGER;
    break;
  default:
    *most = LUA_MAXINTEGER >> (64 - bits);
    *least = -*most - 1;
    break;
  }
}

/* Leaves "an integer from 0 to 255, want or dont". */
static const char *push_expected(lua_State *L, const struct lsk_field *field) {
  lua_Integer least, most;
  get_range(field, &least, &most);
  lua_pushfstring(L, "an integer from %I to %I", (LUAI_UACINT)least,
                  (LUAI_UACINT)most);
  const struct lsk_word *word = field->words;
  for (; word != NULL && word->name != NULL; word++) {
    lua_pushfstring(L, " or \"%s\"", word->name);
    lua_concat(L, 2);
  }
  return lua_tostring(L, -1);
}

/* Whether a string stands for a number there: a word, or an interface. */
static bool find_word(lua_State *L, int index, const struct lsk_field *field,
                      lua_Integer *value) {
  if (lua_type(L, index) != LUA_TSTRING) return false;
  size_t length;
  const char *name = lua_tolstring(L, index, &length);
  const struct lsk_word *word = field->words;
  for (; word != NULL && word->name != NULL; word++) {
    *value = word->number;
    if (lsk_same_name(name, length, word->name)) return true;
  }
  if (field->kind != LSK_IFINDEX) return false;
  *value = lsk_sys_ifindex(name);
  return *value > 0;
}

static void check_integer(lua_State *L, int index,
                          const struct lsk_place *place,
                          const struct lsk_field *field, char *bytes) {
  int exact = true;
  lua_Integer value, least, most;
  if (!find_word(L, index, field, &value)) {
    get_range(field, &least, &most);
    value = lua_tointegerx(L, index, &exact);
    if (!exact || value < least || value > most)
      lsk_scalar_error(L, index, place, field, push_expected(L, field));
  }
  lsk_store_integer(bytes, field->size, value);
}

static void check_bool(lua_State *L, int index, const struct lsk_place *place,
                       const struct lsk_field *field, char *bytes) {
  if (!lua_isboolean(L, index))
    lsk_scalar_error(L, index, place, field, "a boolean");
  lsk_store_integer(bytes, field->size, lua_toboolean(L, index));
}

static void check_host(lua_State *L, int index, const struct lsk_place *place,
                       const struct lsk_field *field, char *bytes) {
  struct lsk_sockaddr addr;
  int family = field->kind == LSK_IPV4 ? AF_INET : AF_INET6;
  size_t length = 0;
  const char *host =
      lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : "";
  if (length == 0 || strlen(host) != length ||
      !lsk_sockaddr_parse(&addr, family, lsk_special_host(family, host)))
    lsk_scalar_error(L, index, place, field,
                     family == AF_INET ? "a numeric IPv4 address"
                                       : "a numeric IPv6 address");
  if (family == AF_INET)
    memcpy(bytes, &addr.to.in.sin_addr, sizeof addr.to.in.sin_addr);
  else
    memcpy(bytes, &addr.to.in6.sin6_addr, sizeof addr.to.in6.sin6_addr);
}

static void check_address(lua_State *L, int index,
                          const struct lsk_place *place,
                          const struct lsk_field *field, char *bytes) {
  struct lsk_sockaddr addr;
  lsk_sockaddr_at(L, index, place->arg, &addr);
  if (addr.length > field->size)
    lsk_scalar_error(L, index, place, field, "a shorter address");
  memcpy(bytes, addr.to.bytes, addr.length);
}

void lsk_check_scalar(lua_State *L, int index, const struct lsk_place *place,
                      const struct lsk_field *field, char *bytes) {
  switch (field->kind) {
  case LSK_BOOL:
    check_bool(L, index, place, field, bytes);
    break;
  case LSK_IPV4:
  case LSK_IPV6:
    check_host(L, index, place, field, bytes);
    break;
  case LSK_ADDRESS:
    check_address(L, index, place, field, bytes);
    break;
  default:
    check_integer(L, index, place, field, bytes);
    break;
  }
}

static void push_host(lua_State *L, int family, const char *bytes) {
  char text[INET6_ADDRSTRLEN];
  lua_pushstring(L, inet_ntop(family, bytes, text, sizeof text));
}

static void push_address(lua_State *L, const struct lsk_field *field,
                         const char *bytes) {
  struct lsk_sockaddr addr = {.length = field->size};
  memcpy(addr.to.bytes, bytes, field->size);
  if (lsk_sockaddr_in(&addr) != NULL) addr.length = sizeof addr.to.in;
  if (lsk_sockaddr_in6(&addr) != NULL) addr.length = sizeof addr.to.in6;
  lsk_push_sockaddr_table(L, &addr);
}

/* Leaves a name in lower case, or the number without one. */
static void push_lower(lua_State *L, const char *name, int number) {
  if (name == NULL)
    lua_pushinteger(L, number);
  else
    lsk_push_lower(L, name);
}

/* The name without its prefix. */
static const char *after(const char *name, const char *prefix) {
  return name == NULL ? NULL : name + strlen(prefix);
}

static const char *protocol_name(int number) {
  if (number == 0) return "default";
  if (number == lsk_level_number(LSK_AT_SCTP)) return "sctp";
  return after(lsk_protocol_name(number), "IPPROTO_");
}

static void push_number(lua_State *L, const struct lsk_field *field,
                        lua_Integer value) {
  const struct lsk_word *word = field->words;
  while (word != NULL && word->name != NULL && word->number != value) word++;
  if (word != NULL && word->name != NULL)
    lua_pushstring(L, word->name);
  else
    lua_pushinteger(L, value);
}

/* Leaves the name of a family, a type or a protocol. */
static void push_named(lua_State *L, enum lsk_field_kind kind, int number) {
  if (kind == LSK_TYPE)
    push_lower(L, after(lsk_socktype_name(number), "SOCK_"), number);
  else if (kind == LSK_PROTOCOL)
    push_lower(L, protocol_name(number), number);
  else
    push_lower(L, number == AF_UNIX ? "local" : lsk_family_short(number),
               number);
}

void lsk_push_scalar(lua_State *L, const struct lsk_field *field,
                     const char *bytes) {
  switch (field->kind) {
  case LSK_BOOL:
    lua_pushboolean(L, lsk_load_unsigned(bytes, field->size) != 0);
    break;
  case LSK_IPV4:
    push_host(L, AF_INET, bytes);
    break;
  case LSK_IPV6:
    push_host(L, AF_INET6, bytes);
    break;
  case LSK_ADDRESS:
    push_address(L, field, bytes);
    break;
  case LSK_DOMAIN:
  case LSK_TYPE:
  case LSK_PROTOCOL:
    push_named(L, field->kind, (int)load_signed(bytes, field->size));
    break;
  case LSK_UINT:
  case LSK_IFINDEX:
    push_number(L, field, lsk_load_unsigned(bytes, field->size));
    break;
  default:
    push_number(L, field, load_signed(bytes, field->size));
    break;
  }
}
