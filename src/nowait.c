/*
** What becomes of a call that was started with timeout = "nowait".
*/

#include "nowait.h"

#include "sys_io.h"

/* Lists. */

static void leave_list(struct lsk_request *request) {
  struct lsk_request_list *list = request->list;
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

static void join_list(struct lsk_request *request,
                      struct lsk_request_list *list) {
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

/* The end of a request. While it is none of those that are over, the registry
   holds it. */

static void release(struct lsk_state *state,
                    const struct lsk_request *request) {
  lua_pushnil(state->aux);
  lua_rawsetp(state->aux, LUA_REGISTRYINDEX, request);
}

/* Never raises: the registry has the key. */
void lsk_finish_request(struct lsk_request *request) {
  struct lsk_state *state = request->mailbox->state;
  if (request->progress != LSK_REQUEST_ABORTED) state->requests--;
  leave_list(request);
  request->progress = LSK_REQUEST_OVER;
  lsk_withdraw(&state->loop, &request->waiter);
  release(state, request);
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

bool lsk_is_request_ready(const struct lsk_request *request) {
  struct pollfd entry = {.fd = request->h->fd,
                         .events = (short)events_of(request)};
  return is_buffered(request) || lsk_sys_poll(&entry, 1, 0) != 0;
}

/* Puts the message into the mailbox. */
static void deliver(struct lsk_request *request, enum lsk_progress progress) {
  struct lsk_mailbox *mailbox = request->mailbox;
  request->progress = (unsigned char)progress;
  if (request->list != &mailbox->messages)
    join_list(request, &mailbox->messages);
  lsk_wake_first(&mailbox->state->loop, &mailbox->receivers);
}

/* Its fd is ready, and it has its turn. */
static void tell_ready(struct lsk_request *request) {
  request->h->watch.blocked &= (unsigned char)~(1 << request->direction);
  deliver(request, LSK_REQUEST_READY);
}

/* The fd ends: a caller who has been told to call again will find out. */
static void abort_request(struct lsk_request *request) {
  if (request->progress == LSK_REQUEST_TOLD) {
    lsk_finish_request(request);
    return;
  }
  request->mailbox->state->requests--;
  deliver(request, LSK_REQUEST_ABORTED);
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
  else if (lsk_is_request_ready(request) || wait_for_fd(request) < 0)
    tell_ready(request);
}

/* Starting, and going on. */

/* The running task's, with which it begins; NULL: code outside tasks runs. */
static struct lsk_waiter *running_waiter(const struct lsk_state *state) {
  return (struct lsk_waiter *)(void *)state->task;
}

int lsk_queue_request(struct lsk_request *request) {
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

void lsk_note_told(struct lsk_request *request) {
  request->progress = LSK_REQUEST_TOLD;
  join_list(request, &request->mailbox->told);
}

void lsk_replace_request(struct lsk_request *request) {
  struct lsk_mailbox *mailbox = request->mailbox;
  struct lsk_state *state = mailbox->state;
  if (state->task != NULL)
    lsk_hand_over(&state->loop, &request->waiter, running_waiter(state));
  else if (has_turn(request))
    mailbox->turn = request->waiter.queue;
  lsk_finish_request(request);
}

/* Looking at the fds. */

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
      if (r->progress == LSK_REQUEST_PENDING) tell_ready(r);
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
    if (r->progress == LSK_REQUEST_PENDING && !r->waiter.is_waiting)
      tell_ready(r);
  }
}
