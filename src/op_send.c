/*
** Sending without a buffer.
*/

#include "op_send.h"

#include "addr.h"
#include "arg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "lookup.h"
#include "names.h"
#include "pieces.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/* Stack slots: the arguments. While it waits, how many bytes a stream has taken
   stands in place of the keywords. */
enum { SEND_DATA = 2, SEND_FLAGS, SEND_ADDRESS, SEND_FIELDS, SEND_DONE = 5 };

static const char *const timeout_only[] = {"timeout", NULL};

/* What is sent, and how far that got. */
struct sending {
  struct lsk_handle *h;
  const char *data; /* NULL: it is an array still */
  size_t size;
  size_t done;
  int flags;
  bool to_address;
  struct lsk_sockaddr address;
};

/* Reads the arguments, and gives the deadline. The usual call has data alone,
   and is spared the look at the rest. */
static lsk_deadline check_arguments(lua_State *L, struct sending *sending) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  sending->h = h;
  sending->data = lua_tolstring(L, SEND_DATA, &sending->size);
  if (sending->data == NULL) luaL_checkany(L, SEND_DATA);
  sending->done = 0;
  sending->flags = 0;
  sending->to_address = false;
  if (lua_gettop(L) == SEND_DATA) return lsk_timeout_deadline(h->timeout);
  lsk_arg_fields(L, SEND_FLAGS, SEND_FIELDS, timeout_only);
  sending->flags = lsk_opt_flags(L, SEND_FLAGS, "MSG_");
  sending->to_address = !lua_isnil(L, SEND_ADDRESS);
  if (sending->to_address)
    lsk_check_sockaddr(L, SEND_ADDRESS, &sending->address);
  if (sending->flags & MSG_DONTWAIT) return LSK_NOW;
  return lsk_handle_deadline(L, h, SEND_FIELDS);
}

/* What a wait must not lose goes to the stack, and comes back from there. */
static void save(lua_State *L, const struct sending *sending) {
  lua_settop(L, SEND_DONE);
  lua_pushinteger(L, sending->flags);
  lua_replace(L, SEND_FLAGS);
  lua_pushinteger(L, (lua_Integer)sending->done);
  lua_replace(L, SEND_DONE);
}

static void restore(lua_State *L, struct sending *sending) {
  sending->h = lsk_self(L);
  sending->data = lua_tolstring(L, SEND_DATA, &sending->size);
  sending->flags = (int)lua_tointeger(L, SEND_FLAGS);
  sending->done = (size_t)lua_tointeger(L, SEND_DONE);
  sending->to_address = !lua_isnil(L, SEND_ADDRESS);
  if (sending->to_address)
    lsk_check_sockaddr(L, SEND_ADDRESS, &sending->address);
}

/* Waits until more can be sent. */
static int wait_to_send(lua_State *L, const struct sending *sending,
                        lsk_deadline deadline, lua_KFunction k) {
  save(L, sending);
  return lsk_wait_to_send(L, sending->h, sending->to_address, deadline, k);
}

static ssize_t send_once(const struct sending *s, int flags) {
  const char *data = s->data + s->done;
  size_t size = s->size - s->done;
  if (s->to_address)
    return lsk_sys_sendto(s->h->fd, data, size, flags, &s->address);
  return lsk_sys_send(s->h->fd, data, size, flags);
}

/* Joins the array to a string: what one call does not take is sent as one. */
static void join(lua_State *L, struct sending *s) {
  lsk_join_pieces(L, SEND_DATA);
  s->data = lua_tolstring(L, SEND_DATA, &s->size);
}

/* Sends an array with one gathering call. */
static ssize_t send_array(lua_State *L, struct sending *s, int flags) {
  struct lsk_pieces pieces;
  if (!lsk_settle_pieces(L, SEND_DATA, &pieces)) {
    join(L, s);
    return send_once(s, flags);
  }
  s->size = pieces.total;
  ssize_t rc = lsk_sys_sendv(s->h->fd, pieces.at, pieces.count, flags,
                             s->to_address ? &s->address : NULL);
  bool is_done = rc == (ssize_t)s->size;
  if (!is_done) join(L, s);
  return rc;
}

