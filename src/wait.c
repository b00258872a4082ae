/*
** The one place where a call waits.
*/

#include "wait.h"

#include "ask.h"
#include "error.h"
#include "limit.h"
#include "mailbox.h"
#include "runner.h"
#include "stop.h"
#include "task.h"

#include <errno.h>
#include <limits.h>

/* How long a nap is, in seconds: short beside what a user notices, long beside
   what a try costs. */
#define NAP 0.005

int lsk_wait_check(lua_State *L, const struct lsk_handle *h) {
  const struct lsk_state *state = h->state;
  if (state->task != NULL) return 0; /* the scheduler looks for it */
  return lsk_is_interrupted(L, state, state->hook) ? lsk_fail(L, NULL, EINTR)
                                                   : 0;
}

/* Outside a scheduler. */

/* Polls until something is ready, the deadline passes (0) or a signal (with a
   hook) comes: how many are ready | -errno. */
static int poll_until(lua_State *L, struct lsk_state *state,
                      struct pollfd *entries, size_t count,
                      lsk_deadline deadline) {
  lsk_release(state);
  for (;;) {
    if (lsk_is_interrupted(L, state, state->hook)) return -EINTR;
    if (lsk_stop_is_due(state)) lsk_stop_loops(L, state); /* entries stay */
    int milliseconds = lsk_deadline_poll(deadline);
    int rc = lsk_sys_poll(entries, count, milliseconds);
    if (rc > 0) return rc;
    if (rc < 0 && rc != -EINTR) return rc;
    if (rc == 0 && lsk_deadline_poll(deadline) == 0) return 0;
  }
}

/* The deadline, or that of a with_timeout around. */
static lsk_deadline limited(const struct lsk_state *state,
                            lsk_deadline deadline) {
  return lsk_limited(state->task == NULL ? state->limits : state->task->limits,
                     deadline);
}

/*
** An error alone may be one that stays, in a queue of errors that nobody reads.
** The call tells of it if it is new; if not, it neither spins nor misses its
** deadline: 1 | 0, as poll_until.
*/
static int heed_error(lsk_deadline deadline) {
  (void)lsk_sys_poll(NULL, 0, 1);
  return lsk_deadline_poll(deadline) != 0;
}

static int block_for_socket(lua_State *L, struct lsk_handle *h, int events,
                            lsk_deadline deadline) {
  struct pollfd entry = {.fd = h->fd, .events = (short)events};
  lsk_deadline bound = limited(h->state, deadline);
  int rc = poll_until(L, h->state, &entry, 1, bound);
  if (rc > 0 && (entry.revents & events) == 0) rc = heed_error(bound);
  h->watch.blocked = 0;
  if (rc < 0) return lsk_fail(L, "poll(2)", -rc);
  return rc == 0 ? lsk_fail_timeout(L) : 0;
}

static int block_for_many(lua_State *L, struct lsk_state *state,
                          struct pollfd *entries, size_t count,
                          lsk_deadline deadline) {
  lsk_deadline bound = limited(state, deadline);
  state->hook = lua_gethook(state->main);
  int rc = poll_until(L, state, entries, count, bound);
  if (rc < 0) return lsk_fail(L, "poll(2)", -rc);
  return rc == 0 && bound < deadline ? lsk_fail_timeout(L) : 0;
}

/* In a task. */

/* What the end of the task's wait means: 0 (go on), or the results. */
static int task_result(lua_State *L, const struct lsk_task *task) {
  if (task->waiter.outcome != LSK_LATE) return 0;
  switch (task->wait_kind) {
  case LSK_WAIT_FD:
    return lsk_fail_timeout(L);
  case LSK_WAIT_MANY:
    return task->is_limited ? lsk_fail_timeout(L) : 0;
  default:
    return 0;
  }
}

