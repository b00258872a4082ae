/*
** Receiving without a buffer: recv and recvfrom.
*/

#include "op_recv.h"

#include "addr_list.h"
#include "addrinfo.h"
#include "arg.h"
#include "buffer.h"
#include "counters.h"
#include "error.h"
#include "exact.h"
#include "handle.h"
#include "lookup.h"
#include "names.h"
#include "receive.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/* Stack slots: the arguments. While the sender's name is looked up, what has
   arrived stands in their places. */
enum { RECV_SIZE = 2, RECV_FLAGS, RECV_FIELDS };
enum { NAMED_BYTES = 2, NAMED_CUT, NAMED_FROM, NAMED_LOOKUP };

static const char *const recv_keywords[] = {"exact", "timeout", NULL};
static const char *const timeout_only[] = {"timeout", NULL};
static const char *const exception_only[] = {"exception", NULL};

/* A message, and how it is asked for. */
struct message {
  struct lsk_handle *h;
  bool with_address;
  bool is_exact;       /* all of what is asked, of a stream */
  const char *refusal; /* Ruby's text where bytes are buffered */
  ssize_t asked;       /* how many bytes at the most; -1: all that is there */
  int flags;           /* the program's */
  int got; /* the message's flags, where the address was asked for */
  struct lsk_sockaddr from;
  char *bytes;
  ssize_t length; /* or -errno */
};

/* Other sockets give whole messages in any case. */
static void check_exact(lua_State *L, struct message *message) {
  luaL_argcheck(L, message->asked >= 0, RECV_SIZE, "exact needs a length");
  luaL_argcheck(L, (message->flags & (MSG_OOB | MSG_PEEK)) == 0, RECV_FLAGS,
                "exact takes neither PEEK nor OOB");
  message->is_exact = lsk_is_stream(message->h);
}

/* Reads the arguments, and gives the deadline. The usual call has no more than
   a length, and is spared the look at the rest. */
static lsk_deadline check_arguments(lua_State *L, struct message *message,
                                    const char *const *keywords) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  message->h = h;
  message->flags = 0;
  message->is_exact = false;
  message->refusal = keywords == exception_only ? "recvfrom for buffered IO"
                                                : "recv for buffered IO";
  int is_length;
  message->asked = (ssize_t)lua_tointegerx(L, RECV_SIZE, &is_length);
  if (is_length && message->asked >= 0 && lua_gettop(L) == RECV_SIZE)
    return lsk_timeout_deadline(h->timeout);
  lsk_arg_fields(L, RECV_SIZE, RECV_FIELDS, keywords);
  message->asked = lsk_opt_size(L, RECV_SIZE);
  message->flags = lsk_opt_flags(L, RECV_FLAGS, "MSG_");
  if (lsk_arg_bool(L, RECV_FIELDS, "exact", false)) check_exact(L, message);
  if (lsk_is_stream(h))
    message->asked = lsk_settle_size(L, RECV_SIZE, h, "rcvbuf");
  if (message->flags & MSG_DONTWAIT) return LSK_NOW;
  return lsk_handle_deadline(L, h, RECV_FIELDS);
}

/* What a wait must not lose goes to the stack, and comes back from there. */
static void save(lua_State *L, const struct message *message) {
  lua_settop(L, RECV_SIZE);
  lua_pushinteger(L, message->flags);
}

static void restore(lua_State *L, struct message *message) {
  message->h = lsk_self(L);
  message->refusal = "recv for buffered IO";
  message->asked = lsk_opt_size(L, RECV_SIZE);
  message->flags = (int)lua_tointeger(L, RECV_FLAGS);
}

/* Whether the call begins at once; if not, its arguments are saved. */
static bool may_begin(lua_State *L, const struct message *message) {
  if (lsk_is_beside(message->flags)) return true;
  if (lsk_may_begin(message->h, LSK_READABLE)) return true;
  save(L, message);
  return false;
}

