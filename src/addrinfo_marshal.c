/*
** Addrinfos as plain tables, to be written down and made again. The table has
** names for numbers, so that it means the same on another system.
*/

#include "addrinfo_marshal.h"

#include "addr.h"
#include "addrinfo.h"
#include "names.h"

#include <lauxlib.h>

/* The elements of the table. */
enum { FAMILY = 1, ADDRESS, PFAMILY, SOCKTYPE, PROTOCOL, CANONNAME, LABEL };

/* Sets an element of the table on top to a number's name, or else to it. */
static void set_name(lua_State *L, int element, const char *name, int number) {
  if (name != NULL)
    lua_pushstring(L, name);
  else
    lua_pushinteger(L, number);
  lua_seti(L, -2, element);
}

/* Leaves the path, or {host, port} as text. */
static void push_address(lua_State *L, const struct lsk_sockaddr *addr) {
  char host[LSK_HOST_MAX];
  size_t length;
  const char *path = lsk_sockaddr_path(addr, &length);
  if (path != NULL) {
    lua_pushlstring(L, path, length);
    return;
  }
  if (!lsk_sockaddr_host(addr, host))
    luaL_argerror(L, 1, "getnameinfo: ai_family not supported");
  lua_createtable(L, 2, 0);
  lua_pushstring(L, host);
  lua_seti(L, -2, 1);
  lua_pushfstring(L, "%d", lsk_sockaddr_port(addr));
  lua_seti(L, -2, 2);
}

/// A table with all that it holds: `{"AF_INET", {"127.0.0.1", "80"}, "PF_INET",
// "SOCK_STREAM", "IPPROTO_TCP", canonname, names looked up}`, or a path in
// place of the second element. Raises for other families. Answers to Ruby's
// `Addrinfo#marshal_dump`.
// @function Addrinfo:marshal_dump
// @treturn table
static int marshal_dump(lua_State *L) {
  const struct lsk_addrinfo *ai = lsk_check_addrinfo(L, 1);
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(ai, &addr);
  int family = lsk_sockaddr_family(&addr);
  bool is_internet = family == AF_INET || family == AF_INET6;
  lua_settop(L, 1);
  lua_createtable(L, LABEL, 0);
  set_name(L, FAMILY, lsk_family_name(family), family);
  push_address(L, &addr);
  lua_seti(L, -2, ADDRESS);
  set_name(L, PFAMILY, lsk_pfamily_name(ai->pfamily), ai->pfamily);
  set_name(L, SOCKTYPE, ai->socktype ? lsk_socktype_name(ai->socktype) : NULL,
           ai->socktype);
  set_name(L, PROTOCOL,
           is_internet && ai->protocol ? lsk_protocol_name(ai->protocol) : NULL,
           ai->protocol);
  lua_getiuservalue(L, 1, LSK_ADDRINFO_CANONNAME);
  lua_seti(L, -2, CANONNAME);
  lua_getiuservalue(L, 1, LSK_ADDRINFO_INSPECTNAME);
  lua_seti(L, -2, LABEL);
  return 1;
}

/* The address of {host, port}, which is on top of the stack. */
static void load_ip(lua_State *L, int arg, int family,
                    struct lsk_sockaddr *addr) {
  int list = lua_gettop(L);
  if (!lua_istable(L, list))
    luaL_argerror(L, arg, "element 2 must be a list of host and port");
  lua_geti(L, list, 1);
  lua_geti(L, list, 2);
  const char *host = lua_tostring(L, -2);
  int exact;
  lua_Integer port = lua_tointegerx(L, -1, &exact);
  if (host == NULL || !lsk_sockaddr_parse(addr, family, host))
    luaL_argerror(L, arg, "the host is not numeric, or of another family");
  if (!exact || port < 0 || port > UINT16_MAX)
    luaL_argerror(L, arg, "the port is not within 0 to 65535");
  if (family == AF_INET)
    addr->to.in.sin_port = htons((uint16_t)port);
  else
    addr->to.in6.sin6_port = htons((uint16_t)port);
}

/* Sets a user value of the Addrinfo on top to an element, a string or nil. */
static void load_text(lua_State *L, int arg, int element, int which) {
  int type = lua_geti(L, arg, element);
  if (type != LUA_TSTRING && type != LUA_TNIL)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "element %d must be a string or nil", element));
  lua_setiuservalue(L, -2, which);
}

/// Makes an Addrinfo of what `marshal_dump` gave. It is a new one: also when it
// is called as a method, since an Addrinfo never changes.
// @function Addrinfo.marshal_load
// @tparam table dump
// @treturn Addrinfo
static int marshal_load(lua_State *L) {
  int arg = lsk_test_addrinfo(L, 1) != NULL ? 2 : 1;
  struct lsk_sockaddr addr;
  luaL_checktype(L, arg, LUA_TTABLE);
  lua_settop(L, arg);
  for (int element = FAMILY; element <= PROTOCOL; element++)
    lua_geti(L, arg, element);
  int family = lsk_family_at(L, arg + FAMILY, arg);
  int pfamily = lsk_family_at(L, arg + PFAMILY, arg);
  int socktype = lsk_socktype_at(L, arg + SOCKTYPE, arg);
  int protocol = lsk_protocol_at(L, arg + PROTOCOL, arg);
  lua_pushvalue(L, arg + ADDRESS);
  if (family == AF_INET || family == AF_INET6)
    load_ip(L, arg, family, &addr);
  else if (family == AF_UNIX)
    lsk_path_at(L, lua_gettop(L), arg, &addr);
  else
    return luaL_argerror(L, arg, "unexpected address family");
  lsk_push_addrinfo(L, &addr, pfamily, socktype, protocol);
  load_text(L, arg, CANONNAME, LSK_ADDRINFO_CANONNAME);
  load_text(L, arg, LABEL, LSK_ADDRINFO_INSPECTNAME);
  return 1;
}

static const luaL_Reg functions[] = {
    {"marshal_dump", marshal_dump},
    {"marshal_load", marshal_load},
    {NULL, NULL},
};

void lsk_open_addrinfo_marshal(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
