/*
** Requests, and the mailboxes that their messages go to.
*/

#include "mailbox.h"

#include "error.h"
#include "method.h"
#include "sys_io.h"
#include "wraps.h"

#include <string.h>

#include <lauxlib.h>

#define REQUEST "socket.SelectRef"
#define SELECT_INFO "socket.SelectInfo"

enum progress {
  PENDING, /* it waits for its turn and its fd */
  READY,   /* its message has not been taken yet */
  TOLD,    /* it has: the caller's turn */
  ABORTED, /* that it was is the message */
  OVER
};

/* Requests in their order. */
struct list {
  struct lsk_request *first, *last;
};

struct lsk_request {
  struct lsk_waiter waiter; /* first: a waiter may be a request */
  struct lsk_handle *h;     /* valid while it stands in its queue */
  struct lsk_mailbox *mailbox;
  struct list *list; /* of the mailbox; NULL: it is over */
  struct lsk_request *next, *previous;
  size_t buffered; /* what the call left in the read buffer: too little */
  size_t place;    /* in the list of entries, from 1 on; 0: none */
  unsigned char direction;
  unsigned char progress; /* enum progress */
};

struct lsk_mailbox {
  struct lsk_state *state;
  struct list pending, messages, told;
  size_t pending_count;
  struct lsk_queue receivers;
  bool is_listener;             /* counters that begin anew are told, too */
  const struct lsk_queue *turn; /* outside tasks: whose turn the call has */
};

/* Lists. */

static void leave_list(struct lsk_request *request) {
  struct list *list = request->list;
  if (list == NULL) return;
  if (list == &request->mailbox->pending) request->mailbox->pending_count--;
  if (request->previous == NULL)
    list->first = request->next;
  else
    request->previous->next = request->next;
  if (request->next == NULL)
    list->last = request->previous;
  else
    request->next->previous = request->previous;
  request->list = NULL;
}

static void join_list(struct lsk_request *request, struct list *list) {
  leave_list(request);
  if (list == &request->mailbox->pending) request->mailbox->pending_count++;
  request->list = list;
  request->next = NULL;
  request->previous = list->last;
  if (list->last == NULL)
    list->first = request;
  else
    list->last->next = request;
  list->last = request;
}

/* Mailboxes. Each stands in the registry, by its owner. */

static const void *owner_of(const struct lsk_state *state) {
  return state->task == NULL ? (const void *)&state->task : state->task;
}

/* The running task's, with which it begins; NULL: code outside tasks runs. */
static struct lsk_waiter *running_waiter(const struct lsk_state *state) {
  return (struct lsk_waiter *)(void *)state->task;
}

/* Leaves the caller's mailbox, or nil. */
static struct lsk_mailbox *push_mailbox(lua_State *L,
                                        const struct lsk_state *state) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, owner_of(state));
  return lua_touserdata(L, -1);
}

static struct lsk_mailbox *find_mailbox(lua_State *L,
                                        const struct lsk_state *state) {
  struct lsk_mailbox *mailbox = push_mailbox(L, state);
  lua_pop(L, 1);
  return mailbox;
}

struct lsk_mailbox *lsk_open_mailbox(lua_State *L, struct lsk_state *state) {
  struct lsk_mailbox *mailbox = find_mailbox(L, state);
  if (mailbox != NULL) return mailbox;
  mailbox = lua_newuserdatauv(L, sizeof *mailbox, 0);
  *mailbox = (struct lsk_mailbox){.state = state};
  lua_rawsetp(L, LUA_REGISTRYINDEX, owner_of(state));
  if (state->task != NULL) state->mailboxes++;
  return mailbox;
}

struct lsk_queue *lsk_message_queue(struct lsk_mailbox *mailbox) {
  return &mailbox->receivers;
}

void lsk_tell_wraps(lua_State *L, int index, bool on) {
  struct lsk_state *state = lsk_test_handle(L, index)->state;
  index = lua_absindex(L, index);
  if (!on) {
    lua_pushnil(L);
    lsk_set_listener(L, index, NULL);
    return;
  }
  struct lsk_mailbox *mailbox = lsk_open_mailbox(L, state);
  (void)push_mailbox(L, state);
  lsk_set_listener(L, index, &mailbox->receivers);
  mailbox->is_listener = true;
}