/* Sends all (0), or what there is room for (-EAGAIN), or gives another -errno.
   A signal makes a blocking send short, too, so that one waits after it. */
static int send_on(lua_State *L, struct sending *s, lsk_deadline deadline) {
  ssize_t rc = -EAGAIN;
  if (lsk_may_try(s->h, LSK_WRITABLE)) {
    int flags = s->flags | lsk_wait_flag(s->h, deadline);
    rc = s->data != NULL ? send_once(s, flags) : send_array(L, s, flags);
  }
  lsk_count_sent(s->h, rc);
  if (rc < 0) return lsk_should_wait(rc) ? -EAGAIN : (int)rc;
  s->done += (size_t)rc;
  if (s->done < s->size) lsk_note_short(s->h, LSK_WRITABLE);
  if (s->done == s->size || !lsk_is_stream(s->h)) return 0;
  if (deadline != LSK_NOW) lsk_count_sent(s->h, -EAGAIN); /* it waits now */
  return -EAGAIN;
}

/* A failure after some bytes went out: the error tells what was sent. */
static int fail_midway(lua_State *L, int results,
                       const struct sending *sending) {
  if (sending->done == 0) return results;
  lua_pushlstring(L, sending->data + sending->done,
                  sending->size - sending->done);
  return lsk_fail_written(L, sending->done);
}

/* Sends, waiting as long as it may, and leaves the results. */
static int send_until(lua_State *L, struct sending *sending, int failed,
                      lsk_deadline deadline, lua_KFunction k) {
  while (failed == 0) {
    int rc = sending->h->fd < 0 ? -EBADF : send_on(L, sending, deadline);
    bool is_short = rc == -EAGAIN && deadline == LSK_NOW && sending->done > 0;
    if (rc == 0 || is_short) {
      lua_pushinteger(L, (lua_Integer)sending->done);
      return 1;
    }
    if (rc == -EAGAIN)
      failed = wait_to_send(L, sending, deadline, k);
    else if (sending->h->fd < 0)
      failed = lsk_fail_closed(L);
    else
      failed = lsk_fail(L, sending->to_address ? "sendto(2)" : "send(2)", -rc);
  }
  return fail_midway(L, failed, sending);
}

static int send_k(lua_State *L, int status, lua_KContext deadline) {
  struct sending sending;
  restore(L, &sending);
  int failed = lsk_call_result(L, sending.h, status, SEND_DONE);
  if (failed == 0)
    failed =
        lsk_wait_turn(L, sending.h, LSK_WRITABLE, status, deadline, send_k);
  return send_until(L, &sending, failed, deadline, send_k);
}

/// Sends bytes, all of them on a stream, or one message, waiting for room.
// Answers to Ruby's `BasicSocket#send`.
// @function BasicSocket:send
// @tparam string|{string,...} data the bytes; arrays may hold arrays
// @tparam[opt] flags flags `"OOB"`, `"DONTWAIT"` (may send less), ...
// @param[opt] address the destination
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were sent
// @error nil, err, errno; `err.written` and `err.rest` where some were sent
static int send_(lua_State *L) {
  struct sending sending;
  lsk_deadline deadline = check_arguments(L, &sending);
  if (lsk_may_begin(sending.h, LSK_WRITABLE))
    return send_until(L, &sending, 0, deadline, send_k);
  struct lsk_pieces pieces;
  if (sending.data == NULL) (void)lsk_settle_pieces(L, SEND_DATA, &pieces);
  if (sending.data == NULL) join(L, &sending);
  save(L, &sending);
  return send_k(L, LUA_OK, deadline);
}

/* Stack slots of a send to a host and a port; the address is a look-up's. */
enum { HOST_NAME = 4, HOST_PORT, HOST_FIELDS, HOST_LOOKUP };

