/*
** Addresses as a Lua program writes them.
*/

#include "addr.h"

#include "addrinfo.h"
#include "error.h"
#include "names.h"
#include "sockaddr_text.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include <lauxlib.h>


/* A field that the family's table does not have is a misspelt one. */
static void check_fields(lua_State *L, int arg, const char *const *names) {
  for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    const char *const *name = names;
    while (*name != NULL && strcmp(*name, key) != 0) name++;
    if (*name != NULL) continue;
    key = luaL_tolstring(L, -2, NULL);
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "unknown address field '%s'", key));
  }
}

/* The integer on top, a field's value; it is popped. */
static uint32_t pop_integer(lua_State *L, int arg, const char *name,
                            uint32_t most) {
  int exact;
  lua_Integer value = lua_tointegerx(L, -1, &exact);
  if (!exact || value < 0 || value > (lua_Integer)most)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be an integer from 0 to %I", name,
                                  (LUAI_UACINT)most));
  lua_pop(L, 1);
  return (uint32_t)value;
}

static uint32_t integer_field(lua_State *L, int arg, const char *name,
                              uint32_t most) {
  if (lua_getfield(L, arg, name) == LUA_TNIL) lua_pushinteger(L, 0);
  return pop_integer(L, arg, name, most);
}

/* The port: a number, or the name of a service. */
static uint16_t port_field(lua_State *L, int arg) {
  uint16_t port;
  int type = lua_getfield(L, arg, "port");
  if (type == LUA_TNIL) lua_pushinteger(L, 0);
  if (type != LUA_TSTRING || lua_isinteger(L, -1) || lua_isnumber(L, -1))
    return (uint16_t)pop_integer(L, arg, "port", UINT16_MAX);
  const char *service = lua_tostring(L, -1);
  if (!lsk_sockaddr_service(service, &port))
    luaL_argerror(L, arg, lua_pushfstring(L, "unknown service '%s'", service));
  lua_pop(L, 1);
  return port;
}

/* Leaves the bytes of a field, which must be a string. */
static const char *string_field(lua_State *L, int arg, const char *name,
                                size_t *length) {
  if (lua_getfield(L, arg, name) != LUA_TSTRING)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%s must be a string, not %s", name,
                                  luaL_typename(L, -1)));
  return lua_tolstring(L, -1, length);
}

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

/* The field `addr`: the address of that family with port 0. */
static void host_field(lua_State *L, int arg, int family,
                       struct lsk_sockaddr *addr) {
  size_t length = 3;
  const char *host = "any";
  if (lua_getfield(L, arg, "addr") != LUA_TNIL)
    host = string_field(L, arg, "addr", &length);
  if (strlen(host) != length ||
      !lsk_sockaddr_parse(addr, family, lsk_special_host(family, host)))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "addr '%s' is not a numeric %s address",
                                  host, family == AF_INET ? "IPv4" : "IPv6"));
}

static void check_in(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  static const char *const names[] = {"family", "addr", "port", NULL};
  check_fields(L, arg, names);
  uint16_t port = port_field(L, arg);
  host_field(L, arg, AF_INET, addr);
  struct in_addr host = addr->to.in.sin_addr;
  lsk_sockaddr_set_in(addr, &host, port);
}

