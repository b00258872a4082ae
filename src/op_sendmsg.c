/*
** Sending messages with control data: sendmsg.
*/

#include "op_sendmsg.h"

#include "addr.h"
#include "ancdata.h"
#include "arg.h"
#include "cmsg.h"
#include "cmsg_table.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "msghdr.h"
#include "names.h"
#include "pieces.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/*
** Stack slots: the arguments, of which those from CONTROL on are the control
** messages. While it waits, the data is a flat array, the control buffer stands
** in place of the messages, and how far the sending has come after it.
*/
enum { DATA = 2, FLAGS, ADDRESS, CONTROL, NEXT, OFFSET, DONE };

static const char *const timeout_only[] = {"timeout", NULL};
static const char *const exception_only[] = {"exception", NULL};

/* What is sent, and how far that got. */
struct sending {
  struct lsk_handle *h;
  int flags;
  bool to_address;
  struct lsk_sockaddr address;
  void *control;
  size_t control_size;
  struct lsk_progress progress;
  struct lsk_pieces pieces; /* of what is left */
};

static struct lsk_cmsg control_at(lua_State *L, int arg) {
  const struct lsk_ancdata *ancdata = lsk_test_ancdata(L, arg);
  return (struct lsk_cmsg){.level = ancdata->level,
                           .type = ancdata->type,
                           .data = ancdata->data,
                           .length = ancdata->length};
}

/* Makes an AncillaryData of each control message, and gives the bytes that they
   take; those left out go. */
static size_t settle_controls(lua_State *L, int family) {
  size_t size = 0;
  for (int arg = CONTROL; arg <= lua_gettop(L);) {
    if (lua_isnil(L, arg)) {
      lua_remove(L, arg);
      continue;
    }
    lsk_push_ancdata_at(L, arg, arg, family);
    lua_replace(L, arg);
    size += lsk_cmsg_space(control_at(L, arg).length);
    arg++;
  }
  return size;
}

/* Writes the control messages into the buffer on top, which from then on holds
   the objects that they pass. */
static void fill_control(lua_State *L, char *control, int last) {
  size_t at = 0;
  lua_createtable(L, last - CONTROL + 1, 0);
  for (int arg = CONTROL; arg <= last; arg++) {
    struct lsk_cmsg message = control_at(L, arg);
    at = lsk_cmsg_put(control, at, &message);
    lua_pushvalue(L, arg);
    lua_rawseti(L, -2, arg - CONTROL + 1);
  }
  lua_setiuservalue(L, -2, 1);
}

/* Puts the buffer of the control messages in their place. */
static void make_control(lua_State *L, struct sending *sending) {
  sending->control = NULL;
  sending->control_size = settle_controls(L, sending->h->domain);
  int last = lua_gettop(L);
  if (sending->control_size == 0) {
    lua_settop(L, CONTROL - 1);
    lua_pushnil(L);
    return;
  }
  luaL_checkstack(L, LUA_MINSTACK, "too many control messages");
  sending->control = lua_newuserdatauv(L, sending->control_size, 1);
  fill_control(L, sending->control, last);
  lua_replace(L, CONTROL);
  lua_settop(L, CONTROL);
}

/* Makes arguments of a message that is a table: gives its flags. */
static int split_message(lua_State *L, int family) {
  for (int arg = ADDRESS; arg <= lua_gettop(L); arg++)
    luaL_argcheck(L, lua_isnil(L, arg), arg,
                  "a message has its own address and control messages");
  int flags = lsk_split_msghdr(L, DATA, family);
  lua_pushnil(L);
  lua_insert(L, FLAGS);
  return flags;
}

/* Reads the arguments, and gives the deadline. */
static lsk_deadline check_arguments(lua_State *L, struct sending *sending,
                                    const char *const *keywords) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  sending->h = h;
  int fields = lsk_arg_rest(L, FLAGS, keywords);
  lsk_deadline deadline = lsk_handle_deadline(L, h, fields);
  lua_settop(L, fields - 1);
  if (fields <= ADDRESS) lua_settop(L, ADDRESS);
  sending->flags = lsk_opt_flags(L, FLAGS, "MSG_");
  if (lsk_is_msghdr(L, DATA)) sending->flags |= split_message(L, h->domain);
  lsk_check_pieces(L, DATA, DATA, LSK_DATA);
  sending->to_address = !lua_isnil(L, ADDRESS);
  if (sending->to_address) lsk_check_sockaddr(L, ADDRESS, &sending->address);
  make_control(L, sending);
  sending->progress = (struct lsk_progress){.next = 1};
  return sending->flags & MSG_DONTWAIT ? LSK_NOW : deadline;
}

