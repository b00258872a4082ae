/*
** Receiving messages with control data: recvmsg.
*/

#include "op_recvmsg.h"

#include "addrinfo.h"
#include "ancdata.h"
#include "arg.h"
#include "cmsg.h"
#include "cmsg_table.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "io.h"
#include "msghdr.h"
#include "names.h"
#include "passed.h"
#include "receive.h"
#include "wait.h"

#include <errno.h>
#include <stdalign.h>

#include <lauxlib.h>

/* Stack slots: the arguments. While it waits, what is wanted stands in place of
   the keywords. */
enum { SIZE = 2, FLAGS, CONTROL_SIZE, FIELDS, WANTS = FIELDS };

/* What is wanted: objects for the fds that come, else they are closed; all in
   one table. */
enum { OBJECTS = 1, MSGHDR = 2 };

static const char *const keywords[] = {"msghdr", "scm_rights", "timeout", NULL};
static const char *const nonblock_keywords[] = {"exception", "msghdr",
                                                "scm_rights", NULL};

/* A message, and how it is asked for. */
struct message {
  struct lsk_handle *h;
  ssize_t asked;         /* how many bytes at the most; -1: all of them */
  ssize_t control_asked; /* the same for the control data */
  int flags;             /* the program's */
  int wants;             /* OBJECTS, MSGHDR */
  int got;               /* the message's flags */
  ssize_t length;        /* or -errno */
  char *bytes;
  size_t control_length;
  char *control;
  struct lsk_passed *passed; /* owns the fds in it, where they are wanted */
  struct lsk_sockaddr from;
  alignas(max_align_t) char local_control[LSK_CONTROL_MAX];
};

/* The bit if the keyword is true. */
static int wanted(lua_State *L, const char *keyword, int bit) {
  return lsk_arg_field(L, FIELDS, keyword) && lua_toboolean(L, -1) ? bit : 0;
}

/* Reads the arguments, and gives the deadline. */
static lsk_deadline check_arguments(lua_State *L, struct message *message,
                                    const char *const *names) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, SIZE, FIELDS, names);
  message->h = h;
  message->asked = lsk_is_stream(h) ? lsk_settle_size(L, SIZE, h, "rcvbuf")
                                    : lsk_opt_size(L, SIZE);
  message->flags = lsk_opt_flags(L, FLAGS, "MSG_");
  message->control_asked = lsk_settle_size(L, CONTROL_SIZE, h, "rcvctrlbuf");
  lsk_deadline deadline = lsk_handle_deadline(L, h, FIELDS);
  message->wants = wanted(L, "scm_rights", OBJECTS) | //
                   wanted(L, "msghdr", MSGHDR);
  lua_settop(L, FIELDS);
  bool is_now = (message->flags & MSG_DONTWAIT) != 0 ||
                lsk_sys_is_immediate(message->flags);
  return is_now ? LSK_NOW : deadline;
}

/* What a wait must not lose goes to the stack, and comes back from there. */
static void save(lua_State *L, const struct message *message) {
  lua_pushinteger(L, message->flags);
  lua_replace(L, FLAGS);
  lua_settop(L, CONTROL_SIZE);
  lua_pushinteger(L, message->wants);
}

static void restore(lua_State *L, struct message *message) {
  message->h = lsk_self(L);
  message->asked = lsk_opt_size(L, SIZE);
  message->flags = (int)lua_tointeger(L, FLAGS);
  message->control_asked = lsk_opt_size(L, CONTROL_SIZE);
  message->wants = (int)lua_tointeger(L, WANTS);
}

/* How many bytes of control data to make room for. */
static size_t control_room(const struct message *message) {
  ssize_t asked = message->control_asked;
  bool is_less = asked >= 0 && asked < (ssize_t)LSK_CONTROL_MAX;
  return is_less ? (size_t)asked : LSK_CONTROL_MAX;
}

/* Where the bytes go, and the control data: into a userdata, which it leaves,
   where they are long, or fds need an owner. */
static void make_room(lua_State *L, struct message *message, size_t room) {
  message->bytes = lsk_make_room(L, message->h, room);
  message->control_length = control_room(message);
  message->passed = message->wants & OBJECTS
                        ? lsk_push_passed(L, message->control_length)
                        : NULL;
  message->control = message->passed != NULL ? message->passed->control
                                             : message->local_control;
}