/* The wait of the task has begun, or has failed to. */
static int suspend(lua_State *L, struct lsk_state *state, int rc,
                   lsk_deadline deadline, lua_KFunction k) {
  if (rc < 0) return lsk_fail(L, "epoll_ctl(2)", -rc);
  const struct lsk_task *task = state->task;
  lsk_suspend(L, state, deadline, k);
  return task_result(L, task);
}

int lsk_wait_outcome(lua_State *L, const struct lsk_state *state, int top) {
  const struct lsk_task *task = state->task;
  if (task == NULL || task->thread != L) return lsk_ask_result(L, top);
  lua_settop(L, top);
  return task_result(L, task);
}

int lsk_wait_result(lua_State *L, int status, int top) {
  return status == LUA_OK ? 0 : lsk_wait_outcome(L, lsk_get_state(L), top);
}

int lsk_wait(lua_State *L, struct lsk_handle *h, int events,
             lsk_deadline deadline, lua_KFunction k) {
  struct lsk_state *state = h->state;
  if (deadline == LSK_NOW) {
    h->watch.wants_writing = events == LSK_WRITABLE;
    return lsk_would_block(L, events);
  }
  if (deadline == LSK_NOWAIT) return lsk_start_request(L, h, events);
  if (!lsk_can_suspend(L, state))
    return lsk_asks(L, state) ? lsk_ask_for_socket(L, h, events, deadline, k)
                              : block_for_socket(L, h, events, deadline);
  struct lsk_task *task = state->task;
  task->wait_kind = LSK_WAIT_FD;
  int rc = lsk_wait_for_fd(&state->loop, &task->waiter, &h->watch, h->fd,
                           lsk_direction(events), limited(state, deadline));
  return suspend(L, state, rc, deadline, k);
}

/* Lets other tasks go on, as this one has made its share of calls. */
static void give_way(lua_State *L, struct lsk_state *state,
                     lsk_deadline deadline, lua_KFunction k) {
  struct lsk_task *task = state->task;
  task->wait_kind = LSK_GAVE_WAY;
  lsk_wait_for_time(&state->loop, &task->waiter, LSK_NOW);
  lsk_suspend(L, state, deadline, k);
}

/* Where no task can let others go on. */
static int take_turn_outside(lua_State *L, struct lsk_handle *h, int events,
                             int status, lsk_deadline deadline,
                             lua_KFunction k) {
  if (!lsk_asks(L, h->state)) return 0;
  return lsk_ask_for_turn(L, h, events, status, deadline, k);
}

int lsk_take_turn(lua_State *L, struct lsk_handle *h, int events, int status,
                  lsk_deadline deadline, lua_KFunction k) {
  struct lsk_state *state = h->state;
  struct lsk_task *task = state->task;
  int direction = lsk_direction(events);
  const struct lsk_queue *queue = &h->watch.calls[direction];
  bool can_suspend = task != NULL && lsk_can_suspend(L, state);
  if (can_suspend && status == LUA_OK && task->waiter.queue == queue)
    lsk_end_turn(&state->loop, &task->waiter); /* that of its last call */
  if (state->requests > 0 && status == LUA_OK &&
      !lsk_resume_request(L, h, events, deadline))
    return lsk_wait(L, h, events, deadline, k);
  if (!can_suspend) {
    state->credit = INT_MAX;
    return take_turn_outside(L, h, events, status, deadline, k);
  }
  while (lsk_is_others_turn(&h->watch, direction, &task->waiter)) {
    int failed = lsk_wait(L, h, events, deadline, k);
    if (failed || h->fd < 0) return failed;
  }
  bool returns = deadline == LSK_NOW || deadline == LSK_NOWAIT;
  if (state->credit >= 0 || returns || queue->first != NULL) return 0;
  if (lsk_can_yield(L, state)) give_way(L, state, deadline, k);
  return 0;
}

