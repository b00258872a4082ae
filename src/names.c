/*
** Names of families, types, protocols, levels, options and flags.
*/

#include "names.h"

#include "consts.h"

#include <limits.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <lauxlib.h>

/* An int at `index`, for argument `arg`. */
static int to_int(lua_State *L, int index, int arg) {
  int exact;
  lua_Integer value = lua_tointegerx(L, index, &exact);
  if (!exact)
    return luaL_argerror(L, arg, "number has no integer representation");
  if (value < INT_MIN || value > INT_MAX)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "integer %I does not fit an int",
                                  (LUAI_UACINT)value));
  return (int)value;
}

static int type_error(lua_State *L, int index, int arg) {
  const char *actual = luaL_typename(L, index);
  return luaL_argerror(
      L, arg, lua_pushfstring(L, "name or integer expected, got %s", actual));
}

/* The name at `index`, or NULL if there is a number. */
static const char *to_name(lua_State *L, int index, int arg, size_t *length) {
  switch (lua_type(L, index)) {
  case LUA_TSTRING:
    return lua_tolstring(L, index, length);
  case LUA_TNUMBER:
    return NULL;
  default:
    (void)type_error(L, index, arg);
    return NULL;
  }
}

/* Raises "unknown socket type: FOO". */
static int unknown(lua_State *L, int arg, const char *what, const char *name) {
  return luaL_argerror(L, arg,
                       lua_pushfstring(L, "unknown %s: %s", what, name));
}

/* The number of what stands at `index`: a number, or a name of the group. */
static int read(lua_State *L, int index, int arg, const char *prefix,
                const char *what) {
  size_t length;
  lua_Integer value;
  const char *name = to_name(L, index, arg, &length);
  if (name == NULL) return to_int(L, index, arg);
  if (lsk_const_value(prefix, name, length, &value)) return (int)value;
  return unknown(L, arg, what, name);
}

int lsk_family_at(lua_State *L, int index, int arg) {
  size_t length;
  lua_Integer value;
  const char *name = to_name(L, index, arg, &length);
  if (name != NULL && lsk_const_value("PF_", name, length, &value))
    return (int)value;
  return read(L, index, arg, "AF_", "socket domain");
}

int lsk_socktype_at(lua_State *L, int index, int arg) {
  return read(L, index, arg, "SOCK_", "socket type");
}

/* Protocols for which Ruby has no constants; not every C library has them. */
static const struct {
  const char *name;
  int number;
} more_protocols[] = {
    {"IPPROTO_SCTP", 132},
    {"IPPROTO_UDPLITE", 136},
    {"IPPROTO_MPTCP", 262},
};

#define MORE_PROTOCOLS (sizeof more_protocols / sizeof more_protocols[0])

/* The number of that name among them, with its prefix or without; -1 if there
   is none. */
static int test_more_protocols(const char *name, size_t length) {
  for (size_t i = 0; i < MORE_PROTOCOLS; i++)
    if (lsk_same_name(name, length, more_protocols[i].name) ||
        lsk_same_name(name, length,
                      more_protocols[i].name + strlen("IPPROTO_")))
      return more_protocols[i].number;
  return -1;
}

int lsk_protocol_at(lua_State *L, int index, int arg) {
  size_t length;
  const char *name = to_name(L, index, arg, &length);
  if (name != NULL && lsk_same_name(name, length, "default")) return 0;
  int number = name == NULL ? -1 : test_more_protocols(name, length);
  if (number >= 0) return number;
  return read(L, index, arg, "IPPROTO_", "protocol");
}

static bool is_netlink(int family) {
  lua_Integer known;
  return lsk_const_value("AF_", "NETLINK", strlen("NETLINK"), &known) &&
         known == family;
}

int lsk_opt_protocol_of(lua_State *L, int arg, int family) {
  size_t length;
  lua_Integer value;
  if (lua_isnoneornil(L, arg)) return 0;
  const char *name = to_name(L, arg, arg, &length);
  if (name != NULL && is_netlink(family) &&
      lsk_const_value("NETLINK_", name, length, &value))
    return (int)value;
  return lsk_protocol_at(L, arg, arg);
}

int lsk_check_family(lua_State *L, int arg) {
  return lsk_family_at(L, arg, arg);
}

int lsk_opt_family(lua_State *L, int arg, int fallback) {
  return lua_isnoneornil(L, arg) ? fallback : lsk_family_at(L, arg, arg);
}

