/*
** Answering a datagram, and telling its two ends.
*/

#include "op_source.h"

#include "addr.h"
#include "addrinfo.h"
#include "counters.h"
#include "error.h"
#include "pieces.h"
#include "sockaddr_text.h"
#include "source.h"
#include "sys.h"
#include "sys_datagram.h"
#include "sys_io.h"
#include "type.h"
#include "wait.h"

#include <lauxlib.h>

/* make(remote_address, local_address, fn) -> a source whose replies go to the
   function; all three are checked already. */
static int make(lua_State *L) {
  const struct lsk_ends nowhere = {.from = ""};
  lua_settop(L, 3);
  (void)lsk_new_source(L, &nowhere);
  lua_insert(L, 1);
  lua_setiuservalue(L, 1, LSK_SOURCE_OWNER);
  lua_setiuservalue(L, 1, LSK_SOURCE_LOCAL);
  lua_setiuservalue(L, 1, LSK_SOURCE_REMOTE);
  luaL_setmetatable(L, LSK_SOURCE);
  return 1;
}

/* Keeps the Addrinfo of an end, and leaves it. */
static void push_end(lua_State *L, int value, const struct lsk_sockaddr *addr,
                     int socktype) {
  lsk_push_addrinfo(L, addr, lsk_sockaddr_family(addr), socktype, 0);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, 1, value);
}

/* Leaves it; for the local end 0, or the results of a failure. */
static void push_remote(lua_State *L, const struct lsk_source *source) {
  struct lsk_sockaddr addr;
  if (lua_getiuservalue(L, 1, LSK_SOURCE_REMOTE) != LUA_TNIL) return;
  lsk_source_remote(source, &addr);
  push_end(L, LSK_SOURCE_REMOTE, &addr, SOCK_DGRAM);
}

static int push_local(lua_State *L, const struct lsk_source *source) {
  struct lsk_sockaddr here, addr;
  const struct lsk_handle *h = source->h;
  if (lua_getiuservalue(L, 1, LSK_SOURCE_LOCAL) != LUA_TNIL) return 0;
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_getsockname(h->fd, &here);
  if (rc < 0) return lsk_fail(L, "getsockname(2)", -rc);
  if (!lsk_source_local(source, &addr)) {
    push_end(L, LSK_SOURCE_LOCAL, &here, h->type);
    return 0;
  }
  in_port_t port = htons((in_port_t)lsk_sockaddr_port(&here));
  if (lsk_sockaddr_family(&addr) == AF_INET6)
    addr.to.in6.sin6_port = port;
  else
    addr.to.in.sin_port = port;
  push_end(L, LSK_SOURCE_LOCAL, &addr, SOCK_DGRAM);
  return 0;
}

/// The sender's address.
// @function UDPSource:remote_address
// @treturn Addrinfo
static int remote_address(lua_State *L) {
  push_remote(L, lsk_check_source(L, 1));
  return 1;
}

/// The address that the datagram arrived at.
// @function UDPSource:local_address
// @treturn Addrinfo
// @error nil, err, errno
static int local_address(lua_State *L) {
  int failed = push_local(L, lsk_check_source(L, 1));
  return failed ? failed : 1;
}

/* Puts the text of the Addrinfo on top in its place. */
static void make_text(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, -1), &addr);
  lsk_push_sockaddr_text(L, &addr);
  lua_remove(L, -2);
}

/// The source as a text, which `tostring` gives, too.
// @function UDPSource:inspect
// @treturn string `"#<Socket::UDPSource: 127.0.0.1:5 to 127.0.0.1:6>"`
static int inspect(lua_State *L) {
  const struct lsk_source *source = lsk_check_source(L, 1);
  push_remote(L, source);
  make_text(L);
  const char *remote = lua_tostring(L, -1);
  if (push_local(L, source) == 0)
    make_text(L);
  else
    lua_pushliteral(L, "closed");
  lua_pushfstring(L, "#<Socket::UDPSource: %s to %s>", remote,
                  lua_tostring(L, -1));
  return 1;
}