/* What a wait must not lose goes to the stack, and comes back from there. */
static void save(lua_State *L, const struct sending *sending) {
  const struct lsk_progress *progress = &sending->progress;
  lua_pushinteger(L, sending->flags);
  lua_replace(L, FLAGS);
  lua_settop(L, CONTROL);
  lua_pushinteger(L, (lua_Integer)progress->next);
  lua_pushinteger(L, (lua_Integer)progress->offset);
  lua_pushinteger(L, (lua_Integer)progress->done);
}

static void restore(lua_State *L, struct sending *sending) {
  sending->h = lsk_self(L);
  sending->flags = (int)lua_tointeger(L, FLAGS);
  sending->to_address = !lua_isnil(L, ADDRESS);
  if (sending->to_address) lsk_check_sockaddr(L, ADDRESS, &sending->address);
  sending->control = lua_touserdata(L, CONTROL);
  sending->control_size = lua_rawlen(L, CONTROL);
  sending->progress =
      (struct lsk_progress){.next = (size_t)lua_tointeger(L, NEXT),
                            .offset = (size_t)lua_tointeger(L, OFFSET),
                            .done = (size_t)lua_tointeger(L, DONE)};
}

/* Collects the data where it lies, as far as one system call takes it; a
   datagram is joined where it has more pieces. Whether that is all. */
static bool collect(lua_State *L, struct sending *sending) {
  if (lsk_settle_pieces(L, DATA, &sending->pieces)) return true;
  if (lsk_is_stream(sending->h)) return false;
  lsk_join_pieces(L, DATA);
  return lsk_get_pieces(L, DATA, DATA, LSK_DATA, &sending->pieces);
}

/* Sends the pieces once, the control data with the first of them. */
static ssize_t send_once(struct sending *s, lsk_deadline deadline) {
  struct msghdr message = {.msg_iov = s->pieces.at,
                           .msg_iovlen = s->pieces.count};
  if (s->to_address) {
    message.msg_name = &s->address.to;
    message.msg_namelen = s->address.length;
  }
  if (s->progress.done == 0 && s->control != NULL) {
    message.msg_control = s->control;
    message.msg_controllen = s->control_size;
  }
  ssize_t rc = lsk_sys_sendmsg(s->h->fd, &message,
                               s->flags | lsk_wait_flag(s->h, deadline));
  lsk_count_sent(s->h, rc);
  return rc;
}

static int push_done(lua_State *L, const struct sending *sending) {
  lua_pushinteger(L, (lua_Integer)sending->progress.done);
  return 1;
}

/* A failure after some bytes went out: the error tells what was sent. */
static int fail_midway(lua_State *L, int results,
                       const struct sending *sending) {
  if (sending->progress.done == 0) return results;
  lsk_push_rest(L, DATA, &sending->progress);
  return lsk_fail_written(L, sending->progress.done);
}

/* Sends what is left of the flat array, as far as one call takes it: 0 when
   that was the last, 1 when there is more | -errno. */
static int send_next(lua_State *L, struct sending *s, lsk_deadline deadline) {
  s->pieces.count = s->pieces.total = 0;
  lsk_add_rest(L, DATA, &s->progress, &s->pieces);
  if (s->pieces.count == 0 && s->progress.done > 0) return 0;
  ssize_t rc = send_once(s, deadline);
  if (rc < 0) return (int)rc;
  lsk_note_sent(L, DATA, &s->progress, (size_t)rc);
  return rc > 0 && lsk_is_stream(s->h);
}

/* Waits until more can be sent: 0, or the results of the failure. */
static int wait_to_send(lua_State *L, const struct sending *s,
                        lsk_deadline deadline, lua_KFunction k) {
  save(L, s);
  return lsk_wait_to_send(L, s->h, s->to_address, deadline, k);
}

/* Sends what is left of the flat array, waiting as long as it may, and leaves
   the results. */
static int send_rest(lua_State *L, struct sending *s, int failed,
                     lsk_deadline deadline, lua_KFunction k) {
  while (failed == 0) {
    if (s->h->fd < 0) return fail_midway(L, lsk_fail_closed(L), s);
    int rc = send_next(L, s, deadline);
    bool would_wait = lsk_should_wait(rc);
    bool is_short = would_wait && deadline == LSK_NOW && s->progress.done > 0;
    if (rc == 0 || is_short) return push_done(L, s);
    if (rc > 0)
      failed = lsk_wait_check(L, s->h);
    else if (would_wait)
      failed = wait_to_send(L, s, deadline, k);
    else
      failed = lsk_fail(L, "sendmsg(2)", -rc);
  }
  return fail_midway(L, failed, s);
}

static int sendmsg_k(lua_State *L, int status, lua_KContext deadline) {
  struct sending sending;
  restore(L, &sending);
  int failed = lsk_wait_result(L, status, DONE);
  if (failed == 0)
    failed =
        lsk_wait_turn(L, sending.h, LSK_WRITABLE, status, deadline, sendmsg_k);
  return send_rest(L, &sending, failed, deadline, sendmsg_k);
}

