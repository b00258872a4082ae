/*
** Brings what the next tasks need into the processor's cache. One part tells
** where the next one is; each step below looks at one part of all the tasks.
*/

#include "ahead.h"

#include "cache.h"
#include "task.h"

#include <string.h>

#include <lua.h>

/* The frames of a task that waits: the operation, and what has called it. */
enum { OPERATION, CALLER, FRAMES };

/* What a task needs. */
struct needs {
  lua_State *thread;
  const void *watch; /* stands in the socket */
  const void *frames[FRAMES];
};

static int gather(struct needs *all, const struct lsk_waiter *waiter) {
  int count = 0;
  for (; waiter != NULL && count < LSK_AHEAD; waiter = waiter->next_ready) {
    const struct lsk_task *task = (const struct lsk_task *)waiter;
    all[count++] =
        (struct needs){.thread = task->thread, .watch = waiter->watch};
    lsk_touch(task->thread);
    lsk_touch(waiter->watch);
  }
  return count;
}

/* Another line of the same object, so many words behind its beginning: each is
   larger than that. */
static void touch_further(const void *part, size_t words) {
  if (part != NULL) lsk_touch((const char *)part + words * sizeof(void *));
}

static void look_at_frame(struct needs *needs, int level) {
  lua_Debug frame;
  if (!lua_getstack(needs->thread, level, &frame)) return;
  needs->frames[level] = frame.i_ci;
  lsk_touch(frame.i_ci);
}

/* Lua's frames begin with where their function stands on the stack. Should that
   change, other memory is fetched, in vain. */
static void fetch_stack(const struct needs *needs) {
  const void *function;
  if (needs->frames[CALLER] == NULL) return;
  memcpy(&function, needs->frames[CALLER], sizeof function);
  lsk_fetch(function, 4);
}

void lsk_look_ahead(const struct lsk_waiter *first) {
  struct needs all[LSK_AHEAD];
  int count = gather(all, first);
  for (int i = 0; i < count; i++) {
    look_at_frame(&all[i], OPERATION);
    touch_further(all[i].thread, 8);
    (void)lua_gethookmask(all[i].thread); /* at its end */
    touch_further(all[i].watch, 8);
  }
  for (int i = 0; i < count; i++) {
    look_at_frame(&all[i], CALLER);
    touch_further(all[i].frames[OPERATION], 7);
    (void)lua_touserdata(all[i].thread, 1); /* on its stack */
  }
  for (int i = 0; i < count; i++) {
    touch_further(all[i].frames[CALLER], 7);
    fetch_stack(&all[i]);
  }
}
