/*
** The addresses of a socket's two ends, as Ruby's lists.
*/

#include "op_addr.h"

#include "addr_list.h"
#include "addrinfo.h"
#include "arg.h"
#include "error.h"
#include "handle.h"
#include "lookup.h"
#include "sys.h"
#include "wait.h"

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/* One end of a socket. */
struct end {
  const char *syscall;
  int (*ask)(int fd, struct lsk_sockaddr *addr);
};

static const struct end local = {"getsockname(2)", lsk_sys_getsockname};
static const struct end remote = {"getpeername(2)", lsk_sys_getpeername};

/* Stack slots: the arguments, then the end's Addrinfo and its name. */
enum { ADDR_REVERSE = 2, ADDR_FIELDS, ADDR_END, ADDR_LOOKUP };

/* An address that nobody knows the name of stands for itself. */
static int name_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, ADDR_LOOKUP);
  if (failed == 0) failed = lsk_lookup(L, ADDR_LOOKUP, deadline, name_k);
  const struct lsk_answer *answer = lsk_lookup_answer(L, ADDR_LOOKUP);
  if (answer == NULL) return failed;
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, ADDR_END), &addr);
  lsk_push_ip_list(L, &addr, answer->code == 0 ? answer->host : NULL);
  return 1;
}

static int ip_end(lua_State *L, const struct end *end) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, ADDR_REVERSE, ADDR_FIELDS, timeout_only);
  bool reverse = lsk_opt_reverse(L, ADDR_REVERSE, !h->no_reverse_lookup);
  lsk_deadline deadline = lsk_arg_deadline(L, ADDR_FIELDS, h->timeout);
  if (h->fd < 0) return lsk_fail_closed(L);
  struct lsk_sockaddr addr;
  int rc = end->ask(h->fd, &addr);
  if (rc < 0) return lsk_fail(L, end->syscall, -rc);
  if (!reverse) {
    lsk_push_ip_list(L, &addr, NULL);
    return 1;
  }
  lsk_push_addrinfo(L, &addr, 0, 0, 0);
  lsk_new_name_lookup(L, &addr, NI_NUMERICSERV);
  return name_k(L, LUA_OK, deadline);
}

/// The address of this end as a list: name of the family, port, host name,
// address. The host name is the address again unless names are to be looked up:
// because the argument is true (or `"hostname"`), or by the socket's choice
// when it is nil. Answers to Ruby's `IPSocket#addr`.
// @function IPSocket:addr
// @tparam[opt] boolean reverse_lookup
// @tparam[opt] table opts `timeout` in seconds
// @treturn table `{"AF_INET", 80, "localhost", "127.0.0.1"}`
// @error nil, err, errno
static int ip_addr(lua_State *L) {
  return ip_end(L, &local);
}

/// The address of the other end as such a list. Answers to Ruby's
// `IPSocket#peeraddr`.
// @function IPSocket:peeraddr
// @tparam[opt] boolean reverse_lookup
// @tparam[opt] table opts `timeout` in seconds
// @treturn table
// @error nil, err, errno: ENOTCONN without another end
static int ip_peeraddr(lua_State *L) {
  return ip_end(L, &remote);
}

/* The failure names this end's path, if it has one, as Ruby's does. */
static int fail_unix(lua_State *L, int fd, const struct end *end, int err) {
  struct lsk_sockaddr addr;
  size_t length = 0;
  const char *path = NULL;
  if (lsk_sys_getsockname(fd, &addr) == 0)
    path = lsk_sockaddr_path(&addr, &length);
  if (path == NULL || length == 0) return lsk_fail(L, end->syscall, err);
  return lsk_fail_at(L, end->syscall, err, lua_pushlstring(L, path, length));
}

static int unix_end(lua_State *L, const struct end *end) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  struct lsk_sockaddr addr;
  int rc = end->ask(h->fd, &addr);
  if (rc < 0) return fail_unix(L, h->fd, end, -rc);
  lsk_push_unix_list(L, &addr);
  return 1;
}

/// The address of this end as a list: `"AF_UNIX"`, and the path, which is empty
// for an end without one. Answers to Ruby's `UNIXSocket#addr`.
// @function UNIXSocket:addr
// @treturn table `{"AF_UNIX", "/tmp/s"}`
// @error nil, err, errno
static int unix_addr(lua_State *L) {
  return unix_end(L, &local);
}

/// The address of the other end as such a list. Answers to Ruby's
// `UNIXSocket#peeraddr`.
// @function UNIXSocket:peeraddr
// @treturn table
// @error nil, err, errno: ENOTCONN without another end
static int unix_peeraddr(lua_State *L) {
  return unix_end(L, &remote);
}

static const luaL_Reg ip_methods[] = {
    {"addr", ip_addr},
    {"peeraddr", ip_peeraddr},
    {NULL, NULL},
};

static const luaL_Reg unix_methods[] = {
    {"addr", unix_addr},
    {"peeraddr", unix_peeraddr},
    {NULL, NULL},
};

void lsk_open_op_addr_ip(lua_State *L) {
  luaL_setfuncs(L, ip_methods, 0);
}

void lsk_open_op_addr_unix(lua_State *L) {
  luaL_setfuncs(L, unix_methods, 0);
}
