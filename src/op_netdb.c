/*
** Names of hosts and services: getaddrinfo, getnameinfo, and what came before
** them.
*/

#include "op_netdb.h"

#include "addr.h"
#include "arg.h"
#include "lookup.h"
#include "names.h"
#include "state.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/* Leaves the address that getaddrinfo found as text without a look-up. */
static void push_numeric_host(lua_State *L, const struct addrinfo *entry) {
  struct lsk_sockaddr addr;
  char host[LSK_HOST_MAX];
  if (lsk_sockaddr_set(&addr, entry->ai_addr, entry->ai_addrlen) &&
      lsk_sockaddr_host(&addr, host))
    lua_pushstring(L, host);
  else
    lua_pushliteral(L, "");
}

/* Stack slots of getaddrinfo: the arguments, then its own. */
enum {
  GAI_HOST = 1,
  GAI_SERVICE,
  GAI_FAMILY,
  GAI_SOCKTYPE,
  GAI_PROTOCOL,
  GAI_FLAGS,
  GAI_REVERSE,
  GAI_FIELDS,
  GAI_LOOKUP,
  GAI_ROWS,
  GAI_NAMES /* the look-up of the name in the row to come */
};

/* Appends to the rows an entry with the host's name, which stands on top and is
   popped; nil is the address. */
static void add_row(lua_State *L, const struct addrinfo *entry) {
  struct lsk_sockaddr addr = {0};
  (void)lsk_sockaddr_set(&addr, entry->ai_addr, entry->ai_addrlen);
  lua_createtable(L, 7, 0);
  const char *family = lsk_family_name(entry->ai_family);
  if (family != NULL)
    lua_pushstring(L, family);
  else
    lua_pushfstring(L, "unknown:%d", entry->ai_family);
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, lsk_sockaddr_port(&addr));
  lua_rawseti(L, -2, 2);
  push_numeric_host(L, entry);
  lua_pushvalue(L, lua_isnil(L, -3) ? -1 : -3);
  lua_rawseti(L, -3, 3);
  lua_rawseti(L, -2, 4);
  lua_pushinteger(L, entry->ai_family);
  lua_rawseti(L, -2, 5);
  lua_pushinteger(L, entry->ai_socktype);
  lua_rawseti(L, -2, 6);
  lua_pushinteger(L, entry->ai_protocol);
  lua_rawseti(L, -2, 7);
  lua_rawseti(L, GAI_ROWS, (lua_Integer)lua_rawlen(L, GAI_ROWS) + 1);
  lua_pop(L, 1);
}

/* Leaves the canonical name where the look-up asked for it. */
static bool push_canonname(lua_State *L, const struct addrinfo *entry) {
  if (entry->ai_canonname == NULL) return false;
  lua_pushstring(L, entry->ai_canonname);
  return true;
}

/* Begins the look-up of the entry's name. */
static void ask_name(lua_State *L, const struct addrinfo *entry) {
  struct lsk_sockaddr addr;
  (void)lsk_sockaddr_set(&addr, entry->ai_addr, entry->ai_addrlen);
  lsk_new_name_lookup(L, &addr, NI_NUMERICSERV);
}

/* The entry whose row comes next; never NULL while a name is looked up. */
static const struct addrinfo *next_entry(lua_State *L) {
  const struct addrinfo *entry = lsk_lookup_answer(L, GAI_LOOKUP)->list;
  for (size_t rows = lua_rawlen(L, GAI_ROWS); rows > 0; rows--)
    entry = entry->ai_next;
  return entry;
}

/* One row after the other, each after its name; an address without a name
   stands for itself. */
static int name_rows_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, GAI_NAMES);
  while (failed == 0) {
    const struct addrinfo *entry = next_entry(L);
    failed = lsk_lookup(L, GAI_NAMES, deadline, name_rows_k);
    const struct lsk_answer *answer = lsk_lookup_answer(L, GAI_NAMES);
    if (answer == NULL) break;
    if (!push_canonname(L, entry))
      lua_pushstring(L, answer->code == 0 ? answer->host : NULL);
    add_row(L, entry);
    lua_settop(L, GAI_ROWS);
    if (entry->ai_next == NULL) return 1;
    ask_name(L, entry->ai_next);
    failed = 0;
  }
  return failed;
}

