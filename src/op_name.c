/*
** The addresses of a socket's two ends, and who is at the other one.
*/

#include "op_name.h"

#include "addr.h"
#include "addrinfo.h"
#include "error.h"
#include "handle.h"
#include "state.h"
#include "sys.h"

#include <string.h>

#include <lauxlib.h>

/* The results of a failure, or 0 with one end's address. */
static int local(lua_State *L, struct lsk_sockaddr *addr) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_getsockname(h->fd, addr);
  return rc < 0 ? lsk_fail(L, "getsockname(2)", -rc) : 0;
}

static int remote(lua_State *L, struct lsk_sockaddr *addr) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_getpeername(h->fd, addr);
  return rc < 0 ? lsk_fail(L, "getpeername(2)", -rc) : 0;
}

/// The packed address of this end. That of a socket that is not bound has its
// family and zeros.
// @function BasicSocket:getsockname
// @treturn string
// @error nil, err, errno
static int getsockname_(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = local(L, &addr);
  if (failed) return failed;
  lsk_push_sockaddr(L, &addr);
  return 1;
}

/// The packed address of the other end.
// @function BasicSocket:getpeername
// @treturn string
// @error nil, err, errno: ENOTCONN without another end
static int getpeername_(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = remote(L, &addr);
  if (failed) return failed;
  lsk_push_sockaddr(L, &addr);
  return 1;
}

/// The address of this end as a table, such as `{family="inet",
// addr="127.0.0.1", port=80}`.
// @function BasicSocket:sockname
// @treturn table
// @error nil, err, errno
static int sockname(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = local(L, &addr);
  if (failed) return failed;
  lsk_push_sockaddr_table(L, &addr);
  return 1;
}

/// The address of the other end as a table.
// @function BasicSocket:peername
// @treturn table
// @error nil, err, errno: ENOTCONN without another end
static int peername(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = remote(L, &addr);
  if (failed) return failed;
  lsk_push_sockaddr_table(L, &addr);
  return 1;
}

/* Leaves an end's Addrinfo; its protocol stays unknown, as in Ruby. */
static void push_end(lua_State *L, const struct lsk_sockaddr *addr) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_push_addrinfo(L, addr, lsk_sockaddr_family(addr), h->type, 0);
}

/// The address of this end.
// @function BasicSocket:local_address
// @treturn Addrinfo
// @error nil, err, errno
static int local_address(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = local(L, &addr);
  if (failed) return failed;
  push_end(L, &addr);
  return 1;
}

/// The address of the other end.
// @function BasicSocket:remote_address
// @treturn Addrinfo
// @error nil, err, errno: ENOTCONN without another end
static int remote_address(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = remote(L, &addr);
  if (failed) return failed;
  push_end(L, &addr);
  return 1;
}

/* Why nobody can connect to the address; NULL if one can. */
static const char *unbound(const struct lsk_sockaddr *addr) {
  size_t length;
  if (lsk_sockaddr_port(addr) == 0)
    return lsk_sockaddr_in(addr) != NULL ? "unbound IPv4 socket"
                                         : "unbound IPv6 socket";
  if (lsk_sockaddr_path(addr, &length) != NULL && length == 0)
    return "unbound Unix socket";
  return NULL;
}

/* Puts the loopback address in place of the one that stands for any. */
static void make_connectable(struct lsk_sockaddr *addr) {
  const struct sockaddr_in *in = lsk_sockaddr_in(addr);
  const struct sockaddr_in6 *in6 = lsk_sockaddr_in6(addr);
  uint16_t port = (uint16_t)lsk_sockaddr_port(addr);
  if (in != NULL && in->sin_addr.s_addr == htonl(INADDR_ANY)) {
    const struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    lsk_sockaddr_set_in(addr, &loopback, port);
  } else if (in6 != NULL) {
    struct in6_addr host = in6->sin6_addr;
    static const struct in6_addr mapped_any = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}};
    if (memcmp(&host, &in6addr_any, sizeof host) == 0 ||
        memcmp(&host, &mapped_any, sizeof host) == 0)
      lsk_sockaddr_set_in6(addr, &in6addr_loopback, port, 0, 0);
  }
}

/// This end's address in a form that one can connect to on this machine: the
// loopback address where the socket is bound to any.
// @function BasicSocket:connect_address
// @treturn Addrinfo
// @error nil, err, errno: SocketError for an unbound socket
static int connect_address(lua_State *L) {
  struct lsk_sockaddr addr;
  int failed = local(L, &addr);
  if (failed) return failed;
  const char *why = unbound(&addr);
  if (why != NULL) return lsk_fail_named(L, "SocketError", why);
  make_connectable(&addr);
  push_end(L, &addr);
  return 1;
}

/// Who is at the other end of a unix socket: the ids of the process's user and
// group when it connected.
// @function BasicSocket:getpeereid
// @treturn integer the effective user id
// @treturn integer the effective group id
// @error nil, err, errno
static int getpeereid_(lua_State *L) {
  uid_t user;
  gid_t group;
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_getpeereid(h->fd, &user, &group);
  if (rc < 0) return lsk_fail(L, "getpeereid(3)", -rc);
  lua_pushinteger(L, (lua_Integer)user);
  lua_pushinteger(L, (lua_Integer)group);
  return 2;
}

/// Whether the socket gives addresses without looking up the hosts' names. As a
// function of the class, without a socket, it tells what new sockets begin
// with.
// @function BasicSocket:do_not_reverse_lookup
// @treturn boolean
// @error nil, err, errno: IOError for a closed socket
static int do_not_reverse_lookup(lua_State *L) {
  const struct lsk_handle *h = lsk_test_handle(L, 1);
  if (h != NULL && h->fd < 0) return lsk_fail_closed(L);
  lua_pushboolean(L, h != NULL ? h->no_reverse_lookup
                               : lsk_get_state(L)->no_reverse_lookup);
  return 1;
}

/// Sets that. As a function of the class, without a socket, it sets it for the
// sockets to be made.
// @function BasicSocket:set_do_not_reverse_lookup
// @tparam boolean on
// @treturn boolean true
// @error nil, err, errno: IOError for a closed socket
static int set_do_not_reverse_lookup(lua_State *L) {
  struct lsk_handle *h = lsk_test_handle(L, 1);
  int arg = h != NULL || lua_istable(L, 1) ? 2 : 1;
  luaL_checkany(L, arg);
  if (h != NULL && h->fd < 0) return lsk_fail_closed(L);
  if (h != NULL)
    h->no_reverse_lookup = lua_toboolean(L, arg);
  else
    lsk_get_state(L)->no_reverse_lookup = lua_toboolean(L, arg);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"connect_address", connect_address},
    {"do_not_reverse_lookup", do_not_reverse_lookup},
    {"getpeereid", getpeereid_},
    {"getpeername", getpeername_},
    {"getsockname", getsockname_},
    {"local_address", local_address},
    {"peername", peername},
    {"remote_address", remote_address},
    {"set_do_not_reverse_lookup", set_do_not_reverse_lookup},
    {"sockname", sockname},
    {NULL, NULL},
};

void lsk_open_op_name(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}