/* Receives one message. Fds that nobody wants are closed at once. */
static void receive(lua_State *L, lsk_deadline deadline,
                    struct message *message) {
  int fd = message->h->fd;
  int flags = message->flags | lsk_wait_flag(message->h, deadline);
  ssize_t room = lsk_room_needed(message->h, message->asked, flags);
  message->length = room;
  if (room < 0) return;
  make_room(L, message, (size_t)room);
  struct iovec piece = {.iov_base = message->bytes, .iov_len = (size_t)room};
  struct msghdr head = {.msg_name = &message->from.to,
                        .msg_namelen = sizeof message->from.to,
                        .msg_iov = &piece,
                        .msg_iovlen = 1,
                        .msg_control = message->control,
                        .msg_controllen = message->control_length};
  ssize_t rc = lsk_sys_recvmsg(fd, &head, flags);
  message->length = rc < room ? rc : room; /* MSG_TRUNC tells more */
  if (rc < 0) return;
  message->control_length = head.msg_controllen;
  if (message->passed != NULL)
    message->passed->size = head.msg_controllen;
  else
    lsk_cmsg_close(message->control, message->control_length);
  message->got = head.msg_flags;
  message->from.length = head.msg_namelen > sizeof message->from.to
                             ? (socklen_t)sizeof message->from.to
                             : head.msg_namelen;
}

/* Whether this is the end of a stream: nothing came, not even control data. */
static bool is_end(const struct message *message) {
  return message->control_length == 0 &&
         lsk_is_end(message->h, message->asked, message->length);
}

/* Receives, waiting as long as it may: 0 with the message, or the count of
   results of a failure. */
static int receive_until(lua_State *L, lsk_deadline deadline, lua_KFunction k,
                         struct message *message) {
  struct lsk_handle *h = message->h;
  message->bytes = NULL;
  message->length = 0;
  message->control = message->local_control;
  message->control_length = 0;
  message->passed = NULL;
  message->got = 0;
  message->from.length = 0;
  for (;;) {
    int failed =
        lsk_check_receiving(L, h, "recvmsg for buffered IO", "recvmsg(2)");
    if (failed) return failed;
    receive(L, deadline, message);
    lsk_count_received(h, message->length, is_end(message));
    if (message->length >= 0) return 0;
    if (!lsk_should_wait(message->length))
      return lsk_fail_receive(L, h, "recvmsg(2)", (int)-message->length);
    save(L, message);
    failed = lsk_wait(L, h, LSK_READABLE, deadline, k);
    if (failed) return failed;
  }
}

/* Leaves a list of objects, which own the fds of the control message from then
   on: 0 | -errno. */
static int push_objects(lua_State *L, const struct lsk_cmsg *rights) {
  size_t count = lsk_cmsg_fds(rights);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    int rc = lsk_push_io(L, lsk_cmsg_fd(rights, i));
    if (rc < 0) return rc;
    lsk_cmsg_disown(rights, i);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 0;
}

/* Whether the control message's fds become objects. */
static bool has_objects(const struct message *message,
                        const struct lsk_cmsg *control) {
  return message->passed != NULL && lsk_cmsg_is_rights(control);
}

/* Leaves the control message, with its objects where they are wanted: 0 |
   -errno. */
static int push_control(lua_State *L, const struct message *message,
                        const struct lsk_cmsg *control) {
  luaL_checkstack(L, LUA_MINSTACK, "too many control messages");
  (void)lsk_push_ancdata(L, message->h->domain, control);
  if (!has_objects(message, control)) return 0;
  int rc = push_objects(L, control);
  if (rc < 0) return rc;
  (void)lua_setiuservalue(L, -2, LSK_ANCDATA_OBJECTS);
  return 0;
}

/* The same at the end of the list on top, as a table. */
static int add_control(lua_State *L, const struct message *message,
                       const struct lsk_cmsg *control) {
  lsk_push_cmsg_table(L, message->h->domain, control);
  if (has_objects(message, control)) {
    int rc = push_objects(L, control);
    if (rc < 0) return rc;
    lua_setfield(L, -2, "value");
  }
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  return 0;
}

/* Calls `add` for each control message: 0 | -errno, with what came closed. */
static int each_control(lua_State *L, const struct message *message,
                        int (*add)(lua_State *L, const struct message *message,
                                   const struct lsk_cmsg *control)) {
  size_t at = 0;
  struct lsk_cmsg control;
  while (
      lsk_cmsg_next(message->control, message->control_length, &at, &control)) {
    int rc = add(L, message, &control);
    if (rc == 0) continue;
    lsk_close_passed(message->passed);
    return rc;
  }
  return 0;
}