/* Makes a flat array of the data, and sends that when its turn has come. */
static int send_in_turn(lua_State *L, const struct sending *s,
                        lsk_deadline deadline) {
  lsk_push_pieces(L, DATA, DATA, LSK_DATA);
  lua_replace(L, DATA);
  save(L, s);
  return sendmsg_k(L, LUA_OK, deadline);
}

/* Sends the data where it lies; makes a flat array for what that leaves. */
static int send_all(lua_State *L, struct sending *s, lsk_deadline deadline) {
  if (s->h->fd < 0) return lsk_fail_closed(L);
  bool is_whole = collect(L, s);
  if (!lsk_may_begin(s->h, LSK_WRITABLE)) return send_in_turn(L, s, deadline);
  ssize_t rc = send_once(s, deadline);
  bool is_all = is_whole && rc == (ssize_t)s->pieces.total;
  if (is_all || (rc >= 0 && !lsk_is_stream(s->h))) {
    lua_pushinteger(L, rc);
    return 1;
  }
  if (rc < 0 && !lsk_should_wait(rc))
    return lsk_fail(L, "sendmsg(2)", (int)-rc);
  lsk_push_pieces(L, DATA, DATA, LSK_DATA);
  lua_replace(L, DATA);
  int failed = 0;
  if (rc > 0) {
    lsk_note_sent(L, DATA, &s->progress, (size_t)rc);
    failed = lsk_wait_check(L, s->h);
  }
  return send_rest(L, s, failed, deadline, sendmsg_k);
}

/// Sends data with control messages: all of the data on a stream, or one
// message, waiting for room. Control messages go with the first byte.
// Answers to Ruby's `BasicSocket#sendmsg`. All of it may come in one table, as
// Erlang's `msghdr` has it.
// @function BasicSocket:sendmsg
// @usage sock:sendmsg("x", 0, address, { "IP", "TTL", ("i"):pack(9) })
// sock:sendmsg {
//   iov = { "x" },
//   addr = { family = "inet", addr = "loopback", port = 9 },
//   ctrl = { { level = "ip", type = "ttl", value = 9 } },
// }
// @tparam string|{string,...}|table data the bytes; arrays may hold arrays; or
// a message with the fields `iov` (the bytes), `addr`, `ctrl` (a list of
// control messages) and `flags`
// @tparam[opt] flags flags `"OOB"`, `"DONTWAIT"` (may send less), ...
// @param[opt] address the destination
// @tparam[opt] AncillaryData|table ... the control messages; a table is
// `{level, type, data}`, with names or numbers, or has the fields `level`,
// `type` and `value` (or `data`, the bytes)
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were sent
// @error nil, err, errno; `err.written` and `err.rest` where some were sent
static int sendmsg_(lua_State *L) {
  struct sending sending;
  lsk_deadline deadline = check_arguments(L, &sending, timeout_only);
  return send_all(L, &sending, deadline);
}

/// The same without waiting: it sends what there is room for. Answers to Ruby's
// `BasicSocket#sendmsg_nonblock`.
// @function BasicSocket:sendmsg_nonblock
// @tparam string|{string,...} data the bytes; arrays may hold arrays
// @tparam[opt] flags flags
// @param[opt] address the destination
// @tparam[opt] AncillaryData|table ... the control messages
// @treturn integer how many bytes were sent
// @error nil, `Socket.WAIT_WRITABLE` when there is no room; nil, err, errno
static int sendmsg_nonblock(lua_State *L) {
  struct sending sending;
  (void)check_arguments(L, &sending, exception_only);
  return send_all(L, &sending, LSK_NOW);
}

/// Sends a list of strings, all of it on a stream, or as one message. Answers
// to Erlang's `sendv`.
// @function BasicSocket:sendv
// @tparam {string,...} iov the bytes; lists may hold lists
// @tparam[opt] table opts `timeout` in seconds
// @treturn integer how many bytes were sent
// @error nil, err, errno; `err.written` and `err.rest` where some were sent:
// see `Socket.rest_iov`
static int sendv(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  struct sending sending = {.progress = {.next = 1}};
  sending.h = h;
  luaL_checktype(L, DATA, LUA_TTABLE);
  lsk_arg_fields(L, FLAGS, FLAGS, timeout_only);
  lsk_deadline deadline = lsk_handle_deadline(L, h, FLAGS);
  lsk_check_pieces(L, DATA, DATA, LSK_DATA);
  lua_settop(L, DATA);
  lua_settop(L, CONTROL);
  return send_all(L, &sending, deadline);
}

static const luaL_Reg methods[] = {
    {"sendmsg", sendmsg_},
    {"sendv", sendv},
    {"sendmsg_nonblock", sendmsg_nonblock},
    {NULL, NULL},
};

void lsk_open_op_sendmsg(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}
