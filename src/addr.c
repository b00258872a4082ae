/*
** Addresses as a Lua program writes them.
*/

#include "addr.h"

#include "addrinfo.h"
#include "error.h"
#include "names.h"
#include "sockaddr_fields.h"
#include "sockaddr_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include <lauxlib.h>


/* An address that is all bytes after its family, whatever they mean: also one
   that is too short for its fields. */
static const struct lsk_addr_field raw_fields[] = {
    {.name = "bytes", .kind = LSK_ADDR_BYTES, .at = {LSK_FAMILY_END, 0}},
    {.name = NULL},
};
static const struct lsk_addr_family raw = {NULL, 0, LSK_FAMILY_END, raw_fields};

/* The names of addresses, as numeric hosts. */
static const struct {
  int family;
  const char *name;
  const char *host;
} special_hosts[] = {
    {AF_INET, "any", "0.0.0.0"},
    {AF_INET, "loopback", "127.0.0.1"},
    {AF_INET, "broadcast", "255.255.255.255"},
    {AF_INET6, "any", "::"},
    {AF_INET6, "loopback", "::1"},
};

const char *lsk_special_host(int family, const char *name) {
  for (size_t i = 0; i < sizeof special_hosts / sizeof special_hosts[0]; i++)
    if (special_hosts[i].family == family &&
        strcasecmp(special_hosts[i].name, name) == 0)
      return special_hosts[i].host;
  return name;
}

/* The field's value on top, which must be a string. */
static const char *check_string(lua_State *L, int arg,
                                const struct lsk_addr_field *field,
                                size_t *length) {
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be a string, not %s", field->name,
                                  luaL_typename(L, -1)));
  return lua_tolstring(L, -1, length);
}

/* The string on top, unless it is a number in digits; else NULL. */
static const char *test_word(lua_State *L) {
  bool is_word = lua_type(L, -1) == LUA_TSTRING && !lua_isnumber(L, -1);
  return is_word ? lua_tostring(L, -1) : NULL;
}

static uint32_t check_word(lua_State *L, int arg,
                           const struct lsk_addr_field *field,
                           const char *name) {
  const struct lsk_addr_word *word = field->words;
  while (word->name != NULL && strcasecmp(word->name, name) != 0) word++;
  if (word->name == NULL)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "unknown %s '%s'", field->name, name));
  return word->number;
}

static uint32_t check_integer(lua_State *L, int arg,
                              const struct lsk_addr_field *field) {
  int exact;
  uint32_t most = lsk_addr_most(field);
  lua_Integer value = lua_tointegerx(L, -1, &exact);
  if (!exact || value < 0 || value > (lua_Integer)most)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be an integer from 0 to %I",
                                  field->name, (LUAI_UACINT)most));
  return (uint32_t)value;
}

/* A number that is left out stays as the fields before have made it. */
static void check_number(lua_State *L, int arg,
                         const struct lsk_addr_field *field,
                         struct lsk_sockaddr *addr) {
  const char *word = field->words != NULL ? test_word(L) : NULL;
  uint32_t number = field->fallback;
  if (word != NULL)
    number = check_word(L, arg, field, word);
  else if (!lua_isnil(L, -1))
    number = check_integer(L, arg, field);
  else if (number == 0)
    return;
  lsk_addr_set_number(addr, field, number);
}

static void push_number(lua_State *L, const struct lsk_addr_field *field,
                        const struct lsk_sockaddr *addr) {
  uint32_t number = lsk_addr_number(addr, field);
  const struct lsk_addr_word *word = field->words;
  while (word != NULL && word->name != NULL && word->number != number) word++;
  if (word != NULL && word->name != NULL)
    lua_pushstring(L, word->name);
  else
    lua_pushinteger(L, (lua_Integer)number);
}

static void check_port(lua_State *L, int arg,
                       const struct lsk_addr_field *field,
                       struct lsk_sockaddr *addr) {
  uint16_t port;
  const char *service = test_word(L);
  if (service == NULL) {
    check_number(L, arg, field, addr);
    return;
  }
  if (!lsk_sockaddr_service(service, &port))
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "%s: unknown service '%s'", field->name, service));
  lsk_addr_set_number(addr, field, port);
}

/* The host comes first, and the address is made anew with it: its text may
   name an IPv6 scope, too. */
static void check_host(lua_State *L, int arg,
                       const struct lsk_addr_field *field,
                       struct lsk_sockaddr *addr) {
  int family = lsk_sockaddr_family(addr);
  if (lua_isnil(L, -1)) lua_pushliteral(L, "any");
  size_t length;
  const char *host = check_string(L, arg, field, &length);
  if (strlen(host) != length ||
      !lsk_sockaddr_parse(addr, family, lsk_special_host(family, host)))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s '%s' is not a numeric %s address",
                                  field->name, host,
                                  family == AF_INET ? "IPv4" : "IPv6"));
}

