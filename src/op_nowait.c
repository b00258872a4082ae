/*
** What becomes of calls that were started with timeout = "nowait": receiving
** their messages, and cancelling them.
*/

#include "op_nowait.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "limit.h"
#include "mailbox.h"
#include "nowait.h"
#include "runner.h"
#include "task.h"
#include "wait.h"

#include <errno.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/* Stack slots of receive: seconds, or keywords. */
enum { RECEIVE_FIELDS = 1 };

/* Nothing can come, and the wait for it would not end. */
static void check_endless(lua_State *L, const struct lsk_state *state,
                          const struct lsk_mailbox *mailbox,
                          lsk_deadline deadline) {
  const struct lsk_limit *limits =
      state->task == NULL ? state->limits : state->task->limits;
  if (lsk_may_get_message(mailbox)) return;
  if (lsk_limited(limits, deadline) != LSK_NEVER) return;
  luaL_error(L, "deadlock: no call was started that a message could come from");
}

/* Where others cannot go on meanwhile, or need not: looks at the fds. 0, or the
   count of results of a failure. */
static int look(lua_State *L, struct lsk_mailbox *mailbox,
                lsk_deadline deadline, lua_KFunction k) {
  size_t room = lsk_count_requests(mailbox);
  struct pollfd *entries =
      lua_newuserdatauv(L, (room + 1) * sizeof *entries, 0);
  size_t count = lsk_list_requests(mailbox, entries);
  bool is_vain = count == 0 && deadline == LSK_NOW;
  bool has_come = lsk_count_requests(mailbox) < room; /* from a buffer */
  if (is_vain || has_come) return 0;
  int failed = lsk_wait_many(L, entries, count, deadline, k);
  if (failed == 0) lsk_take_events(mailbox, entries);
  return failed;
}

/* In a task: lets the others go on until a message comes, or the deadline. */
static void suspend(lua_State *L, struct lsk_state *state,
                    struct lsk_mailbox *mailbox, lsk_deadline deadline,
                    lua_KFunction k) {
  struct lsk_task *task = state->task;
  task->wait_kind = LSK_WAIT_QUEUE;
  lsk_wait_in_queue(&state->loop, &task->waiter, lsk_message_queue(mailbox),
                    lsk_limited(task->limits, deadline));
  lsk_suspend(L, state, deadline, k);
}

/* After a wait of the task, or one that another event loop has carried out: 0,
   or the count of results of a failure. */
static int go_on(lua_State *L, const struct lsk_state *state,
                 struct lsk_mailbox *mailbox, lsk_deadline deadline,
                 bool *is_late) {
  if (state->task != NULL) {
    *is_late = state->task->waiter.outcome == LSK_LATE;
    return 0;
  }
  *is_late = lsk_deadline_seconds(deadline) <= 0;
  int failed = lsk_wait_result(L, LUA_YIELD, 0);
  return failed ? failed : look(L, mailbox, LSK_NOW, NULL);
}

/* Waits for a message, which may have come then: 0, or the count of results of
   a failure. */
static int wait_for_message(lua_State *L, struct lsk_state *state,
                            struct lsk_mailbox *mailbox, lsk_deadline deadline,
                            lua_KFunction k, bool *is_late) {
  const struct lsk_task *task = state->task;
  if (task != NULL && deadline != LSK_NOW && lsk_can_suspend(L, state)) {
    suspend(L, state, mailbox, deadline, k);
    *is_late = task->waiter.outcome == LSK_LATE;
    return 0;
  }
  *is_late = true; /* unless there is a message now */
  return look(L, mailbox, deadline, k);
}

static int receive_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_state *state = lsk_get_state(L);
  struct lsk_mailbox *mailbox = lsk_open_mailbox(L, state);
  bool is_late = false;
  int failed =
      status == LUA_OK ? 0 : go_on(L, state, mailbox, deadline, &is_late);
  while (failed == 0) {
    if (state->task != NULL) lsk_end_turn(&state->loop, &state->task->waiter);
    if (lsk_push_message(L, mailbox)) return 1;
    if (is_late) return lsk_fail_timeout(L);
    check_endless(L, state, mailbox, deadline);
    failed = wait_for_message(L, state, mailbox, deadline, receive_k, &is_late);
  }
  return failed;
}

/* The deadline of a receive: seconds, or keywords. */
static lsk_deadline receive_deadline(lua_State *L) {
  if (lua_istable(L, RECEIVE_FIELDS)) {
    lsk_arg_fields(L, RECEIVE_FIELDS, RECEIVE_FIELDS, timeout_only);
    return lsk_arg_deadline(L, RECEIVE_FIELDS, -1);
  }
  return lsk_timeout_deadline(lsk_check_timeout(L, RECEIVE_FIELDS));
}

/// Waits for the next message about a call that was started with `timeout =
// "nowait"` by this task, or outside tasks. `type` is `"select"`: the socket is
// ready, and the call is to be made again; or `"abort"`: the socket was closed
// meanwhile, and `reason` is `"closed"`. `socket` is the socket, and `ref` that
// of the `SelectInfo`. It is `"counter_wrap"` where the option `iow` of level
// `otp`, which was set here, tells that the counter of the name in `counter`
// has begun anew at 0. Answers to Erlang's messages.
// @function Socket.receive
// @tparam[opt] number|table timeout seconds, or keywords with `timeout`
// @treturn table the message
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int receive(lua_State *L) {
  lsk_deadline deadline = receive_deadline(L);
  lua_settop(L, 0);
  return receive_k(L, LUA_OK, deadline);
}

/// Takes back a call that was started with `timeout = "nowait"`: its message
// will not come, and the next one has its turn. Answers to Erlang's
// `socket:cancel`.
// @function BasicSocket:cancel
// @tparam SelectInfo select what the call gave
// @treturn boolean true
// @error nil, err, errno: `EINVAL` when the call was made again meanwhile, or
//   was cancelled; `IOError` when the socket was closed
static int cancel(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  switch (lsk_cancel_request(L, h, 2)) {
  case LSK_CANCEL_CLOSED:
    return lsk_fail_closed(L);
  case LSK_CANCEL_GONE:
    return lsk_fail(L, NULL, EINVAL);
  default:
    lua_pushboolean(L, 1);
    return 1;
  }
}

static const luaL_Reg methods[] = {
    {"cancel", cancel},
    {NULL, NULL},
};

void lsk_open_op_nowait(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

static const luaL_Reg functions[] = {
    {"receive", receive},
    {NULL, NULL},
};

void lsk_open_op_receive(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
