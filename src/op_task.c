/*
** Running tasks: Socket.run, schedule, with_timeout, and joining.
*/

#include "op_task.h"

#include "arg.h"
#include "ask.h"
#include "error.h"
#include "report.h"
#include "runner.h"
#include "task.h"

#include <errno.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/* Copies all values of the task's stack: how many. */
static int push_results(lua_State *L, const struct lsk_task *task) {
  int count = lua_gettop(task->thread);
  luaL_checkstack(L, count, "too many results of a task");
  if (!lua_checkstack(task->thread, count)) luaL_error(L, "not enough memory");
  for (int i = 1; i <= count; i++) lua_pushvalue(task->thread, i);
  lua_xmove(task->thread, L, count);
  return count;
}

/* Stack slots of a run: what closes it, its first task. */
enum { RUN_GROUP = 1, RUN_ROOT };

/* The results of a run whose tasks have ended: those of its first task. */
static int finish_run(lua_State *L, enum lsk_run_end end) {
  const struct lsk_task *root = lsk_check_task(L, RUN_ROOT);
  if (root->status == LSK_TASK_FAILED) {
    (void)push_results(L, root);
    return lua_error(L);
  }
  if (end == LSK_RUN_INTERRUPTED) return lsk_fail(L, NULL, EINTR);
  if (end == LSK_RUN_DEADLOCK)
    return luaL_error(L, "deadlock: each task waits for another");
  if (end == LSK_RUN_FAILED) return luaL_error(L, "cannot wait for events");
  if (root->status == LSK_TASK_DONE) return push_results(L, root);
  lsk_push_canceled(L);
  return lua_error(L);
}

/* Where the time of a with_timeout is up before all have ended, closing the
   group ends the rest. */
static int nested_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  const struct lsk_group *group = lua_touserdata(L, RUN_GROUP);
  const struct lsk_task *root = lsk_check_task(L, RUN_ROOT);
  bool is_late = group->count > 0 && root->status != LSK_TASK_FAILED;
  if (is_late) return lsk_fail_timeout(L);
  lua_settop(L, RUN_ROOT);
  return finish_run(L, LSK_RUN_OVER);
}

/* A run inside a task: the task waits for it like for anything else. */
static int run_nested(lua_State *L, struct lsk_group *group) {
  struct lsk_state *state = group->state;
  struct lsk_task *task = state->task;
  if (!lsk_can_suspend(L, state))
    return luaL_error(L, "attempt to run tasks in a finalizer");
  task->wait_kind = LSK_WAIT_QUEUE;
  lsk_wait_in_queue(&state->loop, &task->waiter, &group->waiting,
                    lsk_limited(task->limits, LSK_NEVER));
  lsk_suspend(L, state, 0, nested_k);
  return nested_k(L, LUA_OK, 0);
}

static int run_outermost(lua_State *L, struct lsk_group *group) {
  enum lsk_run_end end = lsk_run_group(L, group);
  lsk_loop_close(&group->state->loop);
  return finish_run(L, end);
}

/// Calls the function as a task, and lets it and all the tasks that it starts
// run until they have ended. An error of the function ends the others and is
// raised unchanged. May be called inside a task, too.
// @function Socket.run
// @tparam function fn
// @param[opt] ... its arguments
// @return what the function returns
static int run(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  int count = lua_gettop(L) - 1;
  struct lsk_group *group = lsk_new_group(L);
  struct lsk_state *state = group->state;
  bool is_outermost = state->task == NULL;
  if (is_outermost && lsk_loop_is_open(&state->loop)) {
    group->is_open = false;
    return luaL_error(L, "attempt to run tasks in a finalizer");
  }
  lua_insert(L, RUN_GROUP);
  lua_toclose(L, RUN_GROUP);
  int rc = is_outermost ? lsk_loop_open(&state->loop) : 0;
  if (rc < 0) return lsk_fail(L, "epoll_create1(2)", -rc);
  struct lsk_task *root = lsk_new_task(L, group, count);
  root->is_root = true;
  return is_outermost ? run_outermost(L, group) : run_nested(L, group);
}

/// Starts a task, which calls the function when its turn comes. Outside
// `Socket.run` the scheduler that `set_scheduler` names starts a coroutine of
// its own. Answers to Ruby's `Fiber.schedule`.
// @function Socket.schedule
// @tparam function fn
// @param[opt] ... its arguments
// @treturn Task the task, or what that scheduler gives
static int schedule(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  const struct lsk_state *state = lsk_get_state(L);
  if (state->task == NULL && state->foreign.is_set) return lsk_ask_for_fiber(L);
  if (state->task == NULL)
    return luaL_error(L, "no scheduler runs: call Socket.run");
  (void)lsk_new_task(L, state->task->group, lua_gettop(L) - 1);
  return 1;
}

static int finish_limited(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  return lua_gettop(L) - 1;
}

/// Bounds everything that the function waits for: when the time is up, the wait
// in progress and each later one gives nil, `Socket.TIMEOUT`. Works outside a
// scheduler, too.
// @function Socket.with_timeout
// @tparam number seconds
// @tparam function fn
// @param[opt] ... its arguments
// @return what the function returns
static int with_timeout(lua_State *L) {
  luaL_checknumber(L, 1);
  double seconds = lsk_check_timeout(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lsk_deadline deadline = LSK_NEVER;
  if (seconds >= 0) deadline = lsk_deadline_from(lsk_clock_now(), seconds);
  struct lsk_state *state = lsk_get_state(L);
  struct lsk_limit **list =
      state->task == NULL ? &state->limits : &state->task->limits;
  lsk_new_limit(L, state, list, deadline);
  lua_replace(L, 1);
  lua_toclose(L, 1);
  lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, finish_limited);
  return finish_limited(L, LUA_OK, 0);
}