static int getaddrinfo_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, GAI_LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, GAI_LOOKUP, deadline, getaddrinfo_k);
  if (failed) return failed;
  const struct addrinfo *list = lsk_lookup_answer(L, GAI_LOOKUP)->list;
  lua_newtable(L);
  if (lua_toboolean(L, GAI_REVERSE)) {
    ask_name(L, list);
    return name_rows_k(L, LUA_OK, deadline);
  }
  for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
    if (!push_canonname(L, at)) lua_pushnil(L);
    add_row(L, at);
  }
  return 1;
}

/// Looks up the addresses of a host and a service, each once for every type of
// socket. A row is a list: name of the family, port, host name, address as
// text, family, type, protocol. The host name is the address again, unless
// `reverse_lookup` is true (or `"hostname"`) or the flags ask for the canonical
// name; without it, `BasicSocket.set_do_not_reverse_lookup` decides. Answers to
// Ruby's `Socket.getaddrinfo`.
// @function Socket.getaddrinfo
// @param host a name, an address, `""` or `"<any>"`, `"<broadcast>"`, an IPv4
//  address as an integer; nil is this machine
// @param service a name or a port; nil is 0
// @param[opt] family `"INET"`, `"INET6"`; nil: any
// @param[opt] socktype `"STREAM"`, `"DGRAM"`, ...; nil: any
// @param[opt] protocol a number or a name
// @param[opt] flags `AI_...`
// @tparam[opt] boolean reverse_lookup
// @tparam[opt] table opts `timeout` in seconds
// @treturn {table,...}
// @error nil, err: a `ResolutionError`, `Socket.TIMEOUT`
static int getaddrinfo_(lua_State *L) {
  lsk_arg_fields(L, GAI_SERVICE, GAI_FIELDS, timeout_only);
  const struct addrinfo hints = {
      .ai_family = lsk_opt_family(L, GAI_FAMILY, AF_UNSPEC),
      .ai_socktype = lsk_opt_socktype(L, GAI_SOCKTYPE, 0),
      .ai_protocol = lsk_opt_protocol(L, GAI_PROTOCOL),
      .ai_flags = lsk_opt_flags(L, GAI_FLAGS, "AI_"),
  };
  lua_pushboolean(
      L, lsk_opt_reverse(L, GAI_REVERSE, !lsk_get_state(L)->no_reverse_lookup));
  lua_replace(L, GAI_REVERSE);
  lsk_deadline deadline = lsk_arg_deadline(L, GAI_FIELDS, -1);
  lsk_new_lookup(L, GAI_HOST, GAI_SERVICE, &hints);
  return getaddrinfo_k(L, LUA_OK, deadline);
}

/* Stack slots of getnameinfo; port and host are those of a list. */
enum {
  GNI_ADDRESS = 1,
  GNI_FLAGS,
  GNI_FIELDS,
  GNI_PORT,
  GNI_HOST,
  GNI_LOOKUP,
  GNI_NAMES
};

static int getnameinfo_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, GNI_NAMES);
  if (failed == 0) failed = lsk_lookup(L, GNI_NAMES, deadline, getnameinfo_k);
  if (failed) return failed;
  const struct lsk_answer *answer = lsk_lookup_answer(L, GNI_NAMES);
  lua_pushstring(L, answer->host);
  lua_pushstring(L, answer->service);
  return 2;
}

static int name_address(lua_State *L, const struct lsk_sockaddr *addr,
                        lsk_deadline deadline) {
  int flags = (int)lua_tointeger(L, GNI_FLAGS);
  lua_settop(L, GNI_LOOKUP);
  lsk_new_name_lookup(L, addr, flags);
  return getnameinfo_k(L, LUA_OK, deadline);
}

/* The host of a list may be a name. */
static int name_list_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, GNI_LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, GNI_LOOKUP, deadline, name_list_k);
  if (failed) return failed;
  struct lsk_sockaddr addr;
  const struct addrinfo *first = lsk_lookup_answer(L, GNI_LOOKUP)->list;
  (void)lsk_sockaddr_set(&addr, first->ai_addr, first->ai_addrlen);
  return name_address(L, &addr, deadline);
}

/* How many values the list has; a field `n` counts those that are nil, too. */
static lua_Integer list_size(lua_State *L) {
  lua_Integer size = (lua_Integer)lua_rawlen(L, GNI_ADDRESS);
  if (lua_getfield(L, GNI_ADDRESS, "n") == LUA_TNUMBER)
    size = lua_tointeger(L, -1);
  else if (size < 4 && lua_rawgeti(L, GNI_ADDRESS, 4) != LUA_TNIL)
    size = 4;
  lua_settop(L, GNI_FIELDS);
  return size;
}

