/*
** Tasks: coroutines that take turns. Here they are made and ended.
*/

#include "task.h"

#include "error.h"
#include "mailbox.h"
#include "report.h"

#include <lauxlib.h>

#define METATABLE "socket.Task"

/* Lua's stacks hold no more arguments than a task can count. */
#define COUNTED(count) ((unsigned)(count)&0xFFFFFU)
#define GROUP "socket.Run"

/* Runs the <close> variables of a coroutine that goes on no more. */
#if LUA_VERSION_RELEASE_NUM >= 50406
static int close_coroutine(lua_State *L, lua_State *from) {
  return lua_closethread(L, from);
}
#else
static int close_coroutine(lua_State *L, const lua_State *from) {
  (void)from;
  return lua_resetthread(L);
}
#endif

struct lsk_task *lsk_check_task(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, METATABLE);
}

struct lsk_task *lsk_test_task(lua_State *L, int index) {
  return luaL_testudata(L, index, METATABLE);
}

static void join_group(struct lsk_task *task, struct lsk_group *group) {
  task->group = group;
  task->previous = NULL;
  task->next = group->first;
  if (group->first != NULL) group->first->previous = task;
  group->first = task;
  group->count++;
}

static void leave_group(struct lsk_task *task) {
  struct lsk_group *group = task->group;
  if (task->previous == NULL)
    group->first = task->next;
  else
    task->previous->next = task->next;
  if (task->next != NULL) task->next->previous = task->previous;
  group->count--;
}

struct lsk_task *lsk_new_task(lua_State *L, struct lsk_group *group,
                              int count) {
  struct lsk_state *state = group->state;
  if (!lsk_loop_reserve(&state->loop, state->tasks + 2))
    luaL_error(L, "not enough memory");
  struct lsk_task *task = lua_newuserdatauv(L, sizeof *task, 1);
  *task = (struct lsk_task){.state = state, .arguments = COUNTED(count)};
  luaL_setmetatable(L, METATABLE);
  lua_insert(L, -count - 2);
  task->thread = lua_newthread(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, -count - 4, 1);
  lua_insert(L, -count - 2);
  if (!lua_checkstack(task->thread, count + 1))
    luaL_error(L, "too many arguments for a task");
  lua_xmove(L, task->thread, count + 1);
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  task->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  join_group(task, group);
  state->tasks++;
  lsk_make_ready(&state->loop, &task->waiter);
  return task;
}

/* The task is over: who waits for that goes on. */
static void settle(struct lsk_task *task, enum lsk_task_status status) {
  struct lsk_state *state = task->state;
  struct lsk_group *group = task->group;
  task->status = status & 7U;
  if (status == LSK_TASK_CANCELED) lua_settop(task->thread, 0);
  lsk_withdraw(&state->loop, &task->waiter);
  lsk_drop_limits(&task->limits);
  if (state->mailboxes > 0) lsk_drop_mailbox(state, task);
  leave_group(task);
  task->group = NULL;
  state->tasks--;
  lsk_wake_all(&state->loop, &task->joiners);
  if (group->count == 0) lsk_wake_all(&state->loop, &group->waiting);
  luaL_unref(state->aux, LUA_REGISTRYINDEX, task->anchor);
}

/* Runs what closes the task's variables, as a part of the task; an error of
   theirs takes the place of the task's own. LUA_OK, or there is one. */
static int close_variables(struct lsk_task *task) {
  struct lsk_state *state = task->state;
  struct lsk_task *running = state->task;
  state->task = task;
  task->is_closing = true;
  int status = close_coroutine(task->thread, state->aux);
  task->is_closing = false;
  state->task = running;
  return status;
}

/* Nobody has joined the task, so that on_error is told: as the task's last
   function. */
static void begin_report(struct lsk_task *task) {
  task->is_reporting = true;
  task->is_canceled = false;
  task->arguments = COUNTED(lsk_push_report(task->thread, task->anchor));
  lsk_make_ready(&task->state->loop, &task->waiter);
}

/* Whether on_error is still to be called. */
static bool is_to_report(const struct lsk_task *task) {
  return task->is_reporting && task->arguments > 0;
}

/* Notes the error on top for on_error, unless somebody else learns of it. */
static bool note(struct lsk_task *task) {
  return !task->is_root && task->joiners.first == NULL &&
         lsk_note_failure(task->state, task->thread, task->anchor);
}

/* Whether the error on top is none: the task was told to end. */
static bool is_cancellation(const struct lsk_task *task) {
  if (!task->is_canceled || !lua_checkstack(task->thread, 1)) return false;
  lsk_push_canceled(task->thread);
  bool is_same = lua_rawequal(task->thread, -1, -2);
  lua_pop(task->thread, 1);
  return is_same;
}

