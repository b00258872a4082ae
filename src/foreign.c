/*
** Who waits under another event loop.
*/

#include "foreign.h"

#include <stdio.h>

#include <lauxlib.h>

#define METATABLE "socket.ForeignWait"

/* Their addresses are registry keys. */
static const char scheduler_key = 0, on_close_key = 0;

void lsk_push_scheduler(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &scheduler_key);
}

void lsk_set_scheduler(lua_State *L) {
  struct lsk_state *state = lsk_get_state(L);
  bool is_set = !lua_isnil(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &scheduler_key);
  if (is_set != state->foreign.is_set) state->must_poll += is_set ? 1 : -1;
  state->foreign.is_set = is_set;
}

void lsk_set_on_close(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &on_close_key);
}

bool lsk_push_scheduler_method(lua_State *L, const char *name) {
  int top = lua_gettop(L);
  lsk_push_scheduler(L);
  if (lua_isnil(L, -1) || lua_getfield(L, -1, name) == LUA_TNIL ||
      !lua_toboolean(L, -1)) {
    lua_settop(L, top);
    return false;
  }
  lua_insert(L, -2);
  return true;
}

/* Calling the scheduler where nothing may be raised. */

/* (error): where a metamethod may raise. */
static int print_error(lua_State *L) {
  (void)fprintf(stderr, "error in the scheduler: %s\n",
                luaL_tolstring(L, 1, NULL));
  return 0;
}

/* The function on top of aux, of `count` arguments below it: its error is
   printed. */
static void call_safely(lua_State *aux, int count) {
  lua_insert(aux, -count - 1);
  if (lua_pcall(aux, count, 0, 0) == LUA_OK) return;
  lua_pushcfunction(aux, print_error);
  lua_insert(aux, -2);
  if (lua_pcall(aux, 1, 0, 0) != LUA_OK) lua_pop(aux, 1);
}

/* (token, coroutine) */
static int call_unblock(lua_State *L) {
  if (!lsk_push_scheduler_method(L, "unblock")) return 0;
  lua_rotate(L, 1, 2);
  lua_call(L, 3, 0);
  return 0;
}

/* Has the scheduler let the coroutine go on. */
static void unblock(struct lsk_foreign_wait *wait) {
  lua_State *aux = wait->state->aux;
  if (wait->is_called || !lua_checkstack(aux, LUA_MINSTACK)) return;
  wait->is_called = true;
  lua_pushlightuserdata(aux, wait);
  lua_pushthread(wait->thread);
  lua_xmove(wait->thread, aux, 1);
  lua_pushcfunction(aux, call_unblock);
  call_safely(aux, 2);
}

/* (fd, whether the socket is collected) */
static int call_on_close(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &on_close_key);
  if (!lua_isfunction(L, -1)) return 0;
  lua_insert(L, 1);
  lua_call(L, 2, 0);
  return 0;
}

static void tell_loop(lua_State *aux, int fd, bool is_collected) {
  if (!lua_checkstack(aux, LUA_MINSTACK)) return;
  lua_pushinteger(aux, fd);
  lua_pushboolean(aux, is_collected);
  lua_pushcfunction(aux, call_on_close);
  call_safely(aux, 2);
}

/* Queues. Tasks and requests may stand there, too, and come before. */

/* The first of those who wait here, but for those with an earlier ticket. */
static struct lsk_foreign_wait *find_wait(const struct lsk_queue *queue,
                                          uint64_t ticket) {
  struct lsk_waiter *waiter = queue->first;
  if (waiter == NULL) return NULL;
  do {
    struct lsk_foreign_wait *wait = (struct lsk_foreign_wait *)waiter;
    if (waiter->is_foreign && wait->ticket >= ticket) return wait;
    waiter = waiter->next;
  } while (waiter != queue->first);
  return NULL;
}

bool lsk_is_foreign_turn(const struct lsk_queue *queue, uint64_t ticket) {
  const struct lsk_foreign_wait *first = find_wait(queue, 0);
  return first == NULL || first->ticket > ticket;
}

void lsk_foreign_enqueue(struct lsk_foreign_wait *wait,
                         struct lsk_queue *queue) {
  struct lsk_waiter *self = &wait->waiter;
  self->queue = queue;
  if (queue->first == NULL) {
    queue->first = self->next = self->previous = self;
    return;
  }
  struct lsk_foreign_wait *later = find_wait(queue, wait->ticket + 1);
  struct lsk_waiter *next = later == NULL ? queue->first : &later->waiter;
  if (later != NULL && queue->first == next) queue->first = self;
  self->next = next;
  self->previous = next->previous;
  self->previous->next = next->previous = self;
}