/* Names a list of family, port and host, or of family, port, anything and
   numeric host, which is what `addr` gives. */
static int name_list(lua_State *L, lsk_deadline deadline) {
  lua_Integer size = list_size(L);
  if (size < 3)
    luaL_argerror(L, GNI_ADDRESS,
                  lua_pushfstring(L, "array size should be 3 or 4, %I given",
                                  (LUAI_UACINT)size));
  bool is_datagram = (lua_tointeger(L, GNI_FLAGS) & NI_DGRAM) != 0;
  struct addrinfo hints = {
      .ai_socktype = is_datagram ? SOCK_DGRAM : SOCK_STREAM,
  };
  if (lua_rawgeti(L, GNI_ADDRESS, 1) != LUA_TNIL)
    hints.ai_family = lsk_family_at(L, -1, GNI_ADDRESS);
  lua_pop(L, 1);
  lua_rawgeti(L, GNI_ADDRESS, 2);
  if (size > 3 && lua_rawgeti(L, GNI_ADDRESS, 4) != LUA_TNIL)
    hints.ai_flags = AI_NUMERICHOST;
  else
    lua_rawgeti(L, GNI_ADDRESS, 3);
  lua_copy(L, -1, GNI_HOST);
  lua_settop(L, GNI_HOST);
  lsk_new_lookup_at(L, GNI_ADDRESS, GNI_HOST, GNI_PORT, &hints);
  return name_list_k(L, LUA_OK, deadline);
}

/* Whether the argument is a list, rather than an address. */
static bool is_list(lua_State *L, int arg) {
  if (!lua_istable(L, arg)) return false;
  bool is_address = lua_getfield(L, arg, "family") != LUA_TNIL;
  lua_pop(L, 1);
  return !is_address;
}

/// The names of the host and of the service at an address. Answers to Ruby's
// `Socket.getnameinfo`.
// @function Socket.getnameinfo
// @param address an address, or a list: family, port, host
// @param[opt] flags `NI_...`: `{"NUMERICHOST", "NUMERICSERV"}` looks nothing up
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the host
// @treturn string the service
// @error nil, err: a `ResolutionError`, `Socket.TIMEOUT`
static int getnameinfo_(lua_State *L) {
  luaL_checkany(L, GNI_ADDRESS);
  lsk_arg_fields(L, GNI_FLAGS, GNI_FIELDS, timeout_only);
  int flags = lsk_opt_flags(L, GNI_FLAGS, "NI_");
  lua_pushinteger(L, flags);
  lua_replace(L, GNI_FLAGS);
  lsk_deadline deadline = lsk_arg_deadline(L, GNI_FIELDS, -1);
  if (is_list(L, GNI_ADDRESS)) return name_list(L, deadline);
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, GNI_ADDRESS, &addr);
  return name_address(L, &addr, deadline);
}

/* Stack slots of getaddress. */
enum { GA_HOST = 1, GA_FIELDS, GA_LOOKUP };

static int getaddress_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, GA_LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, GA_LOOKUP, deadline, getaddress_k);
  if (failed) return failed;
  push_numeric_host(L, lsk_lookup_answer(L, GA_LOOKUP)->list);
  return 1;
}

/// The first address of a host. Answers to Ruby's `IPSocket.getaddress`.
// @function IPSocket.getaddress
// @param host as for `Socket.getaddrinfo`, but not nil
// @tparam[opt] table opts `timeout` in seconds
// @treturn string `"127.0.0.1"`
// @error nil, err: a `ResolutionError`, `Socket.TIMEOUT`
static int getaddress(lua_State *L) {
  luaL_argexpected(L, !lua_isnoneornil(L, GA_HOST), GA_HOST, "host");
  lsk_arg_fields(L, GA_FIELDS, GA_FIELDS, timeout_only);
  lsk_deadline deadline = lsk_arg_deadline(L, GA_FIELDS, -1);
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  lsk_new_lookup(L, GA_HOST, 0, &hints);
  return getaddress_k(L, LUA_OK, deadline);
}

static const luaL_Reg functions[] = {
    {"getaddrinfo", getaddrinfo_},
    {"getnameinfo", getnameinfo_},
    {NULL, NULL},
};

static const luaL_Reg ip_functions[] = {
    {"getaddress", getaddress},
    {NULL, NULL},
};

void lsk_open_op_netdb(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

void lsk_open_op_netdb_ip(lua_State *L) {
  luaL_setfuncs(L, ip_functions, 0);
}
