/*
** Waits that another event loop carries out.
*/

#include "ask.h"

#include "error.h"
#include "limit.h"
#include "mailbox.h"
#include "stop.h"
#include "sys_io.h"

#include <lauxlib.h>

/* What a method is to leave: its results, above the wait. */
enum { RESULTS = 3 };

/* The lists of io_select, in their order. */
static const int list_events[] = {LSK_READABLE, LSK_WRITABLE, LSK_PRIORITY};
enum { LISTS = sizeof list_events / sizeof list_events[0] };

/* Leaves a new wait, below the method. */
static struct lsk_foreign_wait *begin(lua_State *L, enum lsk_foreign_kind kind,
                                      lsk_deadline deadline) {
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  struct lsk_foreign_wait *wait = lsk_new_foreign_wait(L, kind, deadline);
  wait->bound = lsk_limited(wait->state->limits, deadline);
  wait->is_limited = wait->bound < deadline;
  wait->top = lua_gettop(L) - 1;
  lsk_release(wait->state);
  return wait;
}

static void push_method(lua_State *L, const char *name) {
  if (!lsk_push_scheduler_method(L, name))
    luaL_error(L, "the scheduler has no method '%s'", name);
}

/* Seconds, or nil for ever. */
static void push_timeout(lua_State *L, lsk_deadline bound) {
  if (bound == LSK_NEVER)
    lua_pushnil(L);
  else
    lua_pushnumber(L, lsk_deadline_seconds(bound));
}

/* The socket is an argument of the operation, or was put beside those. */
static void push_socket(lua_State *L, const struct lsk_handle *h) {
  int i = lua_gettop(L);
  while (i > 0 && lua_touserdata(L, i) != h) i--;
  if (i > 0)
    lua_pushvalue(L, i);
  else
    lua_pushinteger(L, h->fd);
}

/* The outcome of a wait. */

/* Makes a list, or no list, a table of what it holds: value -> true. */
static void make_set(lua_State *L, int list) {
  lua_newtable(L);
  lua_Integer count =
      lua_istable(L, list) ? (lua_Integer)lua_rawlen(L, list) : 0;
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  lua_replace(L, list);
}

static int list_of(int events) {
  int list = 0;
  while (list < LISTS - 1 && (events & list_events[list]) == 0) list++;
  return list;
}

static void note_ready(struct pollfd *entry, int events) {
  entry->revents = (short)(entry->revents | events);
}

/* What io_select gave, in three lists, is ready. */
static void note_lists(lua_State *L, const struct lsk_wanted *wanted) {
  int first = lua_gettop(L) - RESULTS + 1;
  for (int i = 0; i < LISTS; i++) make_set(L, first + i);
  for (size_t i = 0; i < wanted->count; i++) {
    struct pollfd *entry = &wanted->entries[i];
    lua_rawgeti(L, wanted->owners, (lua_Integer)i + 1);
    lua_rawget(L, first + list_of(entry->events));
    if (lua_toboolean(L, -1)) note_ready(entry, entry->events);
    lua_pop(L, 1);
  }
}

/* What io_wait gave: the events as a number, or a boolean. */
static void note_events(lua_State *L, struct pollfd *entry, bool is_endless) {
  if (lua_isinteger(L, -RESULTS))
    note_ready(entry, (int)lua_tointeger(L, -RESULTS) & entry->events);
  else if (lua_toboolean(L, -RESULTS) || is_endless)
    note_ready(entry, entry->events);
}

/* Whether none of the entries is ready. What the scheduler takes for ready
   counts, and what is. */
static bool is_none_ready(lua_State *L, const struct lsk_foreign_wait *wait) {
  const struct lsk_wanted *wanted = &wait->wanted;
  if (lsk_sys_poll(wanted->entries, wanted->count, 0) < 0)
    for (size_t i = 0; i < wanted->count; i++) wanted->entries[i].revents = 0;
  if (lua_istable(L, wanted->owners))
    note_lists(L, wanted);
  else
    note_events(L, wanted->entries, wait->bound == LSK_NEVER);
  for (size_t i = 0; i < wanted->count; i++)
    if (wanted->entries[i].revents != 0) return false;
  return true;
}

/* Whether the scheduler says that what was waited for has come. */
static bool has_come(lua_State *L, const struct lsk_foreign_wait *wait) {
  return wait->is_called || lua_toboolean(L, -RESULTS);
}

