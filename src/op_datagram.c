/*
** Serving datagrams: many received with one call, their answers gathered into
** another.
*/

#include "op_datagram.h"

#include "addr.h"
#include "addrinfo.h"
#include "arg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "recent.h"
#include "sys_datagram.h"
#include "wait.h"

#include <string.h>

#include <lauxlib.h>

#define METATABLE "socket.Batch"

/* No IP datagram is longer. The places for them do not lie at equal distances
   from a page's start: the first lines of all would share a cache set. */
#define LONGEST ((size_t)65536)
#define STRIDE (LONGEST + 64)

/* What a round asks for at the least. */
#define FEW ((size_t)4)

/* A longer answer is sent by itself. */
#define LONGEST_ANSWER ((size_t)2048)

/* For how many rounds answers are sent by themselves when the system has
   refused a gathered one, so that their senders learn why. */
#define DISTRUST 64

/* A handler that takes longer, in seconds, keeps no other's answer waiting. */
#define SLOW 0.0002

struct batch {
  struct lsk_held held; /* first: while answers are gathered, and not sent */
  struct lsk_state *state;
  struct lsk_handle *served;
  size_t most;        /* that one round receives */
  size_t asked;       /* that this one does: preparing for many costs, too */
  size_t count;       /* received */
  size_t answered;    /* answers gathered, */
  size_t sent;        /* and how many of them are sent */
  lua_Integer round;  /* of receiving */
  lsk_deadline taken; /* when a handler that is too slow has begun */
  bool is_slow;       /* a handler of this round was */
  bool gathers;       /* answers: no handler was slow in the round before */
  unsigned distrust;  /* for how many rounds it does not: one was refused */
  struct lsk_datagram list[LSK_DATAGRAMS];
  struct lsk_datagram answers[LSK_DATAGRAMS];
  char answer_bytes[LSK_DATAGRAMS * LONGEST_ANSWER];
  char bytes[]; /* touched only as far as datagrams reach */
};

/* The user value holds the socket that is served. */
enum { SERVED = 1 };

static struct batch *check_batch(lua_State *L) {
  return luaL_checkudata(L, 1, METATABLE);
}

/* A try that moved so many datagrams of the list, or -errno. */
static void count_sent(struct lsk_handle *h, const struct lsk_datagram *list,
                       int rc) {
  if (rc < 0) lsk_count_sent(h, rc);
  for (int i = 0; i < rc; i++) lsk_count_sent(h, (ssize_t)list[i].length);
}

static void count_received(struct lsk_handle *h,
                           const struct lsk_datagram *list, int rc) {
  if (rc < 0) lsk_count_received(h, rc, false);
  for (int i = 0; i < rc; i++)
    lsk_count_received(h, (ssize_t)list[i].length, false);
}

/*
** Sends the answers, without waiting: 0 | -EAGAIN. One that the system refuses
** is dropped: its handler has gone on.
*/
static int send_answers(struct batch *batch) {
  struct lsk_handle *h = batch->served;
  while (batch->sent < batch->answered && h->fd >= 0) {
    int rc =
        lsk_sys_send_datagrams(h->fd, batch->answers + batch->sent,
                               batch->answered - batch->sent, MSG_DONTWAIT);
    count_sent(h, batch->answers + batch->sent, rc);
    if (lsk_should_wait(rc)) return -EAGAIN;
    batch->sent += rc > 0 ? (size_t)rc : 1;
    if (rc < 0) batch->distrust = DISTRUST;
  }
  batch->sent = batch->answered = 0;
  return 0;
}

static bool release(struct lsk_held *held) {
  return send_answers((struct batch *)held) == 0;
}

/* The same before the next wait could do it. */
static int flush_answers(struct batch *batch) {
  if (batch->answered == 0) return 0;
  int rc = send_answers(batch);
  if (rc == 0) lsk_stop_holding(batch->state, &batch->held);
  return rc;
}

/* new(most) -> batch, for so many datagrams at a time */
static int new_batch(lua_State *L) {
  size_t most = (size_t)lsk_check_range(L, 1, 1, LSK_DATAGRAMS);
  struct batch *batch =
      lua_newuserdatauv(L, sizeof *batch + most * STRIDE, SERVED);
  memset(batch, 0, offsetof(struct batch, answer_bytes));
  batch->held.release = release;
  batch->state = lsk_get_state(L);
  batch->most = most;
  batch->asked = most < FEW ? most : FEW;
  for (size_t i = 0; i < most; i++) {
    batch->list[i].bytes = batch->bytes + i * STRIDE;
    batch->list[i].size = LONGEST;
  }
  for (size_t i = 0; i < LSK_DATAGRAMS; i++)
    batch->answers[i].bytes = batch->answer_bytes + i * LONGEST_ANSWER;
  luaL_setmetatable(L, METATABLE);
  return 1;
}

