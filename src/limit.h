/*
** Bounds for every wait of some code: Socket.with_timeout. Each task has its
** own, and so has the code outside tasks.
*/

#ifndef LSK_LIMIT_H
#define LSK_LIMIT_H

#include "clock.h"
#include "state.h"

#include <stdbool.h>

#include <lua.h>

struct lsk_limit {
  lsk_deadline deadline;
  lua_State *thread;                 /* the coroutine that is in with_timeout */
  struct lsk_limit *next, *previous; /* in the list; the innermost is first */
  struct lsk_limit **list;           /* NULL: not in force */
  struct lsk_state *state;
};

/* Leaves a new limit in the list, which is in force from now on. */
void lsk_new_limit(lua_State *L, struct lsk_state *state,
                   struct lsk_limit **list, lsk_deadline deadline);

/* The earlier one of the deadline and those limits that are in force. */
lsk_deadline lsk_find_limit(const struct lsk_limit *list,
                            lsk_deadline deadline);

/* The same, for the usual case that there is none. */
static inline lsk_deadline lsk_limited(const struct lsk_limit *list,
                                       lsk_deadline deadline) {
  return list == NULL ? deadline : lsk_find_limit(list, deadline);
}

/* Ends all limits of a list whose owner ends. */
void lsk_drop_limits(struct lsk_limit **list);

/* Registers the type of limits. */
void lsk_open_limit(lua_State *L);

#endif
