/*
** The mailboxes that the messages of requests go to.
*/

#include "mailbox.h"

#include "error.h"
#include "method.h"
#include "nowait.h"
#include "wraps.h"

#include <lauxlib.h>

#define REQUEST "socket.SelectRef"
#define SELECT_INFO "socket.SelectInfo"

/* Mailboxes. Each stands in the registry, by its owner. */

static const void *owner_of(const struct lsk_state *state) {
  return state->task == NULL ? (const void *)&state->task : state->task;
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

void lsk_drop_mailbox(struct lsk_state *state, const struct lsk_task *task) {
  lua_State *aux = state->aux;
  lua_rawgetp(aux, LUA_REGISTRYINDEX, task);
  struct lsk_mailbox *mailbox = lua_touserdata(aux, -1);
  lua_pop(aux, 1);
  if (mailbox == NULL) return;
  struct lsk_request_list *lists[] = {&mailbox->pending, &mailbox->messages,
                                      &mailbox->told};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    while (lists[i]->first != NULL) lsk_finish_request(lists[i]->first);
  lua_pushnil(aux);
  lua_rawsetp(aux, LUA_REGISTRYINDEX, task);
  state->mailboxes--;
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
  int rc = lsk_queue_request(request);
  if (rc < 0) {
    lsk_finish_request(request);
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
  struct lsk_mailbox *mailbox = find_mailbox(L, h->state);
  if (mailbox == NULL) return true;
  const struct lsk_queue *queue = &h->watch.calls[lsk_direction(events)];
  mailbox->turn = NULL;
  struct lsk_request *own = find_own(queue, mailbox);
  if (own == NULL) return true;
  if (deadline == LSK_NOW || deadline == LSK_NOWAIT) {
    if (queue->first != &own->waiter) return true;
    if (own->progress == LSK_REQUEST_PENDING && !lsk_is_request_ready(own))
      return false;
  }
  lsk_replace_request(own);
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
  bool is_aborted = request->progress == LSK_REQUEST_ABORTED;
  lua_createtable(L, 0, is_aborted ? 4 : 3);
  lua_rawgetp(L, LUA_REGISTRYINDEX, request);
  lua_getiuservalue(L, -1, 1);
  lua_setfield(L, -3, "socket");
  lua_setfield(L, -2, "ref");
  push_text(L, "type", is_aborted ? "abort" : "select");
  if (is_aborted) {
    push_text(L, "reason", "closed");
    lsk_finish_request(request);
    return true;
  }
  lua_getfield(L, -1, "ref");
  lua_pushnil(L); /* the program holds the socket, or nobody calls again */
  lua_setiuservalue(L, -2, 1);
  lua_pop(L, 1);
  lsk_note_told(request);
  return true;
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
  bool is_own = request->progress != LSK_REQUEST_OVER && request->h == h;
  bool is_closed = h->fd < 0;
  if (is_own) lsk_finish_request(request);
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
