/*
** Datagrams of a socket that are received together, and their answers, which
** are gathered and sent together before the next wait.
*/

#ifndef LSK_BATCH_H
#define LSK_BATCH_H

#include "clock.h"
#include "handle.h"
#include "state.h"
#include "sys_datagram.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* A longer answer is sent by itself. */
#define LSK_LONGEST_ANSWER ((size_t)2048)

struct lsk_batch {
  struct lsk_held held; /* first: while answers are gathered, and not sent */
  const void *tag;      /* tells a batch from every other userdata */
  struct lsk_state *state;
  struct lsk_handle *served; /* the one socket, if answers are gathered */
  size_t most;               /* that one round receives */
  size_t asked;       /* that this one does: preparing for many costs, too */
  size_t count;       /* received */
  size_t answered;    /* answers gathered, */
  size_t sent;        /* and how many of them are sent */
  lua_Integer round;  /* of receiving */
  lsk_deadline taken; /* when a handler that is too slow has begun */
  bool is_slow;       /* a handler of this round was */
  bool gathers;       /* answers: no handler was slow in the round before */
  bool joins;         /* answers: the system cuts them apart */
  unsigned distrust;  /* for how many rounds it does not: one was refused */
  struct lsk_datagram list[LSK_DATAGRAMS];
  struct lsk_datagram answers[LSK_DATAGRAMS];
  char answer_bytes[LSK_DATAGRAMS * LSK_LONGEST_ANSWER];
  char bytes[]; /* touched only as far as datagrams reach */
};

/* Leaves a new one, for so many datagrams at a time, with `values` user values
   and no metatable. */
struct lsk_batch *lsk_new_batch(lua_State *L, size_t most, int values);

/* The batch at that index; raises for anything else. */
struct lsk_batch *lsk_check_batch(lua_State *L, int arg);

/* The functions below never raise. */

/* Makes the socket the one whose answers are gathered. */
void lsk_bind_batch(struct lsk_batch *batch, struct lsk_handle *h);

/* Ends the round, so that a new one can be received. */
void lsk_end_round(struct lsk_batch *batch);

/*
** Receives a round, once the answers of the round before are sent: how many
** datagrams | -errno, with the events to wait for.
*/
int lsk_receive_batch(struct lsk_batch *batch, struct lsk_handle *h,
                      lsk_deadline deadline, int *events);

/* The datagram of that place, from 0, whose handler is next. */
const struct lsk_datagram *lsk_take_datagram(struct lsk_batch *batch,
                                             size_t place);

/* A number by which the datagram of that place is answered, also later. */
static inline lua_Integer lsk_datagram_ticket(const struct lsk_batch *batch,
                                              size_t place) {
  return batch->round * LSK_DATAGRAMS + (lua_Integer)place;
}

/* Gathers an answer; false: it must be sent by itself. */
bool lsk_gather_answer(struct lsk_batch *batch, lua_Integer ticket,
                       const char *bytes, size_t size);

/* Sends what was gathered, without waiting: 0 | -EAGAIN. */
int lsk_flush_batch(struct lsk_batch *batch);

/* Forgets what was gathered, and gathers no more. */
void lsk_drop_batch(struct lsk_batch *batch);

#endif