static void push_host(lua_State *L, const struct lsk_addr_field *field,
                      const struct lsk_sockaddr *addr) {
  char text[INET6_ADDRSTRLEN];
  const char *host = addr->to.bytes + field->at.offset;
  lua_pushstring(L,
                 inet_ntop(lsk_sockaddr_family(addr), host, text, sizeof text));
}

void lsk_path_at(lua_State *L, int index, int arg, struct lsk_sockaddr *addr) {
  size_t length;
  const char *path = lua_tolstring(L, index, &length);
  if (path == NULL)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "path must be a string, not %s",
                                  luaL_typename(L, index)));
  if (!lsk_sockaddr_set_un(addr, path, length))
    luaL_argerror(L, arg,
                  lua_pushfstring(L,
                                  "too long unix socket path "
                                  "(%I bytes given but %d bytes max)",
                                  (LUAI_UACINT)length, (int)LSK_PATH_MAX));
}

static void check_path(lua_State *L, int arg,
                       const struct lsk_addr_field *field,
                       struct lsk_sockaddr *addr) {
  (void)field;
  lsk_path_at(L, lua_gettop(L), arg, addr);
}

/* A path without the NULs that pad it; an abstract name, to which they belong.
   NULL for other families. */
static const char *name_of(const struct lsk_sockaddr *addr, size_t *length) {
  const size_t start = offsetof(struct sockaddr_un, sun_path);
  const char *path = lsk_sockaddr_path(addr, length);
  bool is_abstract = path != NULL && addr->length > start && *path == '\0';
  return is_abstract ? lsk_addr_tail(addr, start, length) : path;
}

static void push_path(lua_State *L, const struct lsk_addr_field *field,
                      const struct lsk_sockaddr *addr) {
  size_t length = 0;
  const char *path = name_of(addr, &length);
  (void)field;
  lua_pushlstring(L, path, length);
}

static void check_bytes(lua_State *L, int arg,
                        const struct lsk_addr_field *field,
                        struct lsk_sockaddr *addr) {
  size_t length = 0;
  const char *bytes = NULL;
  if (!lua_isnil(L, -1)) bytes = check_string(L, arg, field, &length);
  if (!lsk_addr_set_tail(addr, field->at.offset, bytes, length))
    luaL_argerror(L, arg, lua_pushfstring(L, "%s is too long", field->name));
}

static void push_bytes(lua_State *L, const struct lsk_addr_field *field,
                       const struct lsk_sockaddr *addr) {
  size_t length;
  const char *bytes = lsk_addr_tail(addr, field->at.offset, &length);
  lua_pushlstring(L, bytes, length);
}

/* Where a hardware address's length stands. */
static struct lsk_addr_field count_of(const struct lsk_addr_field *field) {
  struct lsk_addr_field count = {.at = {field->at.offset, 1}};
  count.at.offset--;
  return count;
}

static void check_hardware(lua_State *L, int arg,
                           const struct lsk_addr_field *field,
                           struct lsk_sockaddr *addr) {
  const struct lsk_addr_field count = count_of(field);
  size_t length = 0;
  if (lua_isnil(L, -1)) return;
  (void)check_string(L, arg, field, &length);
  if (length > lsk_addr_most(&count))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s is too long for a hardware address",
                                  field->name));
  check_bytes(L, arg, field, addr);
  lsk_addr_set_number(addr, &count, (uint32_t)length);
}

static void push_hardware(lua_State *L, const struct lsk_addr_field *field,
                          const struct lsk_sockaddr *addr) {
  const struct lsk_addr_field count = count_of(field);
  size_t length, counted = lsk_addr_number(addr, &count);
  const char *bytes = lsk_addr_tail(addr, field->at.offset, &length);
  lua_pushlstring(L, bytes, length < counted ? length : counted);
}

/* Each kind of field, from the value on top and to a value. */
static const struct {
  void (*check)(lua_State *L, int arg, const struct lsk_addr_field *field,
                struct lsk_sockaddr *addr);
  void (*push)(lua_State *L, const struct lsk_addr_field *field,
               const struct lsk_sockaddr *addr);
} codecs[] = {
    [LSK_ADDR_NUMBER] = {check_number, push_number},
    [LSK_ADDR_PORT] = {check_port, push_number},
    [LSK_ADDR_HOST] = {check_host, push_host},
    [LSK_ADDR_PATH] = {check_path, push_path},
    [LSK_ADDR_HARDWARE] = {check_hardware, push_hardware},
    [LSK_ADDR_BYTES] = {check_bytes, push_bytes},
};

static bool has_field(const struct lsk_addr_family *is, const char *name) {
  const struct lsk_addr_field *field = is->fields;
  while (field->name != NULL && strcmp(field->name, name) != 0) field++;
  return field->name != NULL || strcmp(name, "family") == 0;
}

/* A field that the family does not have is a misspelt one. */
static void check_names(lua_State *L, int index, int arg,
                        const struct lsk_addr_family *is) {
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (has_field(is, key)) continue;
    key = luaL_tolstring(L, -2, NULL);
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "unknown address field '%s'", key));
  }
}

