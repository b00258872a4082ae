/*
** Making sockets: new ones, pairs, and objects for fds from elsewhere. The
** first argument is the name of the class to make; the classes' constructors
** stand above this.
*/

#include "op_open.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

#include <lauxlib.h>

static enum lsk_kind check_kind(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  for (int kind = 0; kind < LSK_KINDS; kind++)
    if (strcmp(name, lsk_kind_name(kind)) == 0) return (enum lsk_kind)kind;
  luaL_argerror(L, arg, lua_pushfstring(L, "unknown class '%s'", name));
  return LSK_SOCKET;
}

/* socket(class, domain, type[, protocol]) -> socket | nil, err, errno */
static int open_socket(lua_State *L) {
  enum lsk_kind kind = check_kind(L, 1);
  int domain = lsk_check_family(L, 2);
  int type = lsk_check_socktype(L, 3);
  int protocol = lsk_opt_protocol_of(L, 4, domain);

  struct lsk_handle *h = lsk_new_handle(L, kind);
  int fd = lsk_sys_socket(domain, type, protocol);
  if (fd < 0) return lsk_fail(L, "socket(2)", -fd);
  lsk_adopt_fd(h, fd, domain, type, protocol);
  return 1;
}

/* pair(class, domain, type[, protocol]) -> socket, socket | nil, err, errno */
static int open_pair(lua_State *L) {
  enum lsk_kind kind = check_kind(L, 1);
  int domain = lsk_check_family(L, 2);
  int type = lsk_check_socktype(L, 3);
  int protocol = lsk_opt_protocol_of(L, 4, domain);

  struct lsk_handle *first = lsk_new_handle(L, kind);
  struct lsk_handle *second = lsk_new_handle(L, kind);
  int fds[2];
  int rc = lsk_sys_socketpair(domain, type, protocol, fds);
  if (rc < 0) return lsk_fail(L, "socketpair(2)", -rc);
  lsk_adopt_fd(first, fds[0], domain, type, protocol);
  lsk_adopt_fd(second, fds[1], domain, type, protocol);
  return 2;
}

/*
** for_fd(class, fd) -> socket | nil, err, errno
** The object owns the fd from then on; one that is no socket stays the
** caller's.
*/
static int open_fd(lua_State *L) {
  enum lsk_kind kind = check_kind(L, 1);
  int fd = lsk_check_int(L, 2);

  struct lsk_handle *h = lsk_new_handle(L, kind);
  int domain, type, protocol;
  int rc = lsk_sys_identify(fd, &domain, &type, &protocol);
  int nonblocking = rc < 0 ? rc : lsk_sys_is_nonblocking(fd);
  if (nonblocking == -ENOTSOCK)
    return lsk_fail(L, "not a socket file descriptor", EBADF); /* as Ruby */
  if (nonblocking < 0) return lsk_fail(L, "fstat(2)", -nonblocking);
  lsk_adopt_fd(h, fd, domain, type, protocol);
  h->nonblocking = nonblocking != 0;
  h->is_foreign = true;
  return 1;
}

static const luaL_Reg functions[] = {
    {"socket", open_socket},
    {"pair", open_pair},
    {"for_fd", open_fd},
    {NULL, NULL},
};

void lsk_open_op_open(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
