/*
** Taking connections off a listening socket.
*/

#include "op_accept.h"

#include "addrinfo.h"
#include "arg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "mailbox.h"
#include "settings.h"
#include "sys.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};
static const char *const exception_only[] = {"exception", NULL};

/* The class of the sockets that a server of some class accepts. */
static enum lsk_kind accepted_kind(const struct lsk_handle *server) {
  switch (server->kind) {
  case LSK_TCPSERVER:
    return LSK_TCPSOCKET;
  case LSK_UNIXSERVER:
    return LSK_UNIXSOCKET;
  default:
    return (enum lsk_kind)server->kind;
  }
}

/* Stack slots of an accept: the socket, keywords, then the one to be made. */
enum { ACCEPT_FIELDS = 2, ACCEPT_OWNER };

/* Gives the socket on top what is set for the server and meant for the sockets
   that it accepts, too. */
static void inherit(lua_State *L) {
  static const char *const names[] = {"debug", "iow", NULL};
  for (const char *const *name = names; *name != NULL; name++)
    if (lsk_push_setting(L, 1, *name) == LUA_TNIL)
      lua_pop(L, 1);
    else
      lsk_set_setting(L, -2, *name);
  (void)lsk_push_setting(L, -1, "iow");
  bool tells = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (tells) lsk_tell_wraps(L, -1, true);
}

/* Owner first: makes the socket that will own the fd, unless a wait came
   between and it stands there already. */
static struct lsk_handle *ready_owner(lua_State *L,
                                      const struct lsk_handle *server) {
  struct lsk_handle *owner = lsk_test_handle(L, ACCEPT_OWNER);
  if (owner != NULL) return owner;
  owner = lsk_new_handle(L, accepted_kind(server));
  if ((owner->slot != 0) != (server->slot != 0))
    lsk_set_registered(L, owner, server->slot != 0);
  if (server->has_settings) inherit(L);
  lua_replace(L, ACCEPT_OWNER);
  return owner;
}

/*
** Accepts into a new socket, which is left on top. Either `*failed` is 0 and
** `peer` set, or the results of the failure are on top.
*/
static struct lsk_handle *accept_one(lua_State *L, int status,
                                     lsk_deadline deadline, lua_KFunction k,
                                     struct lsk_sockaddr *peer, int *failed) {
  struct lsk_handle *server = lsk_self(L);
  struct lsk_handle *owner = ready_owner(L, server);
  *failed = lsk_call_result(L, server, status, ACCEPT_OWNER);
  if (*failed == 0)
    *failed = lsk_wait_turn(L, server, LSK_READABLE, status, deadline, k);
  while (*failed == 0) {
    if (server->fd < 0) {
      *failed = lsk_fail_closed(L);
      break;
    }
    lsk_wait_begin(server);
    int rc = lsk_set_nonblocking(server, true);
    int fd = rc < 0 ? rc : lsk_sys_accept(server->fd, peer);
    lsk_count_accept(server, fd);
    if (fd >= 0) {
      lsk_adopt_fd(owner, fd, server->domain, server->type, server->protocol);
      break;
    }
    *failed = lsk_should_wait(fd)
                  ? lsk_wait(L, server, LSK_READABLE, deadline, k)
                  : lsk_fail(L, "accept(2)", -fd);
  }
  return owner;
}

static void push_peer(lua_State *L, const struct lsk_handle *accepted,
                      const struct lsk_sockaddr *peer) {
  lsk_push_addrinfo(L, peer, lsk_sockaddr_family(peer), accepted->type, 0);
}

static int accept_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_sockaddr peer;
  int failed;
  const struct lsk_handle *accepted =
      accept_one(L, status, deadline, accept_k, &peer, &failed);
  if (failed) return failed;
  push_peer(L, accepted, &peer);
  return 2;
}

/* For the server classes: the socket alone. */
static int accept_alone_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_sockaddr peer;
  int failed;
  (void)accept_one(L, status, deadline, accept_alone_k, &peer, &failed);
  return failed ? failed : 1;
}

/* Gives the accepted fd away: it was owned while anything could raise. */
static int sysaccept_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_sockaddr peer;
  int failed;
  struct lsk_handle *accepted =
      accept_one(L, status, deadline, sysaccept_k, &peer, &failed);
  if (failed) return failed;
  lua_pushnil(L); /* the fd's place */
  push_peer(L, accepted, &peer);
  lua_pushinteger(L, lsk_release_fd(accepted));
  lua_replace(L, -3);
  return 2;
}