int lsk_check_socktype(lua_State *L, int arg) {
  return lsk_socktype_at(L, arg, arg);
}

int lsk_opt_socktype(lua_State *L, int arg, int fallback) {
  return lua_isnoneornil(L, arg) ? fallback : lsk_socktype_at(L, arg, arg);
}

int lsk_opt_protocol(lua_State *L, int arg) {
  return lua_isnoneornil(L, arg) ? 0 : lsk_protocol_at(L, arg, arg);
}

static bool is_ip(int family) {
  return family == AF_INET || family == AF_INET6;
}

/* The levels whose options have names, and what a wrong one is called. */
static const struct level {
  int level;
  const char *options; /* prefix */
  const char *unknown_option;
  const char *messages; /* prefix */
  const char *unknown_message;
} levels[] = {
    {SOL_SOCKET, "SO_", "socket level option name", "SCM_",
     "UNIX control message"},
    {IPPROTO_IP, "IP_", "IP level option name", "IP_", "IP control message"},
    {IPPROTO_IPV6, "IPV6_", "IPv6 level option name", "IPV6_",
     "IPv6 control message"},
    {IPPROTO_TCP, "TCP_", "TCP level option name", "TCP_",
     "TCP control message"},
    {IPPROTO_UDP, "UDP_", "UDP level option name", "UDP_",
     "UDP control message"},
};

/* NULL where names mean nothing: SOL_SOCKET serves every family, the others
   the internet's. */
static const struct level *find_level(int family, int level) {
  if (level != SOL_SOCKET && !is_ip(family)) return NULL;
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
    if (levels[i].level == level) return &levels[i];
  return NULL;
}

int lsk_level_at(lua_State *L, int index, int arg, int family) {
  size_t length;
  const char *name = to_name(L, index, arg, &length);
  if (name == NULL) return to_int(L, index, arg);
  if (lsk_same_name(name, length, "SOCKET") ||
      lsk_same_name(name, length, "SOL_SOCKET"))
    return SOL_SOCKET;
  if (!is_ip(family)) return unknown(L, arg, "protocol level", name);
  return read(L, index, arg, "IPPROTO_", "protocol level");
}

int lsk_check_level(lua_State *L, int arg, int family) {
  return lsk_level_at(L, arg, arg, family);
}

/* For a level without names: a number is all that can stand there. */
static int number_at(lua_State *L, int index, int arg, const char *what,
                     int level) {
  size_t length;
  const char *name = to_name(L, index, arg, &length);
  if (name == NULL) return to_int(L, index, arg);
  return luaL_argerror(
      L, arg,
      lua_pushfstring(L, "unknown %s at level %d: %s", what, level, name));
}

int lsk_check_optname(lua_State *L, int arg, int family, int level) {
  const struct level *known = find_level(family, level);
  if (known == NULL) return number_at(L, arg, arg, "option name", level);
  return read(L, arg, arg, known->options, known->unknown_option);
}

int lsk_cmsg_type_at(lua_State *L, int index, int arg, int family, int level) {
  const struct level *known = find_level(family, level);
  if (known == NULL) return number_at(L, index, arg, "control message", level);
  return read(L, index, arg, known->messages, known->unknown_message);
}

int lsk_check_cmsg_type(lua_State *L, int arg, int family, int level) {
  return lsk_cmsg_type_at(L, arg, arg, family, level);
}

static int shutdown_name(lua_State *L, int arg, const char *name,
                         size_t length) {
  lua_Integer value;
  if (lsk_same_name(name, length, "read")) return SHUT_RD;
  if (lsk_same_name(name, length, "write")) return SHUT_WR;
  if (lsk_same_name(name, length, "read_write")) return SHUT_RDWR;
  if (lsk_const_value("SHUT_", name, length, &value)) return (int)value;
  return unknown(L, arg, "shutdown argument", name);
}

int lsk_opt_shutdown(lua_State *L, int arg) {
  if (lua_isnoneornil(L, arg)) return SHUT_RDWR;
  size_t length;
  const char *name = to_name(L, arg, arg, &length);
  if (name != NULL) return shutdown_name(L, arg, name, length);
  int how = to_int(L, arg, arg);
  if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "%d is not SHUT_RD, SHUT_WR or SHUT_RDWR", how));
  return how;
}