static void check_in6(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  static const char *const names[] = {"family",   "addr",     "port",
                                      "flowinfo", "scope_id", NULL};
  check_fields(L, arg, names);
  uint16_t port = port_field(L, arg);
  uint32_t flowinfo = integer_field(L, arg, "flowinfo", UINT32_MAX);
  uint32_t scope_id = integer_field(L, arg, "scope_id", UINT32_MAX);
  host_field(L, arg, AF_INET6, addr);
  struct in6_addr host = addr->to.in6.sin6_addr;
  if (scope_id == 0) scope_id = addr->to.in6.sin6_scope_id;
  lsk_sockaddr_set_in6(addr, &host, port, flowinfo, scope_id);
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

static void check_un(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  static const char *const names[] = {"family", "path", NULL};
  check_fields(L, arg, names);
  lua_getfield(L, arg, "path");
  lsk_path_at(L, lua_gettop(L), arg, addr);
}

/* The field `pkttype`: a number, or one of the names in any case. */
static int pkttype_field(lua_State *L, int arg) {
  if (lua_getfield(L, arg, "pkttype") == LUA_TSTRING) {
    const char *name = lua_tostring(L, -1), *known;
    for (int i = 0; (known = lsk_sockaddr_pkttype(i)) != NULL; i++) {
      if (strcasecmp(name, known) != 0) continue;
      lua_pop(L, 1);
      return i;
    }
  }
  if (lua_isnil(L, -1)) lua_pushinteger(L, 0);
  return (int)pop_integer(L, arg, "pkttype", UINT8_MAX);
}

static void check_packet(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  static const char *const names[] = {
      "family", "protocol", "ifindex", "hatype", "pkttype", "addr", NULL};
  check_fields(L, arg, names);
  struct lsk_packet packet = {
      .protocol = (int)integer_field(L, arg, "protocol", UINT16_MAX),
      .ifindex = (int)integer_field(L, arg, "ifindex", INT_MAX),
      .hatype = (int)integer_field(L, arg, "hatype", UINT16_MAX),
      .pkttype = pkttype_field(L, arg),
      .bytes = "",
  };
  if (lua_getfield(L, arg, "addr") != LUA_TNIL)
    packet.bytes = string_field(L, arg, "addr", &packet.size);
  if (packet.size > LSK_HALEN_MAX)
    luaL_argerror(L, arg, "addr is too long for a hardware address");
  lsk_sockaddr_set_packet(addr, &packet);
}

/* A family without fields of its own: `addr` is what follows the family. */
static void check_other(lua_State *L, int arg, int family,
                        struct lsk_sockaddr *addr) {
  static const char *const names[] = {"family", "addr", NULL};
  check_fields(L, arg, names);
  size_t length = 0;
  const char *bytes = "";
  if (lua_getfield(L, arg, "addr") != LUA_TNIL)
    bytes = string_field(L, arg, "addr", &length);
  if (length > LSK_SOCKADDR_MAX - LSK_FAMILY_END)
    luaL_argerror(L, arg, "addr is too long");
  struct sockaddr head = {.sa_family = (sa_family_t)family};
  (void)lsk_sockaddr_set(addr, &head, LSK_FAMILY_END);
  memcpy(addr->to.bytes + LSK_FAMILY_END, bytes, length);
  addr->length = (socklen_t)(LSK_FAMILY_END + length);
}

static void check_table(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  if (lua_getfield(L, arg, "family") == LUA_TNIL)
    luaL_argerror(L, arg, "an address needs a field 'family'");
  int family = lsk_family_at(L, -1, arg);
  if (family == AF_INET)
    check_in(L, arg, addr);
  else if (family == AF_INET6)
    check_in6(L, arg, addr);
  else if (family == AF_UNIX)
    check_un(L, arg, addr);
  else if (lsk_sockaddr_is_packet(family))
    check_packet(L, arg, addr);
  else if (family >= 0 && family <= (sa_family_t)-1)
    check_other(L, arg, family, addr);
  else
    luaL_argerror(L, arg, "family is out of range");
}

void lsk_check_sockaddr(lua_State *L, int arg, struct lsk_sockaddr *addr) {
  int top = lua_gettop(L);
  const struct lsk_addrinfo *ai = lsk_test_addrinfo(L, arg);
  if (ai != NULL) {
    lsk_addrinfo_sockaddr(ai, addr);
  } else if (lua_type(L, arg) == LUA_TSTRING) {
    size_t length;
    const char *bytes = lua_tolstring(L, arg, &length);
    if (!lsk_sockaddr_set(addr, bytes, length))
      luaL_argerror(L, arg, "sockaddr string too big");
  } else if (lua_istable(L, arg)) {
    check_table(L, arg, addr);
  } else {
    luaL_typeerror(L, arg, "address (a string, an Addrinfo or a table)");
  }
  lua_settop(L, top);
}

void lsk_push_sockaddr(lua_State *L, const struct lsk_sockaddr *addr) {
  lua_pushlstring(L, addr->to.bytes, addr->length);
}

static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void set_host(lua_State *L, int family, const void *host, int port) {
  char text[INET6_ADDRSTRLEN];
  set_string(L, "family", family == AF_INET ? "inet" : "inet6");
  set_string(L, "addr", inet_ntop(family, host, text, sizeof text));
  set_integer(L, "port", port);
}

/* Sets a field to a name in lower case. */
static void set_lower(lua_State *L, const char *field, const char *name) {
  luaL_Buffer lower;
  luaL_buffinit(L, &lower);
  for (; *name != '\0'; name++)
    luaL_addchar(&lower, (char)tolower((unsigned char)*name));
  luaL_pushresult(&lower);
  lua_setfield(L, -2, field);
}

static void set_packet(lua_State *L, const struct lsk_packet *packet) {
  const char *pkttype = lsk_sockaddr_pkttype(packet->pkttype);
  set_string(L, "family", "packet");
  set_integer(L, "protocol", packet->protocol);
  set_integer(L, "ifindex", packet->ifindex);
  set_integer(L, "hatype", packet->hatype);
  if (pkttype != NULL)
    set_lower(L, "pkttype", pkttype);
  else
    set_integer(L, "pkttype", packet->pkttype);
  lua_pushlstring(L, packet->bytes, packet->size);
  lua_setfield(L, -2, "addr");
}

/* The family's name in lower case, or its number, and the bytes after it. */
static void set_other(lua_State *L, const struct lsk_sockaddr *addr) {
  int family = lsk_sockaddr_family(addr);
  const char *name = lsk_family_short(family);
  if (name != NULL)
    set_lower(L, "family", name);
  else
    set_integer(L, "family", family);
  if (addr->length > LSK_FAMILY_END)
    lua_pushlstring(L, addr->to.bytes + LSK_FAMILY_END,
                    addr->length - LSK_FAMILY_END);
  else
    lua_pushliteral(L, "");
  lua_setfield(L, -2, "addr");
}

void lsk_push_sockaddr_table(lua_State *L, const struct lsk_sockaddr *addr) {
  const struct sockaddr_in *in = lsk_sockaddr_in(addr);
  const struct sockaddr_in6 *in6 = lsk_sockaddr_in6(addr);
  struct lsk_packet packet;
  size_t length;
  const char *path = lsk_sockaddr_path(addr, &length);
  lua_createtable(L, 0, 6);
  if (in != NULL) {
    set_host(L, AF_INET, &in->sin_addr, ntohs(in->sin_port));
  } else if (in6 != NULL) {
    set_host(L, AF_INET6, &in6->sin6_addr, ntohs(in6->sin6_port));
    set_integer(L, "flowinfo", ntohl(in6->sin6_flowinfo));
    set_integer(L, "scope_id", in6->sin6_scope_id);
  } else if (path != NULL) {
    set_string(L, "family", "local");
    lua_pushlstring(L, path, length);
    lua_setfield(L, -2, "path");
  } else if (lsk_sockaddr_packet(addr, &packet) &&
             packet.fields == LSK_PACKET_FIELDS) {
    set_packet(L, &packet);
  } else {
    set_other(L, addr);
  }
}

int lsk_fail_sockaddr(lua_State *L, const char *syscall, int err,
                      const struct lsk_sockaddr *addr) {
  lsk_push_sockaddr_text(L, addr);
  return lsk_fail_at(L, syscall, err, lua_tostring(L, -1));
}