bool lsk_may_get_message(const struct lsk_mailbox *mailbox) {
  if (mailbox->pending_count > 0) return true;
  return mailbox->is_listener && mailbox->state->task != NULL;
}

/* The end of a request. While it is none of those that are over, the registry
   holds it. */

static void release(struct lsk_state *state,
                    const struct lsk_request *request) {
  lua_pushnil(state->aux);
  lua_rawsetp(state->aux, LUA_REGISTRYINDEX, request);
}

/* Never raises: the registry has the key. */
static void finish(struct lsk_request *request) {
  struct lsk_state *state = request->mailbox->state;
  if (request->progress != ABORTED) state->requests--;
  leave_list(request);
  request->progress = OVER;
  lsk_withdraw(&state->loop, &request->waiter);
  release(state, request);
}

void lsk_drop_mailbox(struct lsk_state *state, const struct lsk_task *task) {
  lua_State *aux = state->aux;
  lua_rawgetp(aux, LUA_REGISTRYINDEX, task);
  struct lsk_mailbox *mailbox = lua_touserdata(aux, -1);
  lua_pop(aux, 1);
  if (mailbox == NULL) return;
  struct list *lists[] = {&mailbox->pending, &mailbox->messages,
                          &mailbox->told};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    while (lists[i]->first != NULL) finish(lists[i]->first);
  lua_pushnil(aux);
  lua_rawsetp(aux, LUA_REGISTRYINDEX, task);
  state->mailboxes--;
}

/* Readiness. */

static int events_of(const struct lsk_request *request) {
  return request->direction == LSK_READING ? LSK_READABLE : LSK_WRITABLE;
}

static bool has_turn(const struct lsk_request *request) {
  return request->h->watch.calls[request->direction].first == &request->waiter;
}

/* Whether the read buffer has what the call has not seen. */
static bool is_buffered(const struct lsk_request *request) {
  size_t length = lsk_buffer_length(&request->h->in);
  return request->direction == LSK_READING && length > 0 &&
         length != request->buffered;
}

static bool is_ready(const struct lsk_request *request) {
  struct pollfd entry = {.fd = request->h->fd,
                         .events = (short)events_of(request)};
  return is_buffered(request) || lsk_sys_poll(&entry, 1, 0) != 0;
}

/* Puts the message into the mailbox. */
static void deliver(struct lsk_request *request, enum progress progress) {
  struct lsk_mailbox *mailbox = request->mailbox;
  request->progress = (unsigned char)progress;
  if (request->list != &mailbox->messages)
    join_list(request, &mailbox->messages);
  lsk_wake_first(&mailbox->state->loop, &mailbox->receivers);
}

/* Its fd is ready, and it has its turn. */
static void tell_ready(struct lsk_request *request) {
  request->h->watch.blocked &= (unsigned char)~(1 << request->direction);
  deliver(request, READY);
}

/* The fd ends: a caller who has been told to call again will find out. */
static void abort_request(struct lsk_request *request) {
  if (request->progress == TOLD) {
    finish(request);
    return;
  }
  request->mailbox->state->requests--;
  deliver(request, ABORTED);
}

/* Has the loop tell when the fd is ready: 0 | -errno. */
static int wait_for_fd(struct lsk_request *request) {
  return lsk_wait_for_fd(&request->mailbox->state->loop, &request->waiter,
                         &request->h->watch, request->h->fd, request->direction,
                         LSK_NEVER);
}

/* What the loop tells. It may be that the turn has come, and nothing else. */
static void notify(struct lsk_waiter *waiter, enum lsk_outcome outcome) {
  struct lsk_request *request = (struct lsk_request *)waiter;
  if (outcome == LSK_ENDED)
    abort_request(request);
  else if (is_ready(request) || wait_for_fd(request) < 0)
    tell_ready(request);
}

/* Starting. */

/* Stack slots of any operation on a socket. */
enum { SELF = 1 };

/* Leaves the SelectInfo of the request at that index. */
static void push_info(lua_State *L, int request) {
  lua_createtable(L, 0, 6);
  luaL_setmetatable(L, SELECT_INFO);
  lsk_push_method(L, SELF);
  lua_setfield(L, -2, "op");
  lua_pushvalue(L, request);
  lua_setfield(L, -2, "ref");
  lua_pushvalue(L, SELF);
  lua_setfield(L, -2, "socket");
}