/* Whether the time of the call is up. */
static bool is_late(lua_State *L, const struct lsk_foreign_wait *wait) {
  switch (wait->kind) {
  case LSK_FOREIGN_TIME:
    return wait->is_limited;
  case LSK_FOREIGN_CALL:
    lua_pop(L, RESULTS - 1);
    wait->take(L, wait->wanted.owners);
    return false;
  case LSK_FOREIGN_MANY:
    return is_none_ready(L, wait) && wait->is_limited;
  case LSK_FOREIGN_BLOCK:
    return !has_come(L, wait) && wait->is_limited;
  default: /* one that was called, as the socket was closed, looks again */
    return !has_come(L, wait) && wait->bound != LSK_NEVER;
  }
}

int lsk_ask_result(lua_State *L, int top) {
  int at = lua_gettop(L) - RESULTS;
  const struct lsk_foreign_wait *wait =
      at > 0 ? lsk_test_foreign_wait(L, at) : NULL;
  if (wait == NULL) {
    lua_settop(L, top);
    return 0;
  }
  struct lsk_state *state = wait->state;
  bool has_failed = is_late(L, wait);
  /* where the scheduler cannot wait for it, the call goes on without */
  state->foreign.has_turn =
      wait->kind != LSK_FOREIGN_TURN || !has_come(L, wait);
  state->foreign.ticket = wait->ticket;
  lua_closeslot(L, at);
  lua_settop(L, top);
  if (lsk_stop_is_due(state)) lsk_stop_loops(L, state);
  return has_failed ? lsk_fail_timeout(L) : 0;
}

/* Calls the method below its `count` arguments, the scheduler among them. The
   wait stands above the first `top` values. */
static int ask(lua_State *L, struct lsk_foreign_wait *wait, int count,
               lua_KFunction k) {
  int top = wait->top;
  wait->state->foreign.asking = L;
  lua_callk(L, count, RESULTS, wait->deadline, k);
  return lsk_ask_result(L, top);
}

/* Asking. */

static bool is_past(lsk_deadline bound) {
  return bound != LSK_NEVER && lsk_deadline_seconds(bound) <= 0;
}

int lsk_ask_for_socket(lua_State *L, struct lsk_handle *h, int events,
                       lsk_deadline deadline, lua_KFunction k) {
  if (is_past(lsk_limited(h->state->limits, deadline)))
    return lsk_fail_timeout(L);
  struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_SOCKET, deadline);
  h->watch.is_shared = true;
  h->watch.blocked = 0; /* only the built-in loop knows when it no more is */
  lsk_foreign_enqueue(wait, &h->watch.calls[lsk_direction(events)]);
  push_method(L, "io_wait");
  push_socket(L, h);
  lua_pushinteger(L, events);
  push_timeout(L, wait->bound);
  return ask(L, wait, 4, k);
}

int lsk_ask_for_turn(lua_State *L, struct lsk_handle *h, int events, int status,
                     lsk_deadline deadline, lua_KFunction k) {
  struct lsk_foreign *foreign = &h->state->foreign;
  struct lsk_queue *queue = &h->watch.calls[lsk_direction(events)];
  if (status != LUA_OK && foreign->has_turn) return 0;
  uint64_t ticket = status == LUA_OK ? 0 : foreign->ticket;
  if (ticket == 0) ticket = ++foreign->last_ticket;
  while (!lsk_is_foreign_turn(queue, ticket)) {
    if (deadline == LSK_NOW) return lsk_would_block(L, events);
    if (deadline == LSK_NOWAIT) return lsk_start_request(L, h, events);
    if (is_past(lsk_limited(h->state->limits, deadline)))
      return lsk_fail_timeout(L);
    struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_TURN, deadline);
    wait->ticket = ticket;
    lsk_foreign_enqueue(wait, queue);
    push_method(L, "block");
    lua_pushlightuserdata(L, wait);
    push_timeout(L, wait->bound);
    int failed = ask(L, wait, 3, k);
    if (failed || h->fd < 0 || foreign->has_turn) return failed;
  }
  return 0;
}