/* The place for a wait for several stands on the stack above all else. */
static int suspend_for_many(lua_State *L, struct lsk_state *state,
                            const struct lsk_wanted *wanted,
                            lsk_deadline deadline, lua_KFunction k) {
  struct lsk_task *task = state->task;
  lsk_deadline bound = limited(state, deadline);
  int rc = lsk_look(wanted), top = lua_gettop(L);
  if (rc > 0 || (rc == 0 && deadline == LSK_NOW)) return 0;
  if (rc < 0) return lsk_fail(L, "poll(2)", -rc);
  struct lsk_many *many = lua_newuserdatauv(L, lsk_many_size(wanted->count), 0);
  task->wait_kind = LSK_WAIT_MANY;
  task->is_limited = bound < deadline;
  rc = lsk_wait_for_many(&state->loop, &task->waiter, many, wanted, bound);
  int failed = suspend(L, state, rc, deadline, k);
  if (failed == 0) lua_settop(L, top);
  return failed;
}

/* For time alone, until `end`; for none, others have a turn. The deadline is
   the call's. */
static int suspend_for_time(lua_State *L, struct lsk_state *state,
                            lsk_deadline end, lsk_deadline deadline,
                            lua_KFunction k) {
  struct lsk_task *task = state->task;
  lsk_deadline bound = limited(state, end);
  task->wait_kind = end == LSK_NOW ? LSK_GAVE_WAY : LSK_WAIT_MANY;
  task->is_limited = bound < end;
  lsk_wait_for_time(&state->loop, &task->waiter, bound);
  return suspend(L, state, 0, deadline, k);
}

/* Outside tasks. */
static int wait_outside(lua_State *L, struct lsk_state *state,
                        const struct lsk_wanted *wanted, lsk_deadline deadline,
                        lua_KFunction k) {
  int rc = -1;
  if (lsk_asks(L, state)) rc = lsk_ask_for_many(L, wanted, deadline, k);
  return rc >= 0 ? rc
                 : block_for_many(L, state, wanted->entries, wanted->count,
                                  deadline);
}

int lsk_wait_wanted(lua_State *L, const struct lsk_wanted *wanted,
                    lsk_deadline deadline, lua_KFunction k) {
  struct lsk_state *state = lsk_get_state(L);
  if (!lsk_can_suspend(L, state))
    return wait_outside(L, state, wanted, deadline, k);
  return wanted->count == 0 ? suspend_for_time(L, state, deadline, deadline, k)
                            : suspend_for_many(L, state, wanted, deadline, k);
}

int lsk_wait_many(lua_State *L, struct pollfd *entries, size_t count,
                  lsk_deadline deadline, lua_KFunction k) {
  const struct lsk_wanted wanted = {.entries = entries, .count = count};
  return lsk_wait_wanted(L, &wanted, deadline, k);
}

int lsk_nap(lua_State *L, struct lsk_handle *h, int events,
            lsk_deadline deadline, lua_KFunction k) {
  if (deadline == LSK_NOW) return lsk_would_block(L, events);
  if (deadline == LSK_NOWAIT) return lsk_start_request(L, h, events);
  if (lsk_deadline_seconds(deadline) == 0) return lsk_fail_timeout(L);
  struct lsk_state *state = h->state;
  lsk_deadline end = lsk_deadline_after(NAP);
  if (end > deadline) end = deadline;
  if (lsk_can_suspend(L, state))
    return suspend_for_time(L, state, end, deadline, k);
  return lsk_asks(L, state) ? lsk_ask_for_time(L, end, deadline, k)
                            : block_for_many(L, state, NULL, 0, end);
}

/* A unix datagram's queue is full at the other end, which poll does not tell
   when the address came with the call. */
int lsk_wait_to_send(lua_State *L, struct lsk_handle *h, bool to_address,
                     lsk_deadline deadline, lua_KFunction k) {
  if (to_address && h->domain == AF_UNIX)
    return lsk_nap(L, h, LSK_WRITABLE, deadline, k);
  return lsk_wait(L, h, LSK_WRITABLE, deadline, k);
}
