/*
** Bounds for every wait of some code.
*/

#include "limit.h"

#include <lauxlib.h>

#define METATABLE "socket.Limit"

/* Ends it; nothing if it is not in force. */
static void end(struct lsk_limit *limit) {
  if (limit->list == NULL) return;
  if (limit->previous == NULL)
    *limit->list = limit->next;
  else
    limit->previous->next = limit->next;
  if (limit->next != NULL) limit->next->previous = limit->previous;
  limit->list = NULL;
  limit->state->must_poll--;
}

void lsk_drop_limits(struct lsk_limit **list) {
  while (*list != NULL) end(*list);
}

void lsk_new_limit(lua_State *L, struct lsk_state *state,
                   struct lsk_limit **list, lsk_deadline deadline) {
  struct lsk_limit *limit = lua_newuserdatauv(L, sizeof *limit, 1);
  *limit =
      (struct lsk_limit){.deadline = deadline, .thread = L, .state = state};
  lua_pushthread(L); /* so that the coroutine outlives it */
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, METATABLE);
  limit->list = list;
  limit->next = *list;
  if (limit->next != NULL) limit->next->previous = limit;
  *list = limit;
  state->must_poll++;
}

/*
** A generator may yield out of its with_timeout: the limit of a coroutine that
** is suspended bounds nothing.
*/
lsk_deadline lsk_find_limit(const struct lsk_limit *list,
                            lsk_deadline deadline) {
  for (; list != NULL; list = list->next)
    if (list->deadline < deadline && lua_status(list->thread) != LUA_YIELD)
      deadline = list->deadline;
  return deadline;
}

static int close(lua_State *L) {
  end(luaL_checkudata(L, 1, METATABLE));
  return 0;
}

static const luaL_Reg metamethods[] = {
    {"__gc", close},
    {"__close", close},
    {NULL, NULL},
};

void lsk_open_limit(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
