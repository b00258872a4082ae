/*
** The one place where a call waits: for one socket and direction, for several
** fds, or for none. A task lets the others go on meanwhile; outside a scheduler
** the process sleeps.
**
** An operation is one lua_KFunction that is also its own continuation. It waits
** for its turn, tries its system call and, told -EAGAIN or -EINTR, waits and
** tries again:
**
**   int failed = lsk_wait_result(L, status, top);
**   if (!failed)
**     failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, recv_k);
**   while (!failed) {
**     if (h->fd < 0) return lsk_fail_closed(L);
**     ssize_t rc = lsk_may_try(h, LSK_READABLE)
**                      ? lsk_sys_recv(h->fd, ..., lsk_wait_flag(h, deadline))
**                      : -EAGAIN;
**     if (rc >= 0) break;
**     if (!lsk_should_wait(rc)) return lsk_fail(L, "recv(2)", (int)-rc);
**     failed = lsk_wait(L, h, LSK_READABLE, deadline, recv_k);
**   }
**
** The deadline is the continuation's context. What must outlast a wait stands
** on the Lua stack or in the socket, never in a C local.
*/

#ifndef LSK_WAIT_H
#define LSK_WAIT_H

#include "clock.h"
#include "handle.h"
#include "sys_io.h"
#include "task.h"

#include <errno.h>
#include <stdbool.h>

#include <netinet/in.h>

#include <lua.h>

/*
** Marks the start of a try that may find itself told to wait. lsk_wait_flag
** does it too; an operation that needs no flag (accept, connect) calls this.
*/
static inline void lsk_wait_begin(struct lsk_handle *h) {
  h->state->hook = lua_gethook(h->state->main);
}

/*
** What a send or receive adds to its flags before each try: 0 when it may
** sleep in the kernel (no deadline, nobody else to run), else MSG_DONTWAIT.
*/
static inline int lsk_wait_flag(struct lsk_handle *h, lsk_deadline deadline) {
  lsk_wait_begin(h);
  bool may_sleep = deadline == LSK_NEVER && h->state->must_poll == 0;
  return may_sleep ? 0 : MSG_DONTWAIT;
}

/*
** Whether a call may begin at once: nobody else's call is in progress or waits
** in that direction, and it is not yet time to let other tasks go on. Otherwise
** the operation goes through its continuation, and lsk_wait_turn.
*/
static inline bool lsk_may_begin(const struct lsk_handle *h, int events) {
  const struct lsk_waiter *first = h->watch.calls[lsk_direction(events)].first;
  const struct lsk_task *task = h->state->task;
  bool is_free = first == NULL || (first->next == first && task != NULL &&
                                   first == &task->waiter);
  return is_free && --h->state->credit >= 0;
}

/* Whether a try is worth its system call: the direction is not known to be
   blocked. */
static inline bool lsk_may_try(const struct lsk_handle *h, int events) {
  return (h->watch.blocked & 1 << lsk_direction(events)) == 0;
}

/*
** Notes that a call moved fewer bytes than asked for. On a TCP stream the queue
** is empty then, or full, so that the next call need not try. A unix stream
** cuts its reads in other places, too.
*/
static inline void lsk_note_short(struct lsk_handle *h, int events) {
  if (h->watch.generation != 0 && h->type == SOCK_STREAM &&
      (h->domain == AF_INET || h->domain == AF_INET6) &&
      (h->protocol == 0 || h->protocol == IPPROTO_TCP))
    lsk_watch_note_short(&h->watch, lsk_direction(events));
}

/* Whether a system call's result asks for a wait: -EAGAIN or -EINTR. */
static inline bool lsk_should_wait(ssize_t rc) {
  return rc == -EAGAIN || rc == -EWOULDBLOCK || rc == -EINTR;
}

/*
** Stands between the tries of an operation that moves bytes in several: a
** signal makes a blocking send short rather than fail, and may come between
** two receives. 0, or the count of results when Ctrl-C came since the last try.
*/
int lsk_wait_check(lua_State *L, const struct lsk_handle *h);

/* What lsk_wait_turn does where a call may not begin at once. */
int lsk_take_turn(lua_State *L, struct lsk_handle *h, int events, int status,
                  lsk_deadline deadline, lua_KFunction k);

/*
** Stands at the start of an operation, after lsk_wait_result: waits until the
** calls that came before have ended, so that whole calls are served in their
** order. 0, or the results of a failure.
*/
static inline int lsk_wait_turn(lua_State *L, struct lsk_handle *h, int events,
                                int status, lsk_deadline deadline,
                                lua_KFunction k) {
  if (lsk_may_begin(h, events)) return 0;
  return lsk_take_turn(L, h, events, status, deadline, k);
}

/*
** Waits until the socket is ready for `events`. 0: try again. Otherwise the
** count of results that were pushed (nil, err, errno): the deadline has
** passed, the call must not wait, Ctrl-C came; nil, a SelectInfo, nil where the
** deadline is LSK_NOWAIT. In a task it does not return:
** `k` runs in its place when the socket is ready.
*/
int lsk_wait(lua_State *L, struct lsk_handle *h, int events,
             lsk_deadline deadline, lua_KFunction k);

/*
** The outcome of the wait that a continuation comes back from: 0 (go on), or
** the results of the failure; what lies above the first `top` values of the
** stack is dropped. At the first call (`status` is LUA_OK) it is 0, and the
** stack stays as it is: `top` values.
*/
int lsk_wait_result(lua_State *L, int status, int top);

/* What it does after a wait. */
int lsk_wait_outcome(lua_State *L, const struct lsk_state *state, int top);

/* The same for a call on a socket, which need not look for the state. */
static inline int lsk_call_result(lua_State *L, const struct lsk_handle *h,
                                  int status, int top) {
  return status == LUA_OK ? 0 : lsk_wait_outcome(L, h->state, top);
}

/*
** Waits until one of the entries is ready (see `revents`) or the deadline has
** passed (none is). 0: look at the entries; otherwise the count of results of
** a failure. The entries outlast a wait: they stand in a userdata.
*/
int lsk_wait_many(lua_State *L, struct pollfd *entries, size_t count,
                  lsk_deadline deadline, lua_KFunction k);

/* The same for work that was started with the loop's wake, too, and with what
   the fds belong to. */
int lsk_wait_wanted(lua_State *L, const struct lsk_wanted *wanted,
                    lsk_deadline deadline, lua_KFunction k);

/*
** Lets a little time pass, for what no fd can tell (a unix socket's queue that
** is full at the other end). 0: try again; otherwise as lsk_wait.
*/
int lsk_nap(lua_State *L, struct lsk_handle *h, int events,
            lsk_deadline deadline, lua_KFunction k);

/* Waits until more can be sent, to an address that came with the call or to the
   socket's peer: as lsk_wait. */
int lsk_wait_to_send(lua_State *L, struct lsk_handle *h, bool to_address,
                     lsk_deadline deadline, lua_KFunction k);

#endif
