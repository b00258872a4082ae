/*
** Lets tasks run, each until it waits.
*/

#include "runner.h"

#include "ahead.h"
#include "error.h"
#include "stop.h"

#include <errno.h>
#include <limits.h>

#include <lauxlib.h>

/* How many calls that need not wait a task may make before others go on. */
#define CREDIT 16

/* So many tasks are too many for the processor's cache. */
#define MANY 128

/* Waits in loops of their own, where there are no C stacks: how many may stand
   above each other, and how long one that is over waits for those above. */
#define MOST_NESTED 60
#define NESTED_PATIENCE 5.0

/* The tasks' running, of which there is one at a time. Each C stack in use but
   the running one is left in the wait of a task, or at `base`. */
struct lsk_runner {
  struct lsk_state *state;
  struct lsk_group *group; /* the outermost */
  struct lsk_cstacks stacks;
  struct lsk_cpoint base; /* on the stack that Socket.run was called on */
  lua_Hook hook;          /* the main thread's when it began */
  enum lsk_run_end end;
  int nested;
};

bool lsk_can_suspend(lua_State *L, const struct lsk_state *state) {
  if (state->task == NULL) return false;
  if (lsk_can_yield(L, state)) return true;
  return lua_gc(L, LUA_GCCOUNT) >= 0; /* -1 in a finalizer */
}

static void end_all(struct lsk_runner *runner, enum lsk_run_end end) {
  runner->end = end;
  lsk_cancel_group(runner->group);
}

static int stop_loops(lua_State *aux) {
  lsk_stop_loops(aux, lua_touserdata(aux, 1));
  return 0;
}

/* Ends the server loops, as a signal has asked for. */
static void heed_stop(struct lsk_state *state) {
  lua_State *aux = state->aux;
  int top = lua_gettop(aux);
  lua_pushcfunction(aux, stop_loops);
  lua_pushlightuserdata(aux, state);
  (void)lua_pcall(aux, 1, 0, 0);
  lua_settop(aux, top);
}

static bool is_interrupted(const struct lsk_runner *runner) {
  const struct lsk_state *state = runner->state;
  return lsk_is_interrupted(state->main, state, runner->hook);
}

/* Nobody can go on: waits for events. A signal that came while a task ran does
   not interrupt the wait; tasks that end because of one may wait. */
static void idle(struct lsk_runner *runner) {
  struct lsk_state *state = runner->state;
  bool is_news = runner->end != LSK_RUN_INTERRUPTED && is_interrupted(runner);
  int rc = is_news ? -EINTR : lsk_loop_poll(&state->loop);
  if (lsk_stop_is_due(state)) heed_stop(state);
  if (rc == LSK_DEADLOCK)
    end_all(runner, LSK_RUN_DEADLOCK);
  else if (is_interrupted(runner))
    end_all(runner, LSK_RUN_INTERRUPTED);
  else if (rc < 0 && rc != -EINTR)
    end_all(runner, LSK_RUN_FAILED);
}

/* The task has yielded: in a wait, or by itself, as the others' turn. */
static void after_yield(struct lsk_task *task, int count) {
  struct lsk_waiter *waiter = &task->waiter;
  lua_pop(task->thread, count);
  task->status = LSK_TASK_WAITING;
  if (task->is_canceled) {
    task->is_canceled = false;
    lsk_cancel_task(task);
  } else if (!waiter->is_waiting && !waiter->is_ready) {
    task->wait_kind = LSK_GAVE_WAY;
    lsk_wait_for_time(&task->state->loop, waiter, LSK_NOW);
  }
}

/* Lets the task run until it waits or ends. */
static void step(struct lsk_task *task, lua_State *from) {
  struct lsk_state *state = task->state;
  int arguments = task->arguments, count = 0;
  task->arguments = 0;
  task->status = LSK_TASK_RUNNING;
  state->task = task;
  state->credit = CREDIT;
  int status = lua_resume(task->thread, from, arguments, &count);
  lsk_release(state);
  state->task = NULL;
  if (status == LUA_YIELD)
    after_yield(task, count);
  else
    lsk_end_task(task, status);
}

/* Goes on in a wait that could not yield, on the stack that was left there. */
static void go_back(struct lsk_runner *runner, struct lsk_task *task) {
  if (runner->stacks.running == NULL)
    lsk_cstack_switch(&runner->stacks, &runner->base, task->place);
  else
    lsk_cstack_end(&runner->stacks, task->place);
}

/* Whether it is time to look ahead: the tasks looked at have had their turns.
 */
static bool must_look_ahead(const struct lsk_state *state) {
  return state->tasks >= MANY && state->loop.turns % LSK_AHEAD == 1;
}

