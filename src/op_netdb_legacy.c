/*
** Hosts and services by name and by number.
*/

#include "op_netdb_legacy.h"

#include "arg.h"
#include "error.h"
#include "lookup.h"
#include "names.h"
#include "sys_names.h"
#include "wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/// This machine's name. Answers to Ruby's `Socket.gethostname`.
// @function Socket.gethostname
// @treturn string
// @error nil, err, errno
static int gethostname_(lua_State *L) {
  char name[LSK_NAME_MAX];
  int rc = lsk_sys_hostname(name);
  if (rc < 0) return lsk_fail(L, "gethostname(3)", -rc);
  lua_pushstring(L, name);
  return 1;
}

static void push_aliases(lua_State *L, char *const *aliases) {
  lua_newtable(L);
  for (lua_Integer i = 0; aliases != NULL && aliases[i] != NULL; i++) {
    lua_pushstring(L, aliases[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* Leaves an address as bytes, without port and scope, or as text. */
static void push_address(lua_State *L, const struct addrinfo *entry,
                         bool as_text) {
  struct lsk_sockaddr addr;
  char text[LSK_HOST_MAX] = "";
  (void)lsk_sockaddr_set(&addr, entry->ai_addr, entry->ai_addrlen);
  if (as_text) {
    (void)lsk_sockaddr_host(&addr, text);
    lua_pushstring(L, text);
    return;
  }
  const struct sockaddr_in *in = lsk_sockaddr_in(&addr);
  const struct sockaddr_in6 *in6 = lsk_sockaddr_in6(&addr);
  if (in != NULL)
    lua_pushlstring(L, (const char *)&in->sin_addr, sizeof in->sin_addr);
  else if (in6 != NULL)
    lua_pushlstring(L, (const char *)&in6->sin6_addr, sizeof in6->sin6_addr);
  else
    lua_pushliteral(L, "");
}

/* Stack slots of gethostbyname; whether the addresses are to be texts. */
enum { NAME_HOST = 1, NAME_FIELDS, NAME_AS_TEXT, NAME_LOOKUP };

static int gethostbyname_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, NAME_LOOKUP);
  if (failed == 0)
    failed = lsk_lookup(L, NAME_LOOKUP, deadline, gethostbyname_k);
  if (failed) return failed;
  const struct lsk_answer *answer = lsk_lookup_answer(L, NAME_LOOKUP);
  const struct addrinfo *list = answer->list;
  lua_pushstring(L, list->ai_canonname);
  push_aliases(L, answer->aliases);
  lua_pushinteger(L, list->ai_family);
  int results = 3;
  for (; list != NULL; list = list->ai_next, results++) {
    luaL_checkstack(L, 1, "too many addresses");
    push_address(L, list, lua_toboolean(L, NAME_AS_TEXT));
  }
  return results;
}

static int host_by_name(lua_State *L, bool as_text) {
  luaL_argexpected(L, !lua_isnoneornil(L, NAME_HOST), NAME_HOST, "host");
  lsk_arg_fields(L, NAME_FIELDS, NAME_FIELDS, timeout_only);
  lsk_deadline deadline = lsk_arg_deadline(L, NAME_FIELDS, -1);
  lua_pushboolean(L, as_text);
  lsk_new_host_lookup(L, NAME_HOST);
  return gethostbyname_k(L, LUA_OK, deadline);
}

/// What is known of a host. Answers to Ruby's `Socket.gethostbyname`; new
// programs call `getaddrinfo`.
// @function Socket.gethostbyname
// @param host as for `getaddrinfo`, but not nil
// @tparam[opt] table opts `timeout` in seconds
// @treturn string its canonical name
// @treturn {string,...} its other names
// @treturn integer the family of its first address
// @treturn string its first address, 4 or 16 bytes; the others follow
// @error nil, err: a `ResolutionError`, `Socket.TIMEOUT`
static int gethostbyname_(lua_State *L) {
  return host_by_name(L, false);
}

/// The same with the addresses as texts. Answers to Ruby's
// `TCPSocket.gethostbyname`.
// @function TCPSocket.gethostbyname
// @param host as for `getaddrinfo`, but not nil
// @tparam[opt] table opts `timeout` in seconds
// @treturn string its canonical name
// @treturn {string,...} its other names
// @treturn integer the family of its first address
// @treturn string its first address, `"127.0.0.1"`; the others follow
// @error nil, err: a `ResolutionError`, `Socket.TIMEOUT`
static int tcp_gethostbyname(lua_State *L) {
  return host_by_name(L, true);
}

/* Stack slots of gethostbyaddr. */
enum { AT_ADDRESS = 1, AT_FAMILY, AT_FIELDS, AT_LOOKUP };

/* How long an address of that family is; 0 for one that hosts do not have. */
static size_t address_size(int family) {
  if (family == AF_INET) return sizeof(struct in_addr);
  return family == AF_INET6 ? sizeof(struct in6_addr) : 0;
}

static int gethostbyaddr_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, AT_LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, AT_LOOKUP, deadline, gethostbyaddr_k);
  if (failed) return failed;
  const struct lsk_answer *answer = lsk_lookup_answer(L, AT_LOOKUP);
  int family = (int)lua_tointeger(L, AT_FAMILY);
  lua_pushstring(L, answer->host);
  push_aliases(L, answer->aliases);
  lua_pushinteger(L, family);
  int results = 3;
  for (char *const *at = answer->addresses; *at != NULL; at++, results++) {
    luaL_checkstack(L, 1, "too many addresses");
    lua_pushlstring(L, *at, address_size(family));
  }
  return results;
}

