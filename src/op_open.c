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
#include "settings.h"
#include "sys.h"
#include "sys_netns.h"

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

/* Stack slots of the functions that take keywords. */
enum { SOCKET_FIELDS = 5, FROM_FIELDS = 3 };

static const char *const socket_keywords[] = {"debug", "netns", "use_registry",
                                              NULL};
static const char *const from_keywords[] = {
    "debug", "domain", "dup", "protocol", "type", "use_registry", NULL};

/* Leaves a new socket as the keywords at `at` want it. */
static struct lsk_handle *new_handle(lua_State *L, enum lsk_kind kind, int at) {
  struct lsk_handle *h = lsk_new_handle(L, kind);
  if (!lua_istable(L, at)) return h;
  lsk_set_registered(L, h, lsk_arg_bool(L, at, "use_registry", h->slot != 0));
  if (lsk_arg_bool(L, at, "debug", false)) {
    lua_pushboolean(L, 1);
    lsk_set_setting(L, -2, "debug");
  }
  return h;
}

/* Leaves the path of the namespace among the keywords: it, or NULL. */
static const char *push_namespace(lua_State *L, int at) {
  if (!lsk_arg_field(L, at, "netns")) return NULL;
  size_t length;
  const char *path = lua_tolstring(L, -1, &length);
  if (path == NULL || lua_type(L, -1) != LUA_TSTRING || strlen(path) != length)
    luaL_argerror(L, at, "netns must be a path");
  return path;
}

/*
** socket(class, domain, type[, protocol][, {debug=, netns=, use_registry=}]) ->
** socket | nil, err, errno
*/
static int open_socket(lua_State *L) {
  enum lsk_kind kind = check_kind(L, 1);
  int domain = lsk_check_family(L, 2);
  int type = lsk_check_socktype(L, 3);
  lsk_arg_fields(L, 4, SOCKET_FIELDS, socket_keywords);
  int protocol = lsk_opt_protocol_of(L, 4, domain);
  const char *path = push_namespace(L, SOCKET_FIELDS);

  struct lsk_handle *h = new_handle(L, kind, SOCKET_FIELDS);
  const char *call = "socket(2)";
  int fd = path == NULL
               ? lsk_sys_socket(domain, type, protocol)
               : lsk_sys_socket_in(path, domain, type, protocol, &call);
  if (fd < 0 && path != NULL) return lsk_fail_at(L, call, -fd, path);
  if (fd < 0) return lsk_fail(L, call, -fd);
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

/* Reads what the keywords at `at` tell of an fd; -1 where they do not. */
static void get_kind(lua_State *L, int at, int *domain, int *type,
                     int *protocol) {
  *domain = *type = *protocol = -1;
  if (lsk_arg_field(L, at, "domain")) *domain = lsk_family_at(L, -1, at);
  if (lsk_arg_field(L, at, "type")) *type = lsk_socktype_at(L, -1, at);
  if (lsk_arg_field(L, at, "protocol")) *protocol = lsk_protocol_at(L, -1, at);
}

/* Gives the socket the fd, or a copy: 0 | -errno. */
static int take_fd(struct lsk_handle *h, int fd, bool copies) {
  int domain, type, protocol;
  int rc = lsk_sys_identify(fd, &domain, &type, &protocol);
  int nonblocking = rc < 0 ? rc : lsk_sys_is_nonblocking(fd);
  if (nonblocking < 0) return nonblocking;
  int own = copies ? lsk_sys_dup(fd) : fd;
  if (own < 0) return own;
  lsk_adopt_fd(h, own, domain, type, protocol);
  h->nonblocking = nonblocking != 0;
  h->is_foreign = true;
  h->is_borrowed = !copies;
  return 0;
}

/*
** from_fd(class, fd[, {debug=, domain=, dup=, protocol=, type=,
**                      use_registry=}])
**   -> socket | nil, err, errno
** The fd stays the caller's: the socket has a copy or, with `dup = false`, uses
** the fd itself and leaves it open. What is told of it is believed.
*/
static int from_fd(lua_State *L) {
  enum lsk_kind kind = check_kind(L, 1);
  int fd = lsk_check_int(L, 2), domain, type, protocol;
  lsk_arg_fields(L, FROM_FIELDS, FROM_FIELDS, from_keywords);
  bool copies = lsk_arg_bool(L, FROM_FIELDS, "dup", true);
  get_kind(L, FROM_FIELDS, &domain, &type, &protocol);

  struct lsk_handle *h = new_handle(L, kind, FROM_FIELDS);
  struct lsk_extra *extra = copies ? lsk_get_extra(h) : NULL;
  if (copies && extra == NULL) return luaL_error(L, "not enough memory");
  int rc = take_fd(h, fd, copies);
  if (rc == -ENOTSOCK)
    return lsk_fail(L, "not a socket file descriptor", EBADF);
  if (rc < 0) return lsk_fail(L, copies ? "dup(2)" : "fstat(2)", -rc);
  if (copies) extra->origin = fd;
  if (domain >= 0) h->domain = (unsigned char)domain;
  if (type >= 0) h->type = (unsigned char)type;
  if (protocol >= 0) h->protocol = (unsigned short)protocol;
  return 1;
}

static const luaL_Reg functions[] = {
    {"socket", open_socket}, {"pair", open_pair}, {"for_fd", open_fd},
    {"from_fd", from_fd},    {NULL, NULL},
};

void lsk_open_op_open(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
