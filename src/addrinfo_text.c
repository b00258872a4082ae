/*
** Addrinfo's texts, to the letter as Ruby writes them.
*/

#include "addrinfo_text.h"

#include "addrinfo.h"
#include "names.h"
#include "sockaddr_text.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

/// The address alone: "127.0.0.1:80", "[::1]:80", "/tmp/s".
// @function Addrinfo:inspect_sockaddr
// @treturn string
static int inspect_sockaddr(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, 1), &addr);
  lsk_push_sockaddr_text(L, &addr);
  return 1;
}

/* Adds a name, or the text for a number that has none. */
static void add_name(lua_State *L, luaL_Buffer *text, const char *name,
                     const char *unnamed, int number) {
  luaL_addchar(text, ' ');
  if (name != NULL) {
    luaL_addstring(text, name);
  } else {
    lua_pushfstring(L, unnamed, number);
    luaL_addvalue(text);
  }
}

/* "TCP" and "UDP" stand for the internet's stream and datagram sockets. */
static const char *transport(const struct lsk_addrinfo *ai) {
  bool internet = ai->pfamily == PF_INET || ai->pfamily == PF_INET6;
  if (!internet) return NULL;
  bool any = ai->protocol == 0;
  if (ai->socktype == SOCK_STREAM && (any || ai->protocol == IPPROTO_TCP))
    return "TCP";
  if (ai->socktype == SOCK_DGRAM && (any || ai->protocol == IPPROTO_UDP))
    return "UDP";
  return NULL;
}

static void add_protocol(lua_State *L, luaL_Buffer *text,
                         const struct lsk_addrinfo *ai) {
  bool internet = ai->pfamily == PF_INET || ai->pfamily == PF_INET6;
  const char *name = internet ? lsk_protocol_name(ai->protocol) : NULL;
  add_name(L, text, name, "UNKNOWN_PROTOCOL(%d)", ai->protocol);
}

static void add_kind(lua_State *L, luaL_Buffer *text,
                     const struct lsk_addrinfo *ai, int family) {
  if (ai->pfamily != 0 && ai->pfamily != family)
    add_name(L, text, lsk_pfamily_name(ai->pfamily), "PF_\?\?\?(%d)",
             ai->pfamily);
  const char *name = transport(ai);
  if (name != NULL) {
    luaL_addchar(text, ' ');
    luaL_addstring(text, name);
    return;
  }
  if (ai->socktype != 0)
    add_name(L, text, lsk_socktype_name(ai->socktype), "SOCK_\?\?\?(%d)",
             ai->socktype);
  if (ai->protocol != 0) add_protocol(L, text, ai);
}

/* Adds a user value, if there is one; the format has one %s. */
static void add_value(lua_State *L, luaL_Buffer *text, int which,
                      const char *format) {
  if (lua_getiuservalue(L, 1, which) == LUA_TSTRING) {
    lua_pushfstring(L, format, lua_tostring(L, -1));
    lua_remove(L, -2);
    luaL_addvalue(text);
  } else {
    lua_pop(L, 1);
  }
}

/// All of it: "#<Addrinfo: 127.0.0.1:80 TCP (localhost:http)>". It is also what
// `tostring` gives.
// @function Addrinfo:inspect
// @treturn string
static int inspect(lua_State *L) {
  const struct lsk_addrinfo *ai = lsk_check_addrinfo(L, 1);
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(ai, &addr);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "#<Addrinfo: ");
  lsk_push_sockaddr_text(L, &addr);
  luaL_addvalue(&text);
  add_kind(L, &text, ai, lsk_sockaddr_family(&addr));
  add_value(L, &text, LSK_ADDRINFO_CANONNAME, " %s");
  add_value(L, &text, LSK_ADDRINFO_INSPECTNAME, " (%s)");
  luaL_addchar(&text, '>');
  luaL_pushresult(&text);
  return 1;
}

/* Whether the service at `index` is the address's port, or none. */
static bool is_port(lua_State *L, int index, int port) {
  char digits[sizeof "65535"];
  if (index == 0 || lua_isnoneornil(L, index)) return true;
  if (lua_type(L, index) == LUA_TNUMBER)
    return lua_tointeger(L, index) == port || lua_tointeger(L, index) == 0;
  (void)snprintf(digits, sizeof digits, "%d", port);
  return strcmp(lua_tostring(L, index), digits) == 0;
}

void lsk_push_inspectname(lua_State *L, int host, int service,
                          const struct lsk_sockaddr *addr) {
  char numeric[LSK_HOST_MAX] = "";
  (void)lsk_sockaddr_host(addr, numeric);
  const char *name = "";
  bool named = host != 0 && lua_type(L, host) == LUA_TSTRING;
  if (named) name = lua_tostring(L, host);
  if (strcmp(name, numeric) == 0) name = "", named = false;
  if (!is_port(L, service, lsk_sockaddr_port(addr)))
    lua_pushfstring(L, "%s:%s", name, lua_tostring(L, service));
  else if (named)
    lua_pushstring(L, name);
  else
    lua_pushnil(L);
}

static const luaL_Reg methods[] = {
    {"inspect", inspect},
    {"inspect_sockaddr", inspect_sockaddr},
    {NULL, NULL},
};

void lsk_open_addrinfo_text(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
  luaL_getmetatable(L, LSK_ADDRINFO);
  lua_pushcfunction(L, inspect);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}
