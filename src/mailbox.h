/*
** Mailboxes, which get a message when a call that was started with
** timeout = "nowait" can go on. Each task has a mailbox of its own, and code
** outside tasks has one.
*/

#ifndef LSK_MAILBOX_H
#define LSK_MAILBOX_H

#include "clock.h"
#include "handle.h"
#include "state.h"

#include <stdbool.h>

#include <lua.h>

struct lsk_mailbox;
struct lsk_task;

/* What became of an attempt to cancel. */
enum lsk_cancel {
  LSK_CANCEL_DONE,
  LSK_CANCEL_CLOSED, /* the socket was closed before */
  LSK_CANCEL_GONE    /* nobody waits for it any more */
};

/*
** Starts a request of the caller for the socket at index 1, in place of the
** running call's turn if that has one, else behind all others. Leaves nil, a
** SelectInfo, nil, or the results of a failure: the count of results.
*/
int lsk_start_request(lua_State *L, struct lsk_handle *h, int events);

/*
** A call begins in that direction: it takes the place of the caller's own
** request, if there is one. False: that one is to stay, as the call must not
** wait and the fd is not ready.
*/
bool lsk_resume_request(lua_State *L, struct lsk_handle *h, int events,
                        lsk_deadline deadline);

/* Takes back the request of that SelectInfo, with its message. Raises where it
   is none. */
enum lsk_cancel lsk_cancel_request(lua_State *L, const struct lsk_handle *h,
                                   int arg);

/* The caller's mailbox. */
struct lsk_mailbox *lsk_open_mailbox(lua_State *L, struct lsk_state *state);

/* Has messages tell the caller of counters of the socket at `index` that begin
   anew at 0, or nobody. Raises when memory is out. */
void lsk_tell_wraps(lua_State *L, int index, bool on);

/* Whether there is anything that a message may come from while others run. */
bool lsk_may_get_message(const struct lsk_mailbox *mailbox);

/* Takes the next message, which it leaves; false: there is none. */
bool lsk_push_message(lua_State *L, struct lsk_mailbox *mailbox);

/* Who waits for a message. */
struct lsk_queue *lsk_message_queue(struct lsk_mailbox *mailbox);

/* The task ends: its requests are taken back. Never raises. */
void lsk_drop_mailbox(struct lsk_state *state, const struct lsk_task *task);

/* Adds the functions of the class SelectInfo to the table on top of the stack,
   and registers the types. */
void lsk_open_mailboxes(lua_State *L);

#endif