/* Receives one message; its bytes are to be pushed before anything else runs.
 */
static void receive(lua_State *L, lsk_deadline deadline,
                    struct message *message) {
  int fd = message->h->fd;
  int flags = message->flags | lsk_wait_flag(message->h, deadline);
  ssize_t room = lsk_room_needed(message->h, message->asked, flags);
  message->length = room;
  if (room < 0) return;
  message->bytes = lsk_make_room(L, message->h, (size_t)room);
  message->got = flags;
  if (message->with_address) {
    message->length = lsk_sys_recvfrom(fd, message->bytes, (size_t)room,
                                       &message->got, &message->from);
    return;
  }
  message->length = lsk_sys_recv(fd, message->bytes, (size_t)room, flags);
  if (message->length > 0 && message->length < room && message->flags == 0)
    lsk_note_short(message->h, LSK_READABLE);
}

static bool is_end(const struct message *message) {
  return message->length == 0 &&
         lsk_is_end(message->h, message->asked, message->length);
}

/* Receives, waiting as long as it may: 0 with the message, or the count of
   results of a failure. */
static int receive_until(lua_State *L, lsk_deadline deadline, lua_KFunction k,
                         struct message *message) {
  struct lsk_handle *h = message->h;
  message->bytes = NULL;
  message->length = 0;
  message->got = 0;
  message->from.length = 0;
  for (;;) {
    int failed = lsk_check_receiving(L, h, message->refusal, "recvfrom(2)");
    if (failed) return failed;
    message->length = -EAGAIN;
    if (lsk_is_beside(message->flags) || lsk_may_try(h, LSK_READABLE))
      receive(L, deadline, message);
    lsk_count_received(h, message->length, is_end(message));
    if (message->length >= 0) return 0;
    if (!lsk_should_wait(message->length))
      return lsk_fail_receive(L, h, "recvfrom(2)", (int)-message->length);
    save(L, message);
    failed = lsk_wait(L, h, LSK_READABLE, deadline, k);
    if (failed) return failed;
  }
}

/* Leaves the results of recv. */
static int push_bytes(lua_State *L, int failed, const struct message *message) {
  if (failed) return failed;
  if (is_end(message))
    lua_pushnil(L);
  else
    lua_pushlstring(L, message->bytes, (size_t)message->length);
  return 1;
}

static int recv_k(lua_State *L, int status, lua_KContext deadline) {
  struct message message;
  message.with_address = false;
  restore(L, &message);
  int failed = lsk_call_result(L, message.h, status, RECV_FLAGS);
  if (failed == 0)
    failed =
        lsk_wait_turn(L, message.h, LSK_READABLE, status, deadline, recv_k);
  if (failed == 0) failed = receive_until(L, deadline, recv_k, &message);
  return push_bytes(L, failed, &message);
}

/* Whether the length cut the datagram. */
static bool is_cut(const struct message *message) {
  return (message->got & MSG_TRUNC) != 0 && !lsk_is_stream(message->h);
}

/* A sender without a name that is known in time is its address: what has
   arrived must not be lost. */
static int named_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, NAMED_LOOKUP);
  if (failed == 0) (void)lsk_lookup(L, NAMED_LOOKUP, deadline, named_k);
  lua_settop(L, NAMED_LOOKUP);
  const struct lsk_answer *answer = lsk_lookup_answer(L, NAMED_LOOKUP);
  bool is_known = answer != NULL && answer->code == 0;
  struct lsk_sockaddr from;
  lsk_addrinfo_sockaddr(lsk_check_addrinfo(L, NAMED_FROM), &from);
  lua_pushvalue(L, NAMED_BYTES);
  lsk_push_ip_list(L, &from, is_known ? answer->host : NULL);
  if (!lua_toboolean(L, NAMED_CUT)) return 2;
  lua_pushboolean(L, 1);
  return 3;
}