/* Ruby's text names the host and the port as they were given. */
static int fail_host(lua_State *L, int err) {
  const char *host =
      lua_isnil(L, HOST_NAME) ? NULL : lua_tostring(L, HOST_NAME);
  const char *port = luaL_tolstring(L, HOST_PORT, NULL);
  const char *text = host == NULL
                         ? lua_pushfstring(L, "nil port %s", port)
                         : lua_pushfstring(L, "\"%s\" port %s", host, port);
  return lsk_fail_at(L, "sendto(2)", err, text);
}

/* Sends to the host's first address that takes it: the count | -errno. */
static ssize_t send_to_each(struct sending *sending, int flags,
                            const struct addrinfo *list) {
  ssize_t rc = -EDESTADDRREQ;
  for (; list != NULL && rc < 0; list = list->ai_next) {
    if (!lsk_sockaddr_set(&sending->address, list->ai_addr, list->ai_addrlen))
      continue;
    rc = send_once(sending, flags);
    lsk_count_sent(sending->h, rc);
    if (lsk_should_wait(rc)) return rc;
  }
  return rc;
}

static int send_to_host_k(lua_State *L, int status, lua_KContext deadline) {
  struct sending sending = {.h = lsk_self(L), .to_address = true};
  struct lsk_handle *h = sending.h;
  sending.data = lua_tolstring(L, SEND_DATA, &sending.size);
  sending.flags = (int)lua_tointeger(L, SEND_FLAGS);
  int failed = lsk_wait_result(L, status, HOST_LOOKUP);
  if (failed == 0)
    failed =
        lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, send_to_host_k);
  while (failed == 0) {
    failed = lsk_lookup(L, HOST_LOOKUP, deadline, send_to_host_k);
    if (failed) return failed;
    if (h->fd < 0) return lsk_fail_closed(L);
    int flags = sending.flags | lsk_wait_flag(h, deadline);
    const struct addrinfo *list = lsk_lookup_answer(L, HOST_LOOKUP)->list;
    ssize_t rc = send_to_each(&sending, flags, list);
    if (rc >= 0) {
      lua_pushinteger(L, (lua_Integer)rc);
      return 1;
    }
    if (!lsk_should_wait(rc)) return fail_host(L, (int)-rc);
    failed = lsk_wait(L, h, LSK_WRITABLE, deadline, send_to_host_k);
  }
  return failed;
}

/* Makes one string of the data: each of the host's addresses may get it. */
static void settle_data(lua_State *L) {
  struct lsk_pieces pieces;
  luaL_checkany(L, SEND_DATA);
  if (lua_tostring(L, SEND_DATA) != NULL) return;
  (void)lsk_settle_pieces(L, SEND_DATA, &pieces);
  lsk_join_pieces(L, SEND_DATA);
}

static int send_to_host(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  settle_data(L);
  lsk_arg_fields(L, HOST_FIELDS, HOST_FIELDS, timeout_only);
  int flags = lsk_settle_flags(L, SEND_FLAGS, "MSG_");
  lsk_deadline deadline =
      flags & MSG_DONTWAIT ? LSK_NOW : lsk_handle_deadline(L, h, HOST_FIELDS);
  const struct addrinfo hints = {.ai_family = h->domain,
                                 .ai_socktype = SOCK_DGRAM};
  lua_settop(L, HOST_FIELDS);
  lsk_new_lookup(L, HOST_NAME, HOST_PORT, &hints);
  if (h->fd < 0) return lsk_fail_closed(L);
  return send_to_host_k(L, LUA_OK, deadline);
}

/// Sends a datagram: to a host and a port, to an address, or to the peer.
// Answers to Ruby's `UDPSocket#send`.
// @function UDPSocket:send
// @tparam string|{string,...} data the bytes; arrays may hold arrays
// @tparam[opt] flags flags
// @param[opt] host a host, followed by a port, or an address
// @tparam[opt] integer|string port
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were sent
// @error nil, err, errno
static int udp_send(lua_State *L) {
  return lua_isstring(L, HOST_PORT) ? send_to_host(L) : send_(L);
}

static const luaL_Reg methods[] = {
    {"send", send_},
    {NULL, NULL},
};

void lsk_open_op_send(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

void lsk_open_op_send_udp(lua_State *L) {
  lua_pushcfunction(L, udp_send);
  lua_setfield(L, -2, "send");
}