int lsk_ask_for_time(lua_State *L, lsk_deadline end, lsk_deadline deadline,
                     lua_KFunction k) {
  struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_TIME, deadline);
  wait->bound = lsk_limited(wait->state->limits, end);
  wait->is_limited = wait->bound < end;
  push_method(L, "kernel_sleep");
  push_timeout(L, wait->bound);
  return ask(L, wait, 2, k);
}

int lsk_ask_to_block(lua_State *L, int blocker, lsk_deadline end,
                     lua_KFunction k) {
  if (is_past(lsk_limited(lsk_get_state(L)->limits, LSK_NEVER)))
    return lsk_fail_timeout(L);
  struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_BLOCK, end);
  push_method(L, "block");
  lua_pushvalue(L, blocker);
  push_timeout(L, wait->bound);
  return ask(L, wait, 3, k);
}

static void note_shared(lua_State *L, int index) {
  struct lsk_handle *h = lsk_test_handle(L, index);
  if (h != NULL) h->watch.is_shared = true;
}

/* Leaves the three lists of io_select. */
static void push_lists(lua_State *L, const struct lsk_wanted *wanted) {
  int first = lua_gettop(L) + 1;
  lua_Integer lengths[LISTS] = {0};
  for (int i = 0; i < LISTS; i++) lua_newtable(L);
  for (size_t i = 0; i < wanted->count; i++) {
    int list = list_of(wanted->entries[i].events);
    lua_rawgeti(L, wanted->owners, (lua_Integer)i + 1);
    note_shared(L, -1);
    lua_rawseti(L, first + list, ++lengths[list]);
  }
}

static void push_one(lua_State *L, const struct lsk_wanted *wanted) {
  lua_pushvalue(L, wanted->owners);
  note_shared(L, -1);
  lua_pushinteger(L, wanted->entries->events);
}

/* Whether the scheduler has the method, or need not be asked: what is wanted is
   only looked at. */
static bool can_ask(lua_State *L, const char *method, lsk_deadline deadline) {
  const struct lsk_state *state = lsk_get_state(L);
  if (deadline == LSK_NOW || is_past(lsk_limited(state->limits, deadline)) ||
      !lsk_push_scheduler_method(L, method))
    return false;
  lua_pop(L, 2);
  return true;
}

/* Leaves the list of the fds themselves. */
static void push_fds(lua_State *L, const struct lsk_wanted *wanted) {
  lua_createtable(L, (int)wanted->count, 0);
  for (size_t i = 0; i < wanted->count; i++) {
    lua_pushinteger(L, wanted->entries[i].fd);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

int lsk_ask_for_many(lua_State *L, const struct lsk_wanted *asked,
                     lsk_deadline deadline, lua_KFunction k) {
  if (asked->count == 0) return lsk_ask_for_time(L, deadline, deadline, k);
  struct lsk_wanted wanted = *asked;
  bool is_list = wanted.owners == 0 || lua_istable(L, wanted.owners);
  const char *method = is_list ? "io_select" : "io_wait";
  if (!can_ask(L, method, deadline)) return -1;
  int top = lua_gettop(L);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  if (wanted.owners == 0) {
    push_fds(L, &wanted);
    wanted.owners = top + 1;
  }
  struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_MANY, deadline);
  wait->top = top;
  lsk_foreign_observe(wait, &wanted);
  push_method(L, method);
  if (is_list)
    push_lists(L, &wanted);
  else
    push_one(L, &wanted);
  push_timeout(L, wait->bound);
  return ask(L, wait, is_list ? 5 : 4, k);
}

int lsk_ask_for_addresses(lua_State *L, const char *host, int owner,
                          lsk_take *take, lsk_deadline deadline,
                          lua_KFunction k) {
  if (!can_ask(L, "address_resolve", deadline)) return -1;
  struct lsk_foreign_wait *wait = begin(L, LSK_FOREIGN_CALL, deadline);
  wait->take = take;
  wait->wanted.owners = owner;
  push_method(L, "address_resolve");
  lua_pushstring(L, host);
  return ask(L, wait, 2, k);
}

static int fiber_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  return lua_gettop(L);
}

int lsk_ask_for_fiber(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  push_method(L, "fiber");
  lua_rotate(L, 1, 2);
  lua_callk(L, count + 1, LUA_MULTRET, 0, fiber_k);
  return fiber_k(L, LUA_OK, 0);
}