int lsk_flags_at(lua_State *L, int index, int arg, const char *prefix) {
  index = lua_absindex(L, index);
  if (!lua_istable(L, index)) return read(L, index, arg, prefix, "flag");
  int all = 0;
  lua_Integer count = luaL_len(L, index);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_geti(L, index, i);
    all |= read(L, -1, arg, prefix, "flag");
    lua_pop(L, 1);
  }
  return all;
}

int lsk_opt_flags(lua_State *L, int arg, const char *prefix) {
  return lua_isnoneornil(L, arg) ? 0 : lsk_flags_at(L, arg, arg, prefix);
}

int lsk_settle_flags(lua_State *L, int arg, const char *prefix) {
  if (lua_isnoneornil(L, arg)) return 0;
  int flags = lsk_flags_at(L, arg, arg, prefix);
  lua_pushinteger(L, flags);
  lua_replace(L, arg);
  return flags;
}

/* The same name without its prefix. */
static const char *strip(const char *name, const char *prefix) {
  return name == NULL ? NULL : name + strlen(prefix);
}

const char *lsk_family_name(int family) {
  return lsk_const_name("AF_", family);
}

const char *lsk_family_short(int family) {
  return strip(lsk_family_name(family), "AF_");
}

const char *lsk_pfamily_name(int family) {
  return lsk_const_name("PF_", family);
}

const char *lsk_socktype_name(int type) {
  return lsk_const_name("SOCK_", type);
}

const char *lsk_protocol_name(int protocol) {
  return lsk_const_name("IPPROTO_", protocol);
}

const char *lsk_any_protocol_name(int protocol) {
  for (size_t i = 0; i < MORE_PROTOCOLS; i++)
    if (more_protocols[i].number == protocol) return more_protocols[i].name;
  return lsk_protocol_name(protocol);
}

const char *lsk_level_short(int family, int level) {
  if (level == SOL_SOCKET) return "SOCKET";
  if (!is_ip(family)) return NULL;
  return strip(lsk_protocol_name(level), "IPPROTO_");
}

const char *lsk_optname_short(int family, int level, int optname) {
  const struct level *known = find_level(family, level);
  if (known == NULL) return NULL;
  return strip(lsk_const_name(known->options, optname), known->options);
}

const char *lsk_cmsg_type_short(int family, int level, int type) {
  const struct level *known = find_level(family, level);
  if (known == NULL) return NULL;
  return strip(lsk_const_name(known->messages, type), known->messages);
}

/* family(name) -> number, and so on for the others; each raises. */
static int family(lua_State *L) {
  lua_pushinteger(L, lsk_check_family(L, 1));
  return 1;
}

static int socktype(lua_State *L) {
  lua_pushinteger(L, lsk_check_socktype(L, 1));
  return 1;
}

static int protocol(lua_State *L) {
  lua_pushinteger(L, lsk_opt_protocol(L, 1));
  return 1;
}

/* level(name, family) -> number */
static int level(lua_State *L) {
  lua_pushinteger(L, lsk_check_level(L, 1, lsk_check_family(L, 2)));
  return 1;
}

/* optname(name, family, level) -> number */
static int optname(lua_State *L) {
  int of = lsk_check_family(L, 2);
  int at = lsk_check_level(L, 3, of);
  lua_pushinteger(L, lsk_check_optname(L, 1, of, at));
  return 1;
}

/* cmsg_type(name, family, level) -> number */
static int cmsg_type(lua_State *L) {
  int of = lsk_check_family(L, 2);
  int at = lsk_check_level(L, 3, of);
  lua_pushinteger(L, lsk_check_cmsg_type(L, 1, of, at));
  return 1;
}

static int shutdown_(lua_State *L) {
  lua_pushinteger(L, lsk_opt_shutdown(L, 1));
  return 1;
}

/* flags(names, prefix) -> number */
static int flags(lua_State *L) {
  lua_pushinteger(L, lsk_opt_flags(L, 1, luaL_checkstring(L, 2)));
  return 1;
}

static const luaL_Reg functions[] = {
    {"family", family},      {"socktype", socktype}, {"protocol", protocol},
    {"level", level},        {"optname", optname},   {"cmsg_type", cmsg_type},
    {"shutdown", shutdown_}, {"flags", flags},       {NULL, NULL},
};

void lsk_open_names(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