static lsk_deadline accept_deadline(lua_State *L) {
  struct lsk_handle *server = lsk_check_handle(L, 1);
  lsk_arg_fields(L, ACCEPT_FIELDS, ACCEPT_FIELDS, timeout_only);
  lua_settop(L, ACCEPT_OWNER);
  return lsk_handle_deadline(L, server, ACCEPT_FIELDS);
}

/// Takes the next connection, waiting for it. Answers to Ruby's
// `Socket#accept`.
// @function Socket:accept
// @tparam[opt] table opts `timeout` in seconds
// @treturn Socket the connection
// @treturn Addrinfo its peer
// @error nil, err, errno
static int accept_(lua_State *L) {
  return accept_k(L, LUA_OK, accept_deadline(L));
}

/*
** Accepts without waiting. An error of a connection that came and went is
** marked as a would-block, as in Ruby: the caller waits for the next one. With
** `exception = false` it is one.
*/
static int accept_now(lua_State *L, lua_KFunction k) {
  lsk_check_handle(L, 1);
  lsk_arg_fields(L, ACCEPT_FIELDS, ACCEPT_FIELDS, exception_only);
  bool raises = lsk_arg_bool(L, ACCEPT_FIELDS, "exception", true);
  lua_settop(L, ACCEPT_OWNER);
  int results = k(L, LUA_OK, LSK_NOW);
  lua_Integer err = results == 3 ? lua_tointeger(L, -1) : 0;
  if (err != ECONNABORTED && err != EPROTO) return results;
  if (!raises) return lsk_would_block(L, LSK_READABLE);
  lua_pushliteral(L, "readable");
  lua_setfield(L, -3, "wait");
  return results;
}

/// Takes the next connection if there is one. Answers to Ruby's
// `Socket#accept_nonblock`.
// @function Socket:accept_nonblock
// @tparam[opt] table opts `exception = false`: a connection that was given up
//   meanwhile counts as none
// @treturn Socket the connection
// @treturn Addrinfo its peer
// @error nil, `Socket.WAIT_READABLE` when there is none; nil, err, errno
static int accept_nonblock(lua_State *L) {
  return accept_now(L, accept_k);
}

/// Takes the next connection as a bare fd, which the caller owns. Answers to
// Ruby's `Socket#sysaccept`.
// @function Socket:sysaccept
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer the fd, close-on-exec
// @treturn Addrinfo its peer
// @error nil, err, errno
static int sysaccept(lua_State *L) {
  return sysaccept_k(L, LUA_OK, accept_deadline(L));
}

/// Takes the next connection, waiting for it. Answers to Ruby's
// `TCPServer#accept` and `UNIXServer#accept`.
// @function TCPServer:accept
// @tparam[opt] table opts `timeout` in seconds
// @treturn TCPSocket the connection
// @error nil, err, errno
static int accept_alone(lua_State *L) {
  return accept_alone_k(L, LUA_OK, accept_deadline(L));
}

/// Takes the next connection if there is one. Answers to Ruby's
// `TCPServer#accept_nonblock` and `UNIXServer#accept_nonblock`.
// @function TCPServer:accept_nonblock
// @tparam[opt] table opts `exception = false`: a connection that was given up
//   meanwhile counts as none
// @treturn TCPSocket the connection
// @error nil, `Socket.WAIT_READABLE` when there is none; nil, err, errno
static int accept_alone_nonblock(lua_State *L) {
  return accept_now(L, accept_alone_k);
}

/* Leaves out the peer's address. */
static int sysaccept_alone_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_sockaddr peer;
  int failed;
  struct lsk_handle *accepted =
      accept_one(L, status, deadline, sysaccept_alone_k, &peer, &failed);
  if (failed) return failed;
  lua_pushinteger(L, lsk_release_fd(accepted));
  return 1;
}

/// Takes the next connection as a bare fd, which the caller owns. Answers to
// Ruby's `TCPServer#sysaccept` and `UNIXServer#sysaccept`.
// @function TCPServer:sysaccept
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer the fd, close-on-exec
// @error nil, err, errno
static int sysaccept_alone(lua_State *L) {
  return sysaccept_alone_k(L, LUA_OK, accept_deadline(L));
}

static const luaL_Reg methods[] = {
    {"accept", accept_},
    {"accept_nonblock", accept_nonblock},
    {"sysaccept", sysaccept},
    {NULL, NULL},
};

void lsk_open_op_accept(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

static const luaL_Reg server_methods[] = {
    {"accept", accept_alone},
    {"accept_nonblock", accept_alone_nonblock},
    {"sysaccept", sysaccept_alone},
    {NULL, NULL},
};

void lsk_open_op_accept_alone(lua_State *L) {
  luaL_setfuncs(L, server_methods, 0);
}