static void dequeue(struct lsk_foreign_wait *wait) {
  struct lsk_waiter *self = &wait->waiter;
  struct lsk_queue *queue = self->queue;
  self->queue = NULL;
  if (queue == NULL) return;
  if (queue->first == self)
    queue->first = self->next == self ? NULL : self->next;
  self->next->previous = self->previous;
  self->previous->next = self->next;
}

/* Its place is free: the next one looks whether its turn has come. By then
   this call is over, or it waits again, before that one. */
static void leave_queue(struct lsk_foreign_wait *wait) {
  const struct lsk_queue *queue = wait->waiter.queue;
  if (queue == NULL) return;
  bool was_first = find_wait(queue, 0) == wait;
  dequeue(wait);
  struct lsk_foreign_wait *next = was_first ? find_wait(queue, 0) : NULL;
  if (next != NULL && next->kind == LSK_FOREIGN_TURN) unblock(next);
}

/* Several fds. */

void lsk_foreign_observe(struct lsk_foreign_wait *wait,
                         const struct lsk_wanted *wanted) {
  struct lsk_foreign *foreign = &wait->state->foreign;
  wait->wanted = *wanted;
  wait->next = foreign->many;
  if (wait->next != NULL) wait->next->previous = wait;
  foreign->many = wait;
}

static void stop_observing(struct lsk_foreign_wait *wait) {
  if (wait->wanted.entries == NULL) return;
  wait->wanted.entries = NULL;
  if (wait->previous == NULL)
    wait->state->foreign.many = wait->next;
  else
    wait->previous->next = wait->next;
  if (wait->next != NULL) wait->next->previous = wait->previous;
}

static bool observes(const struct lsk_foreign_wait *wait, int fd) {
  for (size_t i = 0; i < wait->wanted.count; i++)
    if (wait->wanted.entries[i].fd == fd) return true;
  return false;
}

/* One that waits for the fd among others, and was not told yet. */
static struct lsk_foreign_wait *find_observer(const struct lsk_state *state,
                                              int fd) {
  struct lsk_foreign_wait *wait = state->foreign.many;
  while (wait != NULL && (wait->is_called || !observes(wait, fd)))
    wait = wait->next;
  return wait;
}

/* The end of a wait, and of an fd. */

static void end(struct lsk_foreign_wait *wait) {
  struct lsk_foreign *foreign = &wait->state->foreign;
  if (foreign->asking == wait->thread) foreign->asking = NULL;
  stop_observing(wait);
}

static int close(lua_State *L) {
  struct lsk_foreign_wait *wait = luaL_checkudata(L, 1, METATABLE);
  end(wait);
  leave_queue(wait);
  return 0;
}

/* Its coroutine was dropped. Nothing is called: the Lua state may end. */
static int gc(lua_State *L) {
  struct lsk_foreign_wait *wait = luaL_checkudata(L, 1, METATABLE);
  end(wait);
  dequeue(wait);
  return 0;
}

static void wake_all(struct lsk_queue *queue, bool is_collected) {
  struct lsk_foreign_wait *wait;
  while ((wait = find_wait(queue, 0)) != NULL) {
    dequeue(wait);
    if (!is_collected) unblock(wait);
  }
}

void lsk_foreign_end(struct lsk_state *state, struct lsk_watch *watch, int fd,
                     bool is_collected) {
  watch->is_shared = false;
  tell_loop(state->aux, fd, is_collected);
  for (int direction = 0; direction < LSK_DIRECTIONS; direction++)
    wake_all(&watch->calls[direction], is_collected);
  if (is_collected) return;
  struct lsk_foreign_wait *wait;
  while ((wait = find_observer(state, fd)) != NULL) unblock(wait);
}

struct lsk_foreign_wait *lsk_new_foreign_wait(lua_State *L,
                                              enum lsk_foreign_kind kind,
                                              lsk_deadline deadline) {
  struct lsk_foreign_wait *wait = lua_newuserdatauv(L, sizeof *wait, 1);
  *wait = (struct lsk_foreign_wait){.waiter.is_foreign = true,
                                    .state = lsk_get_state(L),
                                    .thread = L,
                                    .deadline = deadline,
                                    .kind = (unsigned char)kind};
  lua_pushthread(L);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, METATABLE);
  lua_toclose(L, -1);
  return wait;
}

struct lsk_foreign_wait *lsk_test_foreign_wait(lua_State *L, int index) {
  return luaL_testudata(L, index, METATABLE);
}

static const luaL_Reg metamethods[] = {
    {"__gc", gc},
    {"__close", close},
    {NULL, NULL},
};

void lsk_open_foreign(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