/// What is known of the host with an address. Answers to Ruby's
// `Socket.gethostbyaddr`; new programs call `getnameinfo`.
// @function Socket.gethostbyaddr
// @tparam string address 4 bytes, or 16 for `"INET6"`
// @param[opt="INET"] family
// @tparam[opt] table opts `timeout` in seconds
// @treturn string its name
// @treturn {string,...} its other names
// @treturn integer the family
// @treturn string its address; others may follow
// @error nil, err: a `SocketError`, `Socket.TIMEOUT`
static int gethostbyaddr_(lua_State *L) {
  size_t length;
  const char *address = luaL_checklstring(L, AT_ADDRESS, &length);
  lsk_arg_fields(L, AT_FAMILY, AT_FIELDS, timeout_only);
  int family = lsk_opt_family(L, AT_FAMILY, AF_INET);
  lua_pushinteger(L, family);
  lua_replace(L, AT_FAMILY);
  lsk_deadline deadline = lsk_arg_deadline(L, AT_FIELDS, -1);
  if (length == 0 || length != address_size(family))
    return lsk_fail_named(L, "SocketError", "host not found");
  lsk_new_host_at_lookup(L, address, length, family);
  return gethostbyaddr_k(L, LUA_OK, deadline);
}

static const char *check_name(lua_State *L, int arg) {
  size_t length;
  const char *name = luaL_checklstring(L, arg, &length);
  luaL_argcheck(L, strlen(name) == length, arg, "contains a null byte");
  return name;
}

/* A number would be looked for as a name of digits, so it is refused. */
static const char *opt_protocol_name(lua_State *L, int arg) {
  if (lua_isnoneornil(L, arg)) return "tcp";
  luaL_checktype(L, arg, LUA_TSTRING);
  return check_name(L, arg);
}

/* Reads a whole text as C reads an integer; false for anything else. */
static bool read_number(const char *text, lua_Integer *number) {
  char *end;
  errno = 0;
  *number = strtoll(text, &end, 0);
  return *end == '\0' && errno == 0;
}

/// The port of a service. A number in C's notation (`"80"`, `"0x50"`) is given
// back as it is. Answers to Ruby's `Socket.getservbyname`.
// @function Socket.getservbyname
// @tparam string service
// @tparam[opt="tcp"] string protocol
// @treturn integer
// @error nil, err: a `SocketError`
static int getservbyname_(lua_State *L) {
  const char *service = check_name(L, 1);
  const char *protocol = opt_protocol_name(L, 2);
  lua_Integer port = lsk_sys_service_port(service, protocol);
  if (port < 0 && !read_number(service, &port))
    return lsk_fail_named(
        L, "SocketError",
        lua_pushfstring(L, "no such service %s/%s", service, protocol));
  lua_pushinteger(L, port);
  return 1;
}

/// The name of the service at a port. Answers to Ruby's `Socket.getservbyport`.
// @function Socket.getservbyport
// @tparam integer port
// @tparam[opt="tcp"] string protocol
// @treturn string
// @error nil, err: a `SocketError`
static int getservbyport_(lua_State *L) {
  int port = lsk_check_range(L, 1, 0, 65535);
  const char *protocol = opt_protocol_name(L, 2);
  char name[LSK_NAME_MAX];
  if (!lsk_sys_service_name(port, protocol, name))
    return lsk_fail_named(
        L, "SocketError",
        lua_pushfstring(L, "no such service for port %d/%s", port, protocol));
  lua_pushstring(L, name);
  return 1;
}

static const luaL_Reg functions[] = {
    {"gethostbyaddr", gethostbyaddr_}, {"gethostbyname", gethostbyname_},
    {"gethostname", gethostname_},     {"getservbyname", getservbyname_},
    {"getservbyport", getservbyport_}, {NULL, NULL},
};

void lsk_open_op_netdb_legacy(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

void lsk_open_op_netdb_legacy_tcp(lua_State *L) {
  lua_pushcfunction(L, tcp_gethostbyname);
  lua_setfield(L, -2, "gethostbyname");
}