/* Stack slots of reply. */
enum { SOURCE = 1, DATA };

static ssize_t send_once(lua_State *L, const struct lsk_source *source,
                         int flags) {
  struct lsk_sockaddr to, from;
  size_t size;
  const char *data = lua_tolstring(L, DATA, &size);
  lsk_source_remote(source, &to);
  ssize_t rc =
      lsk_source_local(source, &from)
          ? lsk_sys_send_from(source->h->fd, data, size, flags, &to, &from)
          : lsk_sys_sendto(source->h->fd, data, size, flags, &to);
  lsk_count_sent(source->h, rc);
  return rc;
}

static int reply_k(lua_State *L, int status, lua_KContext deadline) {
  const struct lsk_source *source = lua_touserdata(L, SOURCE);
  struct lsk_handle *h = source->h;
  int failed = lsk_wait_result(L, status, DATA);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, reply_k);
  while (failed == 0) {
    if (h->fd < 0) return lsk_fail_closed(L);
    ssize_t rc = send_once(L, source, lsk_wait_flag(h, deadline));
    if (rc >= 0) {
      lua_pushinteger(L, rc);
      return 1;
    }
    failed =
        lsk_should_wait(rc)
            ? lsk_wait_to_send(L, h, true, deadline, reply_k)
            : lsk_fail(L, source->local_length > 0 ? "sendmsg(2)" : "sendto(2)",
                       (int)-rc);
  }
  return failed;
}

/* The function has answered. */
static int answered_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  return lua_gettop(L);
}

static int reply_by_function(lua_State *L) {
  lua_settop(L, DATA);
  (void)lua_getiuservalue(L, SOURCE, LSK_SOURCE_OWNER);
  lua_replace(L, SOURCE);
  lua_callk(L, 1, LUA_MULTRET, 0, answered_k);
  return answered_k(L, LUA_OK, 0);
}

/* Makes one string of an array. */
static void join(lua_State *L) {
  struct lsk_pieces pieces;
  (void)lsk_settle_pieces(L, DATA, &pieces);
  lsk_join_pieces(L, DATA);
}

/// Sends a datagram back, from the address that the other one arrived at. A
// server loop that has several datagrams at hand sends their answers together,
// when it has passed them all or the function waits. If the system refuses one
// of them, that one is lost, and the answers to the next datagrams are sent one
// by one, so that this function tells what is the matter.
// @function UDPSource:reply
// @tparam string|{string,...} message
// @treturn integer its size in bytes
// @error nil, err, errno
static int reply(lua_State *L) {
  const struct lsk_source *source = lsk_check_source(L, SOURCE);
  if (source->h == NULL) return reply_by_function(L);
  if (lua_istable(L, DATA)) join(L);
  size_t size;
  const char *data = luaL_checklstring(L, DATA, &size);
  if (source->batch != NULL &&
      lsk_gather_answer(source->batch, source->ticket, data, size)) {
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
  }
  lua_settop(L, DATA);
  return reply_k(L, LUA_OK, lsk_timeout_deadline(source->h->timeout));
}

/* address(value) -> the Addrinfo of a datagram's end */
static int address(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, 1, &addr);
  lsk_push_addrinfo(L, &addr, lsk_sockaddr_family(&addr), SOCK_DGRAM, 0);
  return 1;
}

static const luaL_Reg methods[] = {
    {"inspect", inspect},
    {"local_address", local_address},
    {"remote_address", remote_address},
    {"reply", reply},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"address", address},
    {"make", make},
    {NULL, NULL},
};

void lsk_open_op_source_ends(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}

static const luaL_Reg metamethods[] = {
    {"__tostring", inspect},
    {NULL, NULL},
};

void lsk_open_op_source(lua_State *L) {
  lsk_open_type(L, LSK_SOURCE, methods, metamethods);
}