static void fail(struct lsk_task *task) {
  bool is_noted = !is_cancellation(task) && note(task);
  (void)close_variables(task);
  if (is_cancellation(task))
    settle(task, LSK_TASK_CANCELED);
  else if (is_noted || (task->is_canceled && note(task)))
    begin_report(task);
  else
    settle(task, LSK_TASK_FAILED);
}

/* on_error has been told, or has failed itself. */
static void end_report(struct lsk_task *task, int status) {
  if (status != LUA_OK) {
    lsk_print_failure(task->state, task->thread);
    (void)close_variables(task);
  }
  lua_settop(task->thread, 0);
  lsk_push_failure(task->thread, task->anchor);
  settle(task, LSK_TASK_FAILED);
}

void lsk_end_task(struct lsk_task *task, int status) {
  struct lsk_group *group = task->group;
  bool fails_run = task->is_root && status != LUA_OK;
  lsk_withdraw(&task->state->loop, &task->waiter);
  if (task->is_reporting)
    end_report(task, status);
  else if (status != LUA_OK)
    fail(task);
  else
    settle(task, task->is_canceled ? LSK_TASK_CANCELED : LSK_TASK_DONE);
  if (fails_run) lsk_cancel_group(group);
}

/* Ends a task that has not begun, or has yielded in a wait. What closes its
   variables may fail, as in coroutine.close. */
static void end_now(struct lsk_task *task) {
  lsk_withdraw(&task->state->loop, &task->waiter);
  if (close_variables(task) == LUA_OK)
    settle(task, LSK_TASK_CANCELED);
  else if (note(task))
    begin_report(task);
  else
    settle(task, LSK_TASK_FAILED);
}

void lsk_cancel_task(struct lsk_task *task) {
  if (lsk_task_has_ended(task) || task->is_canceled) return;
  task->is_canceled = true;
  if (task->is_closing || is_to_report(task)) return;
  if (task->place != NULL || task->is_nested)
    lsk_end_wait(&task->state->loop, &task->waiter, LSK_CANCELED);
  else if (task->status != LSK_TASK_RUNNING)
    end_now(task);
}

/* The next one that has not been canceled. */
static struct lsk_task *find_uncanceled(const struct lsk_group *group) {
  struct lsk_task *task = group->first;
  while (task != NULL && task->is_canceled) task = task->next;
  return task;
}

void lsk_cancel_group(struct lsk_group *group) {
  for (struct lsk_task *task = find_uncanceled(group); task != NULL;
       task = find_uncanceled(group))
    lsk_cancel_task(task);
}

struct lsk_group *lsk_new_group(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  struct lsk_group *group = lua_newuserdatauv(L, sizeof *group, 0);
  *group = (struct lsk_group){.state = state, .is_open = true};
  if (state->task != NULL) group->outer = state->task->group;
  luaL_setmetatable(L, GROUP);
  return group;
}

/*
** The run ends before its time. Tasks that cannot end at once, as they wait
** where Lua cannot yield, belong to the outer run from now on.
*/
static int close_group(lua_State *L) {
  struct lsk_group *group = luaL_checkudata(L, 1, GROUP);
  if (!group->is_open) return 0;
  group->is_open = false;
  lsk_cancel_group(group);
  while (group->first != NULL) {
    struct lsk_task *task = group->first;
    leave_group(task);
    task->is_root = false;
    if (group->outer != NULL) join_group(task, group->outer);
  }
  if (group->outer == NULL) lsk_loop_close(&group->state->loop);
  return 0;
}

/// How far the task is: `"ready"` (it has not begun), `"running"`, `"waiting"`,
// `"done"`, `"failed"` or `"canceled"`.
// @function Task:status
// @treturn string
static int status_(lua_State *L) {
  static const char *const names[] = {"ready", "running", "waiting",
                                      "done",  "failed",  "canceled"};
  const struct lsk_task *task = lsk_check_task(L, 1);
  lua_pushstring(L, names[task->is_reporting ? LSK_TASK_FAILED : task->status]);
  return 1;
}

static int tostring(lua_State *L) {
  const struct lsk_task *task = lsk_check_task(L, 1);
  lua_settop(L, 1);
  (void)status_(L);
  lua_pushfstring(L, "%s: %p (%s)", METATABLE, (const void *)task,
                  lua_tostring(L, -1));
  return 1;
}

/// Ends the task, as `coroutine.close` does: at its wait, or before it has
// begun. Its `<close>` variables run, and `pcall` inside does not catch it. One
// that waits where Lua cannot yield gets `Socket.CANCELED` raised there.
// @function Task:cancel
// @treturn boolean true
static int cancel(lua_State *L) {
  lsk_cancel_task(lsk_check_task(L, 1));
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"cancel", cancel},
    {"status", status_},
    {NULL, NULL},
};

void lsk_open_task(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
  luaL_newmetatable(L, METATABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  luaL_newmetatable(L, GROUP);
  lua_pushcfunction(L, close_group);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}