/* Leaves the message as one table. */
static int push_msghdr(lua_State *L, const struct message *message) {
  lsk_push_msghdr(L, message->bytes, (size_t)message->length, &message->from,
                  message->got);
  lua_newtable(L);
  int rc = each_control(L, message, add_control);
  if (rc < 0) return lsk_fail(L, "recvmsg(2)", -rc);
  lua_setfield(L, -2, "ctrl");
  return 1;
}

/* Leaves the message as several values. */
static int push_values(lua_State *L, const struct message *message) {
  int top = lua_gettop(L);
  const struct lsk_sockaddr *from = &message->from;
  lua_pushlstring(L, message->bytes, (size_t)message->length);
  lsk_push_addrinfo(L, from, lsk_sockaddr_family(from), message->h->type, 0);
  lua_pushinteger(L, message->got);
  int rc = each_control(L, message, push_control);
  if (rc < 0) return lsk_fail(L, "recvmsg(2)", -rc);
  return lua_gettop(L) - top;
}

/* Leaves the results: bytes, sender, flags, control messages. */
static int push_message(lua_State *L, int failed,
                        const struct message *message) {
  if (failed) return failed;
  if (is_end(message)) {
    lua_pushnil(L);
    return 1;
  }
  return message->wants & MSGHDR ? push_msghdr(L, message)
                                 : push_values(L, message);
}

static int recvmsg_k(lua_State *L, int status, lua_KContext deadline) {
  struct message message;
  restore(L, &message);
  int failed = lsk_wait_result(L, status, WANTS);
  if (failed == 0 && !lsk_is_beside(message.flags))
    failed =
        lsk_wait_turn(L, message.h, LSK_READABLE, status, deadline, recvmsg_k);
  if (failed == 0) failed = receive_until(L, deadline, recvmsg_k, &message);
  return push_message(L, failed, &message);
}

/* Receives at once, or when its turn has come. */
static int begin(lua_State *L, struct message *message, lsk_deadline deadline) {
  if (!lsk_is_beside(message->flags) &&
      !lsk_may_begin(message->h, LSK_READABLE)) {
    save(L, message);
    return recvmsg_k(L, LUA_OK, deadline);
  }
  int failed = receive_until(L, deadline, recvmsg_k, message);
  return push_message(L, failed, message);
}

/// Receives a message with its sender and control messages, waiting for it.
// Without a length it takes what a stream holds (at most 64 KiB), or the whole
// datagram; without a length for the control messages all of them. Passed fds
// become objects (see `AncillaryData:unix_rights`) if `scm_rights` is true, and
// are closed at once if it is not. Answers to Ruby's `BasicSocket#recvmsg`.
// With `msghdr = true` the message is one table, as Erlang has it: `iov`, a
// list of strings; `addr`, an address as a table, if the message tells one;
// `flags`, a list of names, such as `"trunc"`; `ctrl`, a list of control
// messages with the fields `level`, `type`, `data` (the bytes) and, if its
// meaning is known, `value`.
// @function BasicSocket:recvmsg
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags `"PEEK"`, `"ERRQUEUE"`, ...
// @tparam[opt] integer control_length at most so many bytes of control messages
// @tparam[opt] table opts `msghdr`, `scm_rights`, `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @treturn Addrinfo the sender
// @treturn integer flags such as `Socket.MSG_TRUNC` (the length cut the
// datagram) and `Socket.MSG_CTRUNC` (the same for the control messages)
// @treturn AncillaryData ... the control messages
// @error nil, err, errno
static int recvmsg_(lua_State *L) {
  struct message message;
  lsk_deadline deadline = check_arguments(L, &message, keywords);
  return begin(L, &message, deadline);
}

/// The same without waiting. Answers to Ruby's `BasicSocket#recvmsg_nonblock`.
// @function BasicSocket:recvmsg_nonblock
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags
// @tparam[opt] integer control_length at most so many bytes of control messages
// @tparam[opt] table opts `msghdr`, `scm_rights`
// @treturn string the bytes; nil alone at the end of a stream
// @treturn Addrinfo the sender
// @treturn integer flags
// @treturn AncillaryData ... the control messages
// @error nil, `Socket.WAIT_READABLE` when there is nothing; nil, err, errno
static int recvmsg_nonblock(lua_State *L) {
  struct message message;
  (void)check_arguments(L, &message, nonblock_keywords);
  return begin(L, &message, LSK_NOW);
}

static const luaL_Reg methods[] = {
    {"recvmsg", recvmsg_},
    {"recvmsg_nonblock", recvmsg_nonblock},
    {NULL, NULL},
};

void lsk_open_op_recvmsg(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}