/* serves(socket) -> whether a batch can take its datagrams */
static int serves(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  lua_pushboolean(L, is_ip && h->type == SOCK_DGRAM);
  return 1;
}

/* Stack slots of receive: the batch, and the socket. */
enum { BATCH = 1, BATCH_SOCKET };

/* The next round asks for more when this one was full, for less when it was far
   from that. */
static void adapt(struct batch *batch, size_t got) {
  size_t asked = batch->asked;
  if (got == asked && asked < batch->most)
    batch->asked = asked * 2 < batch->most ? asked * 2 : batch->most;
  else if (got < asked / 4 && asked > FEW)
    batch->asked = asked / 2;
}

/* The answers of the round before come first. */
static int try_round(struct batch *batch, struct lsk_handle *h,
                     lsk_deadline deadline, int *events) {
  *events = LSK_WRITABLE;
  int rc = flush_answers(batch);
  if (rc < 0) return rc;
  *events = LSK_READABLE;
  int flags = lsk_wait_flag(h, deadline);
  rc = lsk_sys_recv_datagrams(h->fd, batch->list, batch->asked, flags);
  count_received(h, batch->list, rc);
  return rc;
}

static int receive_k(lua_State *L, int status, lua_KContext deadline) {
  struct batch *batch = lua_touserdata(L, BATCH);
  struct lsk_handle *h = lsk_check_handle(L, BATCH_SOCKET);
  int failed = lsk_wait_result(L, status, BATCH_SOCKET);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, receive_k);
  while (failed == 0) {
    if (h->fd < 0) return lsk_fail_closed(L);
    int events;
    int rc = try_round(batch, h, deadline, &events);
    if (rc >= 0) {
      batch->count = (size_t)rc;
      adapt(batch, batch->count);
      batch->taken = LSK_NEVER;
      lua_pushinteger(L, rc);
      return 1;
    }
    failed = lsk_should_wait(rc) ? lsk_wait(L, h, events, deadline, receive_k)
                                 : lsk_fail(L, "recvmsg(2)", -rc);
  }
  return failed;
}

/* batch:receive(socket, waits) -> count | nil, err, errno */
static int receive(lua_State *L) {
  struct batch *batch = check_batch(L);
  struct lsk_handle *h = lsk_check_handle(L, BATCH_SOCKET);
  bool waits = lua_toboolean(L, 3);
  if (batch->count > 1 && lsk_clock_now() > batch->taken) batch->is_slow = true;
  batch->count = 0;
  batch->round++;
  batch->gathers = !batch->is_slow && batch->distrust == 0;
  if (batch->distrust > 0) batch->distrust--;
  batch->is_slow = false;
  lua_settop(L, BATCH_SOCKET);
  if (batch->most > 1) { /* else no answers are gathered, nor sockets held */
    lua_pushvalue(L, BATCH_SOCKET);
    lua_setiuservalue(L, BATCH, SERVED);
    batch->served = h;
  }
  return receive_k(L, LUA_OK,
                   waits ? lsk_timeout_deadline(h->timeout) : LSK_NOW);
}

/* Watches the handlers, each of which has its turn between two calls: after a
   slow one, answers do not wait. */
static void watch_time(struct batch *batch) {
  lsk_deadline now = lsk_clock_now();
  if (now > batch->taken) {
    batch->is_slow = true;
    batch->gathers = false;
    (void)flush_answers(batch);
  }
  batch->taken = lsk_deadline_from(now, SLOW);
}

/*
** batch:take(i) -> bytes, the sender's packed address, a ticket for the answer,
** the packed local address that it was sent to, without a port (nil: the socket
** does not tell)
*/
static int take(lua_State *L) {
  struct batch *batch = check_batch(L);
  if (batch->count == 0) return luaL_argerror(L, 1, "nothing received");
  lua_Integer i = lsk_check_range(L, 2, 1, (lua_Integer)batch->count);
  if (batch->count > 1) watch_time(batch);
  const struct lsk_datagram *datagram = &batch->list[i - 1];
  struct lsk_recent *recent = batch->state->recent;
  lua_pushlstring(L, datagram->bytes, datagram->length);
  lsk_push_recent(L, recent, (const char *)&datagram->from,
                  datagram->from_length);
  lua_pushinteger(L, batch->round * LSK_DATAGRAMS + i - 1);
  struct lsk_sockaddr local;
  if (!lsk_datagram_local(datagram, &local)) return 3;
  lsk_push_recent(L, recent, local.to.bytes, local.length);
  return 4;
}