/* Stack slots of a join: the task, then keywords. */
enum { JOIN_FIELDS = 2 };

/* Leaves the results of join on a task that has ended. */
static int push_joined(lua_State *L, const struct lsk_task *task) {
  lua_pushboolean(L, task->status == LSK_TASK_DONE);
  if (task->status != LSK_TASK_CANCELED) return 1 + push_results(L, task);
  lsk_push_canceled(L);
  return 2;
}

static int join_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  lua_settop(L, 1);
  const struct lsk_task *task = lsk_check_task(L, 1);
  return lsk_task_has_ended(task) ? push_joined(L, task) : lsk_fail_timeout(L);
}

/* The deadline of a join: seconds, or keywords. */
static lsk_deadline join_deadline(lua_State *L) {
  if (lua_istable(L, 2)) {
    lsk_arg_fields(L, JOIN_FIELDS, JOIN_FIELDS, timeout_only);
    return lsk_arg_deadline(L, JOIN_FIELDS, -1);
  }
  return lsk_timeout_deadline(lsk_check_timeout(L, JOIN_FIELDS));
}

/// Waits until the task has ended.
// @function Task:join
// @tparam[opt] number timeout seconds
// @treturn boolean true, then what the function returned; false, then the value
//   that it raised, or `Socket.CANCELED`
// @error nil, `Socket.TIMEOUT`: it goes on
static int join(lua_State *L) {
  struct lsk_task *task = lsk_check_task(L, 1);
  lsk_deadline deadline = join_deadline(L);
  lua_settop(L, 1);
  if (lsk_task_has_ended(task)) return push_joined(L, task);
  struct lsk_state *state = task->state;
  if (state->task == task) return luaL_error(L, "a task cannot join itself");
  if (deadline == LSK_NOW || !lsk_can_suspend(L, state))
    return lsk_fail_timeout(L);
  struct lsk_task *self = state->task;
  self->wait_kind = LSK_WAIT_QUEUE;
  lsk_wait_in_queue(&state->loop, &self->waiter, &task->joiners,
                    lsk_limited(self->limits, deadline));
  lsk_suspend(L, state, 0, join_k);
  return join_k(L, LUA_OK, 0);
}

/* A gate: lets so many tasks in at a time. */
struct gate {
  lua_Integer room;
  struct lsk_queue waiting;
};

#define GATE "socket.Gate"

/* Waits until there is room, and takes `share` of it. The room that it leaves
   is for the next one: only one is woken at a time. */
static int enter_k(lua_State *L, int status, lua_KContext share) {
  struct gate *gate = luaL_checkudata(L, 1, GATE);
  struct lsk_state *state = lsk_get_state(L);
  while (gate->room == 0) {
    state->task->wait_kind = LSK_WAIT_QUEUE;
    lsk_wait_in_queue(&state->loop, &state->task->waiter, &gate->waiting,
                      LSK_NEVER);
    lsk_suspend(L, state, share, enter_k);
  }
  gate->room -= share;
  if (status != LUA_OK && gate->room > 0)
    lsk_wake_first(&state->loop, &gate->waiting);
  return 0;
}

/* gate:enter() waits until there is room, and takes it; gate:pass() only waits.
 */
static int enter(lua_State *L) {
  return enter_k(L, LUA_OK, 1);
}

/* gate:try_enter() takes room if there is some: whether it did. */
static int try_enter(lua_State *L) {
  struct gate *gate = luaL_checkudata(L, 1, GATE);
  bool has_room = gate->room > 0;
  if (has_room) gate->room--;
  lua_pushboolean(L, has_room);
  return 1;
}

static int pass(lua_State *L) {
  return enter_k(L, LUA_OK, 0);
}

/* gate:leave() makes room, and so does its end as a <close> variable. */
static int leave(lua_State *L) {
  struct gate *gate = luaL_checkudata(L, 1, GATE);
  gate->room++;
  lsk_wake_first(&lsk_get_state(L)->loop, &gate->waiting);
  return 0;
}

/* new_gate(n) -> gate */
static int new_gate(lua_State *L) {
  lua_Integer room = luaL_checkinteger(L, 1);
  struct gate *gate = lua_newuserdatauv(L, sizeof *gate, 0);
  *gate = (struct gate){.room = room};
  luaL_setmetatable(L, GATE);
  return 1;
}

static const luaL_Reg functions[] = {
    {"run", run},
    {"schedule", schedule},
    {"with_timeout", with_timeout},
    {NULL, NULL},
};

static const luaL_Reg gate_methods[] = {
    {"enter", enter}, {"try_enter", try_enter},
    {"leave", leave}, {"pass", pass},
    {NULL, NULL},
};

void lsk_open_op_task(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lsk_open_report(L);
}

void lsk_open_op_task_class(lua_State *L) {
  lsk_open_task(L);
  lsk_open_limit(L);
  lua_pushcfunction(L, join);
  lua_setfield(L, -2, "join");
  luaL_newmetatable(L, GATE);
  lua_pushcfunction(L, leave);
  lua_setfield(L, -2, "__close");
  luaL_newlib(L, gate_methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, new_gate);
  lua_setfield(L, -2, "new_gate");
}