/* Lets tasks run until all have ended. */
static void run(struct lsk_runner *runner, lua_State *from) {
  struct lsk_state *state = runner->state;
  while (runner->group->count > 0) {
    struct lsk_waiter *waiter = lsk_loop_next(&state->loop);
    struct lsk_task *task = (struct lsk_task *)waiter;
    if (must_look_ahead(state)) lsk_look_ahead(state->loop.ready.first);
    if (task == NULL)
      idle(runner);
    else if (task->place != NULL)
      go_back(runner, task);
    else
      step(task, from);
  }
}

/* The same on another stack: at the end Socket.run goes on. */
static void run_on(void *argument) {
  struct lsk_runner *runner = argument;
  run(runner, NULL);
  lsk_cstack_end(&runner->stacks, &runner->base);
}

/* Who can go on but stands below this wait. */
static void put_back(struct lsk_loop *loop, struct lsk_waiter *held) {
  while (held != NULL) {
    struct lsk_waiter *next = held->next_ready;
    lsk_make_ready(loop, held);
    held = next;
  }
}

/*
** Where there are no C stacks to leave: runs the others right here. A wait
** below this one, that is over, goes on only after it; if that takes too long
** the two probably wait for each other, and this one fails.
*/
static bool run_nested(struct lsk_runner *runner, struct lsk_task *self) {
  struct lsk_loop *loop = &runner->state->loop;
  struct lsk_waiter *held = NULL, *waiter = NULL;
  struct lsk_waiter patience = {0};
  self->is_nested = true;
  while (waiter != &self->waiter && waiter != &patience) {
    waiter = lsk_loop_next(loop);
    struct lsk_task *task = (struct lsk_task *)waiter;
    if (waiter == NULL) {
      idle(runner);
    } else if (waiter == &patience || task == self) {
      break;
    } else if (!task->is_nested) {
      step(task, NULL);
    } else {
      if (held == NULL)
        lsk_wait_for_time(loop, &patience, lsk_deadline_after(NESTED_PATIENCE));
      waiter->next_ready = held;
      held = waiter;
    }
  }
  self->is_nested = false;
  if (waiter == &patience) lsk_withdraw(loop, &self->waiter);
  lsk_withdraw(loop, &patience);
  put_back(loop, held);
  return waiter != &patience;
}

/* Waits where Lua cannot yield: 0 | -errno. */
static int stay(struct lsk_runner *runner, struct lsk_task *task) {
  struct lsk_cpoint here;
  task->place = &here;
  int rc = lsk_cstack_leave(&runner->stacks, &here, run_on, runner);
  task->place = NULL;
  if (rc != -ENOSYS) return rc;
  if (runner->nested >= MOST_NESTED) return -EAGAIN;
  runner->nested++;
  bool is_over = run_nested(runner, task);
  runner->nested--;
  return is_over ? 0 : -EDEADLK;
}

static void fail_to_stay(lua_State *L, struct lsk_state *state, int rc) {
  lsk_withdraw(&state->loop, &state->task->waiter);
  if (rc == -EDEADLK)
    luaL_error(L, "deadlock: a wait that cannot yield keeps one below it from "
                  "going on");
  luaL_error(L, rc == -EAGAIN ? "too many waits that cannot yield"
                              : "no memory for a wait that cannot yield");
}

void lsk_suspend(lua_State *L, struct lsk_state *state, lua_KContext context,
                 lua_KFunction k) {
  struct lsk_task *task = state->task;
  task->status = LSK_TASK_WAITING;
  if (lsk_can_yield(L, state)) {
    (void)lua_yieldk(L, 0, context, k);
    return;
  }
  int rc = 0;
  lsk_release(state);
  if (task->is_canceled && !task->is_closing)
    lsk_withdraw(&state->loop, &task->waiter);
  else
    rc = stay(state->runner, task);
  state->task = task;
  state->credit = CREDIT;
  task->status = LSK_TASK_RUNNING;
  if (rc < 0) fail_to_stay(L, state, rc);
  if (!task->is_canceled || task->is_closing) return;
  lsk_push_canceled(L);
  lua_error(L);
}

enum lsk_run_end lsk_run_group(lua_State *L, struct lsk_group *group) {
  struct lsk_state *state = group->state;
  struct lsk_runner runner = {.state = state,
                              .group = group,
                              .hook = lua_gethook(state->main),
                              .end = LSK_RUN_OVER};
  state->runner = &runner;
  state->must_poll++;
  run(&runner, L);
  state->must_poll--;
  state->runner = NULL;
  state->credit = INT_MAX;
  lsk_cstacks_free(&runner.stacks);
  return runner.end;
}
