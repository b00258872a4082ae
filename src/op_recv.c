/*
** Receiving without a buffer: recv and recvfrom.
*/

#include "op_recv.h"

#include "addrinfo.h"
#include "arg.h"
#include "buffer.h"
#include "error.h"
#include "handle.h"
#include "names.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

/* Stack slots: the arguments, then the space for a long message. */
enum { RECV_SIZE = 2, RECV_FLAGS, RECV_FIELDS, RECV_SPACE };

/* Up to here the bytes arrive in the C stack, beyond in a userdata. */
#define STACK_SPACE 8192

/* What one receive takes of a stream at the most, whatever was asked. */
#define STREAM_MOST (1 << 20)

/* What is taken where no length is given and nothing tells the next one. */
#define DEFAULT_SIZE 65536

static const char *const timeout_only[] = {"timeout", NULL};

/* A message, and how it is asked for. */
struct message {
  bool with_address;
  int flags; /* the program's, then (with an address) the message's */
  struct lsk_sockaddr from;
  char *bytes;
  ssize_t length; /* or -errno */
  char local[STACK_SPACE];
};

/* Whether the arguments' length was left out. */
static bool wants_all(lua_State *L) {
  return lua_isnil(L, RECV_SIZE);
}

/*
** How many bytes to make room for: what was asked, within reason on a stream;
** without a length the whole next datagram. -errno where the kernel told that
** there is none (yet).
*/
static ssize_t room_needed(lua_State *L, const struct lsk_handle *h,
                           int flags) {
  if (!wants_all(L)) {
    lua_Integer asked = lua_tointeger(L, RECV_SIZE);
    if (lsk_is_stream(h) && asked > STREAM_MOST) return STREAM_MOST;
    return (ssize_t)asked;
  }
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  if (lsk_is_stream(h) || is_ip) return DEFAULT_SIZE; /* UDP has no more */
  return lsk_sys_next_length(h->fd, flags);
}

/* Receives one message into its own space, or into a userdata that it leaves in
   its slot when the message is longer. */
static void receive(lua_State *L, struct lsk_handle *h, lsk_deadline deadline,
                    struct message *message) {
  int flags = (int)lua_tointeger(L, RECV_FLAGS) | lsk_wait_flag(h, deadline);
  ssize_t room = room_needed(L, h, flags);
  message->length = room;
  if (room < 0) return;
  message->bytes = message->local;
  if (room > STACK_SPACE) {
    message->bytes = lua_newuserdatauv(L, (size_t)room, 0);
    lua_replace(L, RECV_SPACE);
  }
  message->flags = flags;
  message->length =
      message->with_address
          ? lsk_sys_recvfrom(h->fd, message->bytes, (size_t)room,
                             &message->flags, &message->from)
          : lsk_sys_recv(h->fd, message->bytes, (size_t)room, flags);
}

/* Receives, waiting as long as it may: 0 with the message, or the count of
   results of a failure. */
static int receive_until(lua_State *L, int status, lsk_deadline deadline,
                         lua_KFunction k, struct message *message) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  int failed = lsk_wait_result(L, status, RECV_SPACE);
  while (failed == 0) {
    if (h->fd < 0) return lsk_fail_closed(L);
    if (h->in.end > h->in.start)
      return lsk_fail_named(L, "IOError", "recv for buffered IO");
    if (h->read_error != 0) return lsk_fail(L, "recvfrom(2)", h->read_error);
    receive(L, h, deadline, message);
    if (message->length >= 0) return 0;
    if (!lsk_should_wait(message->length)) {
      lsk_keep_read_error(h, (int)-message->length);
      return lsk_fail(L, "recvfrom(2)", (int)-message->length);
    }
    failed = lsk_wait(L, h, LSK_READABLE, deadline, k);
  }
  return failed;
}