static int check_table_family(lua_State *L, int index, int arg) {
  if (lua_getfield(L, index, "family") == LUA_TNIL)
    luaL_argerror(L, arg, "an address needs a field 'family'");
  int family = lsk_family_at(L, -1, arg);
  if (family < 0 || family > (sa_family_t)-1)
    luaL_argerror(L, arg, "family is out of range");
  return family;
}

static void check_table(lua_State *L, int index, int arg,
                        struct lsk_sockaddr *addr) {
  int family = check_table_family(L, index, arg);
  bool is_raw = lua_getfield(L, index, "bytes") != LUA_TNIL;
  const struct lsk_addr_family *is = is_raw ? &raw : lsk_addr_family(family);
  check_names(L, index, arg, is);
  memset(addr->to.bytes, 0, is->size);
  addr->length = is->size;
  addr->to.any.sa_family = (sa_family_t)family;
  int top = lua_gettop(L);
  for (const struct lsk_addr_field *field = is->fields; field->name; field++) {
    lua_getfield(L, index, field->name);
    codecs[field->kind].check(L, arg, field, addr);
    lua_settop(L, top);
  }
}

static void type_error(lua_State *L, int index, int arg) {
  const char *type = luaL_typename(L, index);
  if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
    type = lua_tostring(L, -1);
  luaL_argerror(L, arg,
                lua_pushfstring(L,
                                "address (a string, an Addrinfo or a table) "
                                "expected, got %s",
                                type));
}

void lsk_sockaddr_at(lua_State *L, int index, int arg,
                     struct lsk_sockaddr *addr) {
  int top = lua_gettop(L);
  const struct lsk_addrinfo *ai = lsk_test_addrinfo(L, index);
  if (ai != NULL) {
    lsk_addrinfo_sockaddr(ai, addr);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    size_t length;
    const char *bytes = lua_tolstring(L, index, &length);
    if (!lsk_sockaddr_set(addr, bytes, length))
      luaL_argerror(L, arg, "sockaddr string too big");
  } else if (lua_istable(L, index)) {
    check_table(L, lua_absindex(L, index), arg, addr);
  } else {
    type_error(L, index, arg);
  }
  lua_settop(L, top);
}

void lsk_check_sockaddr(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  lsk_sockaddr_at(L, arg, arg, addr);
}

void lsk_push_sockaddr(lua_State *L, const struct lsk_sockaddr *addr) {
  lua_pushlstring(L, addr->to.bytes, addr->length);
}

bool lsk_check_local_sockaddr(lua_State *L, int arg, int family,
                              struct lsk_sockaddr *addr) {
  const char *name =
      lua_type(L, arg) == LUA_TSTRING ? lua_tostring(L, arg) : "";
  if (lsk_special_host(AF_INET, name) == name) {
    lsk_check_sockaddr(L, arg, addr);
    return true;
  }
  const char *host = lsk_special_host(family, name);
  return host != name && lsk_sockaddr_parse(addr, family, host);
}

/* Leaves a name in lower case. */
static void push_lower(lua_State *L, const char *name) {
  luaL_Buffer lower;
  luaL_buffinit(L, &lower);
  for (; *name != '\0'; name++)
    luaL_addchar(&lower, (char)tolower((unsigned char)*name));
  luaL_pushresult(&lower);
}

static void push_family(lua_State *L, int family, const char *name) {
  const char *constant = lsk_family_short(family);
  if (name != NULL)
    lua_pushstring(L, name);
  else if (constant != NULL)
    push_lower(L, constant);
  else
    lua_pushinteger(L, family);
}

static bool is_number(const struct lsk_addr_field *field) {
  return field->kind == LSK_ADDR_NUMBER || field->kind == LSK_ADDR_PORT;
}

/* Whether the address has what its family's fields may hold. */
static bool is_whole(const struct lsk_sockaddr *addr,
                     const struct lsk_addr_family *is) {
  size_t length = 0;
  (void)name_of(addr, &length);
  if (addr->length < is->least || length > LSK_PATH_MAX) return false;
  for (const struct lsk_addr_field *field = is->fields; field->name; field++)
    if (is_number(field) && lsk_addr_number(addr, field) > lsk_addr_most(field))
      return false;
  return true;
}

void lsk_push_sockaddr_table(lua_State *L, const struct lsk_sockaddr *addr) {
  int family = lsk_sockaddr_family(addr);
  const struct lsk_addr_family *is = lsk_addr_family(family);
  lua_createtable(L, 0, 6);
  push_family(L, family, is->name);
  lua_setfield(L, -2, "family");
  if (!is_whole(addr, is)) is = &raw;
  for (const struct lsk_addr_field *field = is->fields; field->name; field++) {
    codecs[field->kind].push(L, field, addr);
    lua_setfield(L, -2, field->name);
  }
}

int lsk_fail_sockaddr(lua_State *L, const char *syscall, int err,
                      const struct lsk_sockaddr *addr) {
  lsk_push_sockaddr_text(L, addr);
  return lsk_fail_at(L, syscall, err, lua_tostring(L, -1));
}
