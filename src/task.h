/*
** Tasks: coroutines that take turns. Here they are made and ended; runner.c
** lets them run.
*/

#ifndef LSK_TASK_H
#define LSK_TASK_H

#include "cstack.h"
#include "limit.h"
#include "loop.h"
#include "state.h"

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

enum lsk_task_status {
  LSK_TASK_NEW,
  LSK_TASK_RUNNING,
  LSK_TASK_WAITING,
  LSK_TASK_DONE,   /* its results are on its stack */
  LSK_TASK_FAILED, /* its error is on its stack */
  LSK_TASK_CANCELED
};

/* What a wait was for, which tells what its end means. */
enum lsk_wait_kind {
  LSK_WAIT_FD,    /* past the deadline it has failed */
  LSK_WAIT_MANY,  /* past the deadline nothing is ready */
  LSK_WAIT_QUEUE, /* the caller looks at the outcome */
  LSK_GAVE_WAY    /* others had a turn */
};

/* The tasks of one Socket.run. */
struct lsk_group {
  struct lsk_state *state;
  struct lsk_task *first;
  size_t count;
  struct lsk_queue waiting; /* the task that is in Socket.run */
  struct lsk_group *outer;  /* whose task that is; NULL: the outermost */
  bool is_open;             /* that run goes on */
};

/* There may be many thousands: each word counts. */
struct lsk_task {
  struct lsk_waiter waiter; /* first: a waiter is its task */
  struct lsk_state *state;
  lua_State *thread; /* its coroutine */
  struct lsk_group *group;
  struct lsk_task *next, *previous; /* in the group */
  struct lsk_queue joiners;
  struct lsk_cpoint *place; /* where its C stack was left; NULL: it yielded */
  struct lsk_limit *limits; /* its with_timeouts */
  int anchor;               /* its place in the registry while it lives */
  unsigned arguments : 20;  /* how many the next resume passes on */
  unsigned status : 3;      /* enum lsk_task_status */
  unsigned wait_kind : 2;   /* enum lsk_wait_kind, of the last wait */
  bool is_limited : 1;      /* a with_timeout bounds that wait */
  bool is_canceled : 1;     /* it is to end at its next wait */
  bool is_closing : 1;      /* it ends: its <close> variables are closed */
  bool is_reporting : 1;    /* on_error is told what it failed with */
  bool is_root : 1;         /* of a run, which raises its error */
  bool is_nested : 1;       /* waits in a loop of its own: no C stacks */
};

/* The task at that index; raises / gives NULL for anything else. */
struct lsk_task *lsk_check_task(lua_State *L, int arg);
struct lsk_task *lsk_test_task(lua_State *L, int index);

/*
** Leaves a new task of the group, which will call the function that stands
** `count` values below the top with those values; it takes them.
*/
struct lsk_task *lsk_new_task(lua_State *L, struct lsk_group *group, int count);

/* The task's coroutine has come to an end, as lua_resume has told. Never
   raises. */
void lsk_end_task(struct lsk_task *task, int status);

/* Ends the task: at once where it can, else at its next wait. The task itself
   ends when it waits. Never raises. */
void lsk_cancel_task(struct lsk_task *task);

/* Ends all tasks of the group. Never raises. */
void lsk_cancel_group(struct lsk_group *group);

/* Whether the task has ended. */
static inline bool lsk_task_has_ended(const struct lsk_task *task) {
  return task->status >= LSK_TASK_DONE;
}

/* Leaves a new group, whose tasks belong to a run that begins. As the top of
   the stack it is to be closed: that ends the run and what is left of it. */
struct lsk_group *lsk_new_group(lua_State *L);

/* Registers the types. Adds the methods of tasks that only look to the table on
   top of the stack, which is the class. */
void lsk_open_task(lua_State *L);

#endif