/* Whether this is the end of a stream, rather than an empty message. */
static bool is_end(lua_State *L, const struct message *message) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  bool connected = lsk_is_stream(h) || h->type == SOCK_SEQPACKET;
  return message->length == 0 && connected &&
         (wants_all(L) || lua_tointeger(L, RECV_SIZE) > 0);
}

static int recv_k(lua_State *L, int status, lua_KContext deadline) {
  struct message message;
  message.with_address = false;
  int failed = receive_until(L, status, deadline, recv_k, &message);
  if (failed) return failed;
  if (is_end(L, &message))
    lua_pushnil(L);
  else
    lua_pushlstring(L, message.bytes, (size_t)message.length);
  return 1;
}

static int recvfrom_k(lua_State *L, int status, lua_KContext deadline) {
  struct message message;
  message.with_address = true;
  int failed = receive_until(L, status, deadline, recvfrom_k, &message);
  if (failed) return failed;
  if (is_end(L, &message)) {
    lua_pushnil(L);
    return 1;
  }
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lua_pushlstring(L, message.bytes, (size_t)message.length);
  lsk_push_addrinfo(L, &message.from, lsk_sockaddr_family(&message.from),
                    h->type, 0);
  if ((message.flags & MSG_TRUNC) == 0 || lsk_is_stream(h)) return 2;
  lua_pushboolean(L, 1);
  return 3;
}

/* Reads the arguments into their slots, and gives the deadline. */
static lsk_deadline check_arguments(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lsk_arg_fields(L, RECV_SIZE, RECV_FIELDS, timeout_only);
  if (!wants_all(L)) (void)lsk_check_size(L, RECV_SIZE);
  int flags = lsk_opt_flags(L, RECV_FLAGS, "MSG_");
  lua_pushinteger(L, flags);
  lua_replace(L, RECV_FLAGS);
  lua_settop(L, RECV_SPACE);
  if (flags & MSG_DONTWAIT) return LSK_NOW;
  return lsk_handle_deadline(L, h, RECV_FIELDS);
}

/// Receives what is there, waiting for the first byte or message. Without a
// length it takes what a stream holds (at most 64 KiB), or the whole datagram.
// Answers to Ruby's `BasicSocket#recv`.
// @function BasicSocket:recv
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags `"PEEK"`, `"OOB"`, ...
// @tparam[opt] table opts `timeout` in seconds
// @treturn string the bytes; nil alone at the end of a stream
// @error nil, err, errno
static int recv_(lua_State *L) {
  return recv_k(L, LUA_OK, check_arguments(L));
}

/// Receives what is there without waiting. Answers to Ruby's
// `BasicSocket#recv_nonblock`.
// @function BasicSocket:recv_nonblock
// @tparam[opt] integer length at most so many bytes
// @tparam[opt] flags flags
// @treturn string the bytes; nil alone at the end of a stream
// @error nil, `Socket.WAIT_READABLE` when there is nothing; nil, err, errno
static int recv_nonblock(lua_State *L) {
  (void)check_arguments(L);
  return recv_k(L, LUA_OK, LSK_NOW);
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
static int recvfrom_(lua_State *L) {
  return recvfrom_k(L, LUA_OK, check_arguments(L));
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
static int recvfrom_nonblock(lua_State *L) {
  (void)check_arguments(L);
  return recvfrom_k(L, LUA_OK, LSK_NOW);
}

static const luaL_Reg basic_methods[] = {
    {"recv", recv_},
    {"recv_nonblock", recv_nonblock},
    {NULL, NULL},
};

void lsk_open_op_recv(lua_State *L) {
  luaL_setfuncs(L, basic_methods, 0);
}

static const luaL_Reg socket_methods[] = {
    {"recvfrom", recvfrom_},
    {"recvfrom_nonblock", recvfrom_nonblock},
    {NULL, NULL},
};

void lsk_open_op_recvfrom(lua_State *L) {
  luaL_setfuncs(L, socket_methods, 0);
}