/* Leaves a new request, which stands nowhere yet. */
static struct lsk_request *new_request(lua_State *L, struct lsk_handle *h,
                                       int events) {
  struct lsk_mailbox *mailbox = lsk_open_mailbox(L, h->state);
  struct lsk_request *request = lua_newuserdatauv(L, sizeof *request, 1);
  *request = (struct lsk_request){
      .waiter.is_request = true,
      .h = h,
      .mailbox = mailbox,
      .buffered = lsk_buffer_length(&h->in),
      .direction = (unsigned char)lsk_direction(events),
  };
  if (h->state->foreign.is_set) /* who waits for a message is told of its end */
    h->watch.is_shared = true;
  luaL_setmetatable(L, REQUEST);
  lua_pushvalue(L, SELF); /* a message tells of it */
  lua_setiuservalue(L, -2, 1);
  return request;
}

/* Queues the request: 0 | -errno. */
static int enter_queue(struct lsk_request *request) {
  struct lsk_mailbox *mailbox = request->mailbox;
  struct lsk_state *state = mailbox->state;
  struct lsk_watch *watch = &request->h->watch;
  const struct lsk_queue *queue = &watch->calls[request->direction];
  struct lsk_waiter *task = running_waiter(state);
  bool has_place = task != NULL ? task->queue == queue : mailbox->turn == queue;
  state->loop.notify = notify;
  if (task != NULL && has_place)
    lsk_hand_over(&state->loop, task, &request->waiter);
  else
    lsk_join_calls(&request->waiter, watch, request->direction, has_place);
  mailbox->turn = NULL;
  if (!has_turn(request)) request->buffered = 0; /* it has not tried */
  state->requests++;
  join_list(request, &mailbox->pending);
  return task == NULL ? 0 : wait_for_fd(request);
}

int lsk_start_request(lua_State *L, struct lsk_handle *h, int events) {
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  if (lua_touserdata(L, SELF) != h)
    return luaL_error(L, "this call cannot be made with nowait");
  struct lsk_request *request = new_request(L, h, events);
  int at = lua_gettop(L);
  lua_pushnil(L);
  push_info(L, at);
  lua_pushvalue(L, at);
  lua_rawsetp(L, LUA_REGISTRYINDEX, request);
  int rc = enter_queue(request);
  if (rc < 0) {
    finish(request);
    return lsk_fail(L, "epoll_ctl(2)", -rc);
  }
  lua_pushnil(L);
  return 3;
}

/* The first request of that mailbox in the queue. */
static struct lsk_request *find_own(const struct lsk_queue *queue,
                                    const struct lsk_mailbox *mailbox) {
  struct lsk_waiter *waiter = queue->first;
  if (waiter == NULL) return NULL;
  do {
    struct lsk_request *request = (struct lsk_request *)waiter;
    if (waiter->is_request && request->mailbox == mailbox) return request;
    waiter = waiter->next;
  } while (waiter != queue->first);
  return NULL;
}

bool lsk_resume_request(lua_State *L, struct lsk_handle *h, int events,
                        lsk_deadline deadline) {
  struct lsk_state *state = h->state;
  struct lsk_mailbox *mailbox = find_mailbox(L, state);
  if (mailbox == NULL) return true;
  const struct lsk_queue *queue = &h->watch.calls[lsk_direction(events)];
  mailbox->turn = NULL;
  struct lsk_request *own = find_own(queue, mailbox);
  if (own == NULL) return true;
  bool is_first = queue->first == &own->waiter;
  if (deadline == LSK_NOW || deadline == LSK_NOWAIT) {
    if (!is_first) return true;
    if (own->progress == PENDING && !is_ready(own)) return false;
  }
  if (state->task != NULL)
    lsk_hand_over(&state->loop, &own->waiter, running_waiter(state));
  else if (is_first)
    mailbox->turn = queue;
  finish(own);
  return true;
}

/* Messages. */

static void push_text(lua_State *L, const char *field, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, field);
}

