/*
** Making Addrinfos of addresses that need no look-up.
*/

#include "addrinfo_new.h"

#include "addr.h"
#include "addrinfo.h"
#include "addrinfo_text.h"
#include "lookup.h"
#include "names.h"

#include <string.h>

#include <lauxlib.h>

/* Where the elements of an array stand while the address is made of it. */
enum { PORT = 5, LABEL, HOST, LOOKUP };

/* The longest host that is passed on. */
#define HOST_MAX 1024

static void check_port(lua_State *L) {
  int exact;
  lua_Integer port = lua_tointegerx(L, PORT, &exact);
  if (lua_isnil(L, PORT)) exact = 1;
  if (!exact || port < 0 || port > UINT16_MAX)
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "port %s is not an integer from 0 to %d",
                                  luaL_tolstring(L, PORT, NULL), UINT16_MAX));
  lua_pushinteger(L, port);
  lua_replace(L, PORT);
}

/* The element at `index`, which must be a string without a null byte. */
static void check_text(lua_State *L, int index, const char *what) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING)
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "%s must be a string, not %s", what,
                                  luaL_typename(L, index)));
  const char *text = lua_tolstring(L, index, &length);
  if (strlen(text) != length)
    luaL_argerror(L, 1, lua_pushfstring(L, "%s contains a null byte", what));
  if (length > HOST_MAX)
    luaL_argerror(
        L, 1,
        lua_pushfstring(L, "%s too long (%I)", what, (LUAI_UACINT)length));
  if (length > 0 && text[length - 1] == '\n')
    luaL_argerror(L, 1, lua_pushfstring(L, "newline at the end of %s", what));
}

/*
** {"AF_INET", port, label, host}: the host is numeric, so nothing waits. As in
** Ruby a protocol without a type has to be one of datagrams.
*/
static int new_ip(lua_State *L, int pfamily, int socktype, int protocol) {
  lua_settop(L, PORT - 1);
  for (int i = 2; i <= 4; i++) lua_geti(L, 1, i);
  check_port(L);
  if (!lua_isnil(L, LABEL)) check_text(L, LABEL, "hostname");
  check_text(L, HOST, "hostname");
  const struct addrinfo hints = {
      .ai_flags = AI_NUMERICHOST,
      .ai_family = pfamily,
      .ai_socktype = socktype == 0 ? SOCK_DGRAM : socktype,
      .ai_protocol = protocol,
  };
  lsk_new_lookup(L, HOST, PORT, &hints);
  int failed = lsk_lookup(L, LOOKUP, LSK_NEVER, NULL);
  if (failed) return failed;
  const struct addrinfo *found = lsk_lookup_answer(L, LOOKUP)->list;
  struct lsk_sockaddr addr;
  (void)lsk_sockaddr_set(&addr, found->ai_addr, found->ai_addrlen);
  lsk_push_addrinfo(L, &addr, pfamily, socktype, protocol);
  if (lua_rawequal(L, LABEL, HOST))
    lua_pushnil(L);
  else
    lsk_push_inspectname(L, LABEL, 0, &addr);
  lua_setiuservalue(L, -2, LSK_ADDRINFO_INSPECTNAME);
  return 1;
}

/* {"AF_UNIX", path} is a stream socket's address, whatever was given. */
static int new_unix(lua_State *L) {
  struct lsk_sockaddr addr;
  if (lua_geti(L, 1, 2) != LUA_TSTRING)
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "path must be a string, not %s",
                                  luaL_typename(L, -1)));
  lsk_path_at(L, lua_gettop(L), 1, &addr);
  lsk_push_addrinfo(L, &addr, PF_UNIX, SOCK_STREAM, 0);
  return 1;
}

/* The array forms, those of IPSocket#addr and UNIXSocket#addr. */
static int new_of_array(lua_State *L) {
  lua_settop(L, 4);
  lua_geti(L, 1, 1);
  int family = lsk_family_at(L, 5, 1);
  int pfamily = lsk_opt_family(L, 2, family);
  if (pfamily == PF_UNSPEC) pfamily = family;
  int socktype = lsk_opt_socktype(L, 3, 0);
  int protocol = lsk_opt_protocol(L, 4);
  if (family == AF_INET || family == AF_INET6)
    return new_ip(L, pfamily, socktype, protocol);
  if (family == AF_UNIX) return new_unix(L);
  return luaL_argerror(L, 1, "unexpected address family");
}

static bool is_array(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  bool array = lua_geti(L, index, 1) != LUA_TNIL;
  lua_pop(L, 1);
  return array;
}

/// Makes one of an address: a packed string, a table with a field `family` (see
// `Addrinfo:to_table`), another Addrinfo, or an array {"AF_INET", port, label
// or nil, numeric host} | {"AF_UNIX", path}. Nothing is looked up. A packed
// string says nothing about the family of the protocol: without `family`,
// `pfamily()` is 0.
// @function Addrinfo.new
// @param address
// @param[opt] family name or integer
// @param[opt] socktype name or integer
// @param[opt] protocol name or integer
// @treturn Addrinfo
// @error nil, err, errno: the numeric host of an array is none of that family
static int new_(lua_State *L) {
  if (is_array(L, 1)) return new_of_array(L);
  struct lsk_sockaddr addr;
  lua_settop(L, 4);
  lsk_check_sockaddr(L, 1, &addr);
  const struct lsk_addrinfo *source = lsk_test_addrinfo(L, 1);
  int family = lua_istable(L, 1) ? lsk_sockaddr_family(&addr) : PF_UNSPEC;
  int pfamily = lsk_opt_family(L, 2, source ? source->pfamily : family);
  int socktype = lsk_opt_socktype(L, 3, source ? source->socktype : 0);
  int protocol = source ? source->protocol : 0;
  if (!lua_isnil(L, 4)) protocol = lsk_opt_protocol(L, 4);
  lsk_push_addrinfo(L, &addr, pfamily, socktype, protocol);
  return 1;
}

/// Makes one of a path: a file's, or a name that begins with a zero byte.
// @function Addrinfo.unix
// @tparam string path
// @param[opt="STREAM"] socktype name or integer
// @treturn Addrinfo
static int unix_(lua_State *L) {
  struct lsk_sockaddr addr;
  luaL_checkstring(L, 1);
  int socktype = lsk_opt_socktype(L, 2, SOCK_STREAM);
  lsk_path_at(L, 1, 1, &addr);
  lsk_push_addrinfo(L, &addr, PF_UNIX, socktype, 0);
  return 1;
}

/* Addrinfo(...) is Addrinfo.new(...). */
static int call(lua_State *L) {
  lua_remove(L, 1);
  return new_(L);
}

static const luaL_Reg functions[] = {
    {"new", new_},
    {"unix", unix_},
    {NULL, NULL},
};

void lsk_open_addrinfo_new(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, call);
  lua_setfield(L, -2, "__call");
  lua_setmetatable(L, -2);
}