static int look_up_sender(lua_State *L, const struct message *message,
                          lsk_deadline deadline) {
  lua_pushlstring(L, message->bytes, (size_t)message->length);
  lua_replace(L, NAMED_BYTES);
  lua_settop(L, NAMED_BYTES);
  lua_pushboolean(L, is_cut(message));
  lsk_push_addrinfo(L, &message->from, 0, 0, 0);
  lsk_new_name_lookup(L, &message->from, NI_NUMERICSERV);
  return named_k(L, LUA_OK, deadline);
}

/* Leaves the sender as a class of sockets tells it: an Addrinfo, or a list. A
   connected stream of the internet tells none. */
static void push_sender(lua_State *L, const struct message *message) {
  const struct lsk_handle *h = message->h;
  if (lsk_kind_is_unix(h->kind))
    lsk_push_unix_list(L, &message->from);
  else if (!lsk_kind_is_ip(h->kind))
    lsk_push_addrinfo(L, &message->from, lsk_sockaddr_family(&message->from),
                      h->type, 0);
  else if (message->from.length > 0)
    lsk_push_ip_list(L, &message->from, NULL);
  else
    lua_pushnil(L);
}

/* Leaves the results of recvfrom. */
static int push_message(lua_State *L, int failed, const struct message *message,
                        lsk_deadline deadline) {
  if (failed || is_end(message)) return push_bytes(L, failed, message);
  const struct lsk_handle *h = message->h;
  if (lsk_kind_is_ip(h->kind) && !h->no_reverse_lookup &&
      message->from.length > 0)
    return look_up_sender(L, message, deadline);
  lua_pushlstring(L, message->bytes, (size_t)message->length);
  push_sender(L, message);
  if (!is_cut(message)) return 2;
  lua_pushboolean(L, 1);
  return 3;
}

static int recvfrom_k(lua_State *L, int status, lua_KContext deadline) {
  struct message message;
  message.with_address = true;
  restore(L, &message);
  int failed = lsk_call_result(L, message.h, status, RECV_FLAGS);
  if (failed == 0)
    failed =
        lsk_wait_turn(L, message.h, LSK_READABLE, status, deadline, recvfrom_k);
  if (failed == 0) failed = receive_until(L, deadline, recvfrom_k, &message);
  return push_message(L, failed, &message, deadline);
}

/// Receives what is there, waiting for the first byte or message. Without a
// length it takes what a stream holds (at most 64 KiB), or the whole datagram.
// Answers to Ruby's `BasicSocket#recv`. With `exact = true` it waits for all of
// a stream's `length` bytes, as Erlang's does.
// @function BasicSocket:recv
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags `"PEEK"`, `"OOB"`, ...
// @tparam[opt] table opts `exact`, `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @error nil, err, errno; with `exact`, `err.partial` is what had come before;
// an end midway is an `EOFError`
static int recv_(lua_State *L) {
  struct message message;
  message.with_address = false;
  lsk_deadline deadline = check_arguments(L, &message, recv_keywords);
  if (message.is_exact)
    return lsk_receive_exactly(L, (size_t)message.asked, message.flags,
                               deadline);
  if (!may_begin(L, &message)) return recv_k(L, LUA_OK, deadline);
  int failed = receive_until(L, deadline, recv_k, &message);
  return push_bytes(L, failed, &message);
}

/// Receives what is there without waiting. Answers to Ruby's
// `BasicSocket#recv_nonblock`.
// @function BasicSocket:recv_nonblock
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags
// @treturn string the bytes; nil alone at the end of a stream
// @error nil, `Socket.WAIT_READABLE` when there is nothing; nil, err, errno
static int recv_nonblock(lua_State *L) {
  struct message message;
  message.with_address = false;
  (void)check_arguments(L, &message, exception_only);
  if (!may_begin(L, &message)) return recv_k(L, LUA_OK, LSK_NOW);
  int failed = receive_until(L, LSK_NOW, recv_k, &message);
  return push_bytes(L, failed, &message);
}