/* Takes the message of a counter that has begun anew, which it leaves. */
static bool push_wrap(lua_State *L, struct lsk_state *state) {
  if (!state->has_wraps) return false;
  (void)push_mailbox(L, state);
  return lsk_take_wrap(L, state);
}

bool lsk_push_message(lua_State *L, struct lsk_mailbox *mailbox) {
  if (push_wrap(L, mailbox->state)) return true;
  struct lsk_request *request = mailbox->messages.first;
  if (request == NULL) return false;
  bool is_aborted = request->progress == ABORTED;
  lua_createtable(L, 0, is_aborted ? 4 : 3);
  lua_rawgetp(L, LUA_REGISTRYINDEX, request);
  lua_getiuservalue(L, -1, 1);
  lua_setfield(L, -3, "socket");
  lua_setfield(L, -2, "ref");
  push_text(L, "type", is_aborted ? "abort" : "select");
  if (is_aborted) {
    push_text(L, "reason", "closed");
    finish(request);
    return true;
  }
  lua_getfield(L, -1, "ref");
  lua_pushnil(L); /* the program holds the socket, or nobody calls again */
  lua_setiuservalue(L, -2, 1);
  lua_pop(L, 1);
  request->progress = TOLD;
  join_list(request, &mailbox->told);
  return true;
}

size_t lsk_count_requests(const struct lsk_mailbox *mailbox) {
  return mailbox->pending_count;
}

size_t lsk_list_requests(struct lsk_mailbox *mailbox, struct pollfd *entries) {
  size_t count = 0;
  struct lsk_request *next;
  for (struct lsk_request *r = mailbox->pending.first; r != NULL; r = next) {
    next = r->next;
    r->place = 0;
    if (!has_turn(r)) continue;
    if (is_buffered(r)) {
      lsk_end_wait(&mailbox->state->loop, &r->waiter, LSK_READY);
      if (r->progress == PENDING) tell_ready(r);
      continue;
    }
    entries[count] =
        (struct pollfd){.fd = r->h->fd, .events = (short)events_of(r)};
    r->place = ++count;
  }
  return count;
}

void lsk_take_events(struct lsk_mailbox *mailbox,
                     const struct pollfd *entries) {
  struct lsk_request *next;
  for (struct lsk_request *r = mailbox->pending.first; r != NULL; r = next) {
    next = r->next;
    if (r->place == 0 || entries[r->place - 1].revents == 0) continue;
    lsk_end_wait(&mailbox->state->loop, &r->waiter, LSK_READY);
    if (r->progress == PENDING && !r->waiter.is_waiting) tell_ready(r);
  }
}

/* Cancelling. */

static struct lsk_request *check_request(lua_State *L, int arg) {
  struct lsk_request *request = NULL;
  if (lua_istable(L, arg)) {
    lua_getfield(L, arg, "ref");
    request = luaL_testudata(L, -1, REQUEST);
    lua_pop(L, 1);
  }
  if (request == NULL) luaL_typeerror(L, arg, "SelectInfo");
  return request;
}

enum lsk_cancel lsk_cancel_request(lua_State *L, const struct lsk_handle *h,
                                   int arg) {
  struct lsk_request *request = check_request(L, arg);
  bool is_own = request->progress != OVER && request->h == h;
  bool is_closed = h->fd < 0;
  if (is_own) finish(request);
  if (is_closed) return LSK_CANCEL_CLOSED;
  return is_own ? LSK_CANCEL_DONE : LSK_CANCEL_GONE;
}

static int tostring(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "op");
  lua_pushfstring(L, "%s: %s", SELECT_INFO, luaL_tolstring(L, -1, NULL));
  return 1;
}

/// Whether the value is one, rather than an error.
// @function SelectInfo.is
// @param value
// @treturn boolean
static int is(lua_State *L) {
  luaL_checkany(L, 1);
  bool has_metatable = lua_getmetatable(L, 1);
  if (has_metatable) luaL_getmetatable(L, SELECT_INFO);
  lua_pushboolean(L, has_metatable && lua_rawequal(L, -1, -2));
  return 1;
}

void lsk_open_mailboxes(lua_State *L) {
  lua_pushcfunction(L, is);
  lua_setfield(L, -2, "is");
  luaL_newmetatable(L, REQUEST);
  luaL_newmetatable(L, SELECT_INFO);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 2);
}
