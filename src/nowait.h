/*
** Requests: calls that were started with timeout = "nowait" and go on when
** their fd is ready. This is what becomes of one; mailbox.h has what their
** owners do with them.
**
** A request stands in the queue of calls of its socket's direction, like a task
** that waits, and keeps its turn until its owner calls again or cancels it.
** While tasks run the loop tells when the fd of a task's request is ready;
** outside them whoever waits for a message looks at the fds.
*/

#ifndef LSK_NOWAIT_H
#define LSK_NOWAIT_H

#include "handle.h"
#include "state.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum lsk_progress {
  LSK_REQUEST_PENDING, /* it waits for its turn and its fd */
  LSK_REQUEST_READY,   /* its message has not been taken yet */
  LSK_REQUEST_TOLD,    /* it has: the caller's turn */
  LSK_REQUEST_ABORTED, /* that it was is the message */
  LSK_REQUEST_OVER
};

/* Requests in their order. */
struct lsk_request_list {
  struct lsk_request *first, *last;
};

struct lsk_request {
  struct lsk_waiter waiter; /* first: a waiter may be a request */
  struct lsk_handle *h;     /* valid while it stands in its queue */
  struct lsk_mailbox *mailbox;
  struct lsk_request_list *list; /* of the mailbox; NULL: it is over */
  struct lsk_request *next, *previous;
  size_t buffered; /* what the call left in the read buffer: too little */
  size_t place;    /* in the list of entries, from 1 on; 0: none */
  unsigned char direction;
  unsigned char progress; /* enum lsk_progress */
};

/* All requests of one owner. */
struct lsk_mailbox {
  struct lsk_state *state;
  struct lsk_request_list pending, messages, told;
  size_t pending_count;
  struct lsk_queue receivers;
  bool is_listener;             /* counters that begin anew are told, too */
  const struct lsk_queue *turn; /* outside tasks: whose turn the call has */
};

/* Queues a new request, which the registry holds, in place of the running
   call's turn if that has one, else behind all others: 0 | -errno. */
int lsk_queue_request(struct lsk_request *request);

/* Its owner has taken the message that it is ready. */
void lsk_note_told(struct lsk_request *request);

/* The call that its owner makes now gets its place; then it is over. */
void lsk_replace_request(struct lsk_request *request);

/* It is over, and stands nowhere any more. Never raises. */
void lsk_finish_request(struct lsk_request *request);

/* Whether its call need not wait. */
bool lsk_is_request_ready(const struct lsk_request *request);

/* How many requests of the mailbox a message may come from. */
size_t lsk_count_requests(const struct lsk_mailbox *mailbox);

/*
** Makes entries, of which there is one for each of those requests, of what is
** to be looked at: how many. Then takes what poll(2) has found.
*/
size_t lsk_list_requests(struct lsk_mailbox *mailbox, struct pollfd *entries);
void lsk_take_events(struct lsk_mailbox *mailbox, const struct pollfd *entries);

#endif