/// Receives a message with its sender's address. Answers to Ruby's
// `Socket#recvfrom`.
// @function Socket:recvfrom
// @tparam[opt] integer length at most so many bytes; the whole datagram without
// @tparam[opt] flags flags
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @treturn Addrinfo the sender
// @treturn boolean true when the length cut the datagram
// @error nil, err, errno

/// Receives a message with its sender's address as a list, as `addr` gives it.
// Answers to Ruby's `IPSocket#recvfrom`.
// @function IPSocket:recvfrom
// @tparam[opt] integer length at most so many bytes; the whole datagram without
// @tparam[opt] flags flags
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @treturn table the sender, `{"AF_INET", 80, "127.0.0.1", "127.0.0.1"}`; nil
// on a connected stream. The host is a name if the socket looks names up and
// this one is known in time
// @treturn boolean true when the length cut the datagram
// @error nil, err, errno

/// Receives a message with its sender's address as a list. Answers to Ruby's
// `UNIXSocket#recvfrom`.
// @function UNIXSocket:recvfrom
// @tparam[opt] integer length at most so many bytes; the whole datagram without
// @tparam[opt] flags flags
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @treturn table the sender, `{"AF_UNIX", "/tmp/s"}`
// @treturn boolean true when the length cut the datagram
// @error nil, err, errno
static int recvfrom_(lua_State *L) {
  struct message message;
  message.with_address = true;
  lsk_deadline deadline = check_arguments(L, &message, timeout_only);
  if (!may_begin(L, &message)) return recvfrom_k(L, LUA_OK, deadline);
  int failed = receive_until(L, deadline, recvfrom_k, &message);
  return push_message(L, failed, &message, deadline);
}

/// Receives a message with its sender's address, without waiting. Answers to
// Ruby's `Socket#recvfrom_nonblock`.
// @function Socket:recvfrom_nonblock
// @tparam[opt] integer length at most so many bytes; the whole datagram without
// @tparam[opt] flags flags
// @treturn string the bytes; nil alone at the end of a stream
// @treturn Addrinfo the sender
// @treturn boolean true when the length cut the datagram
// @error nil, `Socket.WAIT_READABLE` when there is nothing; nil, err, errno

/// Receives a datagram with its sender's address as a list, without waiting for
// one. Answers to Ruby's `UDPSocket#recvfrom_nonblock`.
// @function UDPSocket:recvfrom_nonblock
// @tparam[opt] integer length at most so many bytes; the whole datagram without
// @tparam[opt] flags flags
// @treturn string the bytes
// @treturn table the sender, as `IPSocket:recvfrom` gives it
// @treturn boolean true when the length cut the datagram
// @error nil, `Socket.WAIT_READABLE` when there is nothing; nil, err, errno
static int recvfrom_nonblock(lua_State *L) {
  struct message message;
  message.with_address = true;
  (void)check_arguments(L, &message, exception_only);
  if (!may_begin(L, &message)) return recvfrom_k(L, LUA_OK, LSK_NOW);
  int failed = receive_until(L, LSK_NOW, recvfrom_k, &message);
  return push_message(L, failed, &message,
                      LSK_NEVER); /* the name, as in Ruby */
}

static const luaL_Reg basic_methods[] = {
    {"recv", recv_},
    {"recv_nonblock", recv_nonblock},
    {NULL, NULL},
};

void lsk_open_op_recv(lua_State *L) {
  luaL_setfuncs(L, basic_methods, 0);
}

static const luaL_Reg methods[] = {
    {"recvfrom", recvfrom_},
    {"recvfrom_nonblock", recvfrom_nonblock},
    {NULL, NULL},
};

void lsk_open_op_recvfrom(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

void lsk_open_op_recvfrom_alone(lua_State *L) {
  lua_pushcfunction(L, recvfrom_);
  lua_setfield(L, -2, "recvfrom");
}