/* Whether an answer may wait for others: its datagram is one of several of this
   round, handlers are quick, and there is room for it. Another event loop would
   let it wait for ever. */
static bool may_gather(const struct batch *batch, lua_Integer ticket,
                       size_t size) {
  return batch->gathers && batch->count > 1 && !batch->state->foreign.is_set &&
         ticket / LSK_DATAGRAMS == batch->round && size <= LONGEST_ANSWER &&
         batch->answered < LSK_DATAGRAMS;
}

/* batch:answer(ticket, bytes) -> how many bytes | nil: it must be sent by
   itself */
static int answer(lua_State *L) {
  struct batch *batch = check_batch(L);
  lua_Integer ticket = luaL_checkinteger(L, 2);
  size_t size;
  const char *bytes = luaL_checklstring(L, 3, &size);
  if (!may_gather(batch, ticket, size)) return 0;
  const struct lsk_datagram *question = &batch->list[ticket % LSK_DATAGRAMS];
  if (batch->answered == 0) lsk_hold(batch->state, &batch->held);
  struct lsk_datagram *reply = &batch->answers[batch->answered++];
  memcpy(reply->bytes, bytes, size);
  reply->length = size;
  reply->from_length = question->from_length;
  memcpy(&reply->from, &question->from, question->from_length);
  reply->control_length = 0;
  struct lsk_sockaddr local;
  if (lsk_datagram_local(question, &local))
    lsk_datagram_set_local(reply, &local);
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

/* batch:flush(): sends what was gathered, as far as there is room for it. */
static int flush(lua_State *L) {
  (void)flush_answers(check_batch(L));
  return 0;
}

/* batch:close(): the same, and later answers are sent by themselves. */
static int close(lua_State *L) {
  struct batch *batch = check_batch(L);
  (void)flush_answers(batch);
  batch->gathers = false;
  return 0;
}

/* The socket may be gone. */
static int gc(lua_State *L) {
  struct batch *batch = check_batch(L);
  lsk_stop_holding(batch->state, &batch->held);
  return 0;
}

/* address(packed[, port]) -> the Addrinfo of a datagram's end */
static int address(lua_State *L) {
  struct lsk_sockaddr addr;
  lsk_check_sockaddr(L, 1, &addr);
  int family = lsk_sockaddr_family(&addr);
  in_port_t port = htons((in_port_t)luaL_optinteger(L, 2, 0));
  if (port != 0 && family == AF_INET) addr.to.in.sin_port = port;
  if (port != 0 && family == AF_INET6) addr.to.in6.sin6_port = port;
  lsk_push_addrinfo(L, &addr, family, SOCK_DGRAM, 0);
  return 1;
}

/* Stack slots of reply. */
enum { REPLY_DATA = 2, REPLY_TO, REPLY_FROM };

static int reply_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_self(L);
  struct lsk_sockaddr to, from;
  lsk_check_sockaddr(L, REPLY_TO, &to);
  lsk_check_sockaddr(L, REPLY_FROM, &from);
  int failed = lsk_wait_result(L, status, REPLY_FROM);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, reply_k);
  while (failed == 0) {
    if (h->fd < 0) return lsk_fail_closed(L);
    size_t size;
    const char *data = lua_tolstring(L, REPLY_DATA, &size);
    ssize_t rc = lsk_sys_send_from(h->fd, data, size,
                                   lsk_wait_flag(h, deadline), &to, &from);
    lsk_count_sent(h, rc);
    if (rc >= 0) {
      lua_pushinteger(L, rc);
      return 1;
    }
    failed = lsk_should_wait(rc)
                 ? lsk_wait(L, h, LSK_WRITABLE, deadline, reply_k)
                 : lsk_fail(L, "sendmsg(2)", (int)-rc);
  }
  return failed;
}

/* reply(socket, data, to, from) -> bytes sent | nil, err, errno
   `from` is a local address as take gives it. */
static int reply(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  (void)luaL_checkstring(L, REPLY_DATA);
  lua_settop(L, REPLY_FROM);
  return reply_k(L, LUA_OK, lsk_timeout_deadline(h->timeout));
}

static const luaL_Reg methods[] = {
    {"answer", answer},   {"close", close}, {"flush", flush},
    {"receive", receive}, {"take", take},   {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"address", address}, {"new", new_batch}, {"reply", reply},
    {"serves", serves},   {NULL, NULL},
};

void lsk_open_op_datagram(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
