/*
** Datagrams of a socket that are received together, and their answers.
*/

#include "batch.h"

#include "counters.h"
#include "wait.h"

#include <errno.h>
#include <string.h>

#include <lauxlib.h>

/* No IP datagram is longer. The places for them do not lie at equal distances
   from a page's start: the first lines of all would share a cache set. */
#define LONGEST ((size_t)65536)
#define STRIDE (LONGEST + 64)

/* What a round asks for at the least. */
#define FEW ((size_t)4)

/* So many answers are sent without waiting for more, so that who asks has them
   while the next ones are made. More than these save little. */
#define ENOUGH ((size_t)8)

/* For how many rounds answers are sent by themselves when the system has
   refused a gathered one, so that their senders learn why. */
#define DISTRUST 64

/* A handler that takes longer, in seconds, keeps no other's answer waiting. */
#define SLOW 0.0002

/* Its address marks a batch, as that of a socket does. */
static const char tag = 0;

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
static int send_answers(struct lsk_batch *batch) {
  struct lsk_handle *h = batch->served;
  while (batch->sent < batch->answered && h->fd >= 0) {
    int rc = lsk_sys_send_datagrams(h->fd, batch->answers + batch->sent,
                                    batch->answered - batch->sent,
                                    &batch->joins, MSG_DONTWAIT);
    count_sent(h, batch->answers + batch->sent, rc);
    if (lsk_should_wait(rc)) return -EAGAIN;
    batch->sent += rc > 0 ? (size_t)rc : 1;
    if (rc < 0) batch->distrust = DISTRUST;
  }
  batch->sent = batch->answered = 0;
  return 0;
}

static bool release(struct lsk_held *held) {
  return send_answers((struct lsk_batch *)held) == 0;
}

struct lsk_batch *lsk_new_batch(lua_State *L, size_t most, int values) {
  struct lsk_batch *batch =
      lua_newuserdatauv(L, sizeof *batch + most * STRIDE, values);
  memset(batch, 0, offsetof(struct lsk_batch, answer_bytes));
  batch->held.release = release;
  batch->tag = &tag;
  batch->state = lsk_get_state(L);
  batch->most = most;
  batch->asked = most < FEW ? most : FEW;
  for (size_t i = 0; i < most; i++) {
    batch->list[i].bytes = batch->bytes + i * STRIDE;
    batch->list[i].size = LONGEST;
  }
  for (size_t i = 0; i < LSK_DATAGRAMS; i++)
    batch->answers[i].bytes = batch->answer_bytes + i * LSK_LONGEST_ANSWER;
  return batch;
}

struct lsk_batch *lsk_check_batch(lua_State *L, int arg) {
  struct lsk_batch *batch = lua_touserdata(L, arg);
  if (batch == NULL || lua_rawlen(L, arg) < sizeof *batch || batch->tag != &tag)
    luaL_typeerror(L, arg, "batch");
  return batch;
}

void lsk_bind_batch(struct lsk_batch *batch, struct lsk_handle *h) {
  batch->served = h;
  batch->joins = lsk_sys_can_join_datagrams(h->fd);
}

int lsk_flush_batch(struct lsk_batch *batch) {
  if (batch->answered == 0) return 0;
  int rc = send_answers(batch);
  if (rc == 0) lsk_stop_holding(batch->state, &batch->held);
  return rc;
}

void lsk_drop_batch(struct lsk_batch *batch) {
  batch->gathers = false; /* a source may be used yet, in another's __gc */
  lsk_stop_holding(batch->state, &batch->held);
}

void lsk_end_round(struct lsk_batch *batch) {
  if (batch->count > 1 && lsk_clock_now() > batch->taken) batch->is_slow = true;
  batch->count = 0;
  batch->round++;
  batch->gathers = !batch->is_slow && batch->distrust == 0;
  if (batch->distrust > 0) batch->distrust--;
  batch->is_slow = false;
}

/* The next round asks for more when this one was full, for less when it was far
   from that. */
static void adapt(struct lsk_batch *batch, size_t got) {
  size_t asked = batch->asked;
  if (got == asked && asked < batch->most)
    batch->asked = asked * 2 < batch->most ? asked * 2 : batch->most;
  else if (got < asked / 4 && asked > FEW)
    batch->asked = asked / 2;
}

int lsk_receive_batch(struct lsk_batch *batch, struct lsk_handle *h,
                      lsk_deadline deadline, int *events) {
  *events = LSK_WRITABLE;
  int rc = lsk_flush_batch(batch);
  if (rc < 0) return rc;
  *events = LSK_READABLE;
  int flags = lsk_wait_flag(h, deadline);
  rc = lsk_sys_recv_datagrams(h->fd, batch->list, batch->asked, flags);
  count_received(h, batch->list, rc);
  if (rc < 0) return rc;
  batch->count = (size_t)rc;
  batch->taken = LSK_NEVER;
  adapt(batch, batch->count);
  return rc;
}

/* Watches the handlers, each of which has its turn between two calls: after a
   slow one, answers do not wait. */
static void watch_time(struct lsk_batch *batch) {
  lsk_deadline now = lsk_clock_now();
  if (now > batch->taken) {
    batch->is_slow = true;
    batch->gathers = false;
    (void)lsk_flush_batch(batch);
  }
  batch->taken = lsk_deadline_from(now, SLOW);
}

const struct lsk_datagram *lsk_take_datagram(struct lsk_batch *batch,
                                             size_t place) {
  if (batch->count > 1) watch_time(batch);
  return &batch->list[place];
}

/* Whether an answer may wait for others: its datagram is one of several of this
   round, handlers are quick, and there is room for it. Another event loop would
   let it wait for ever. */
static bool may_gather(const struct lsk_batch *batch, lua_Integer ticket,
                       size_t size) {
  return batch->gathers && batch->count > 1 && !batch->state->foreign.is_set &&
         ticket / LSK_DATAGRAMS == batch->round && size <= LSK_LONGEST_ANSWER &&
         batch->answered < LSK_DATAGRAMS;
}

bool lsk_gather_answer(struct lsk_batch *batch, lua_Integer ticket,
                       const char *bytes, size_t size) {
  if (!may_gather(batch, ticket, size)) return false;
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
  if (batch->answered >= ENOUGH) (void)lsk_flush_batch(batch);
  return true;
}
