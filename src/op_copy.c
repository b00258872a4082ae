/*
** Copying inside the kernel, a step at a time: a socket's bytes through a pipe
** (splice), a file's straight into a socket (sendfile). What is copied, how far
** and for how long is decided above, in Lua.
*/

#include "op_copy.h"

#include "arg.h"
#include "counters.h"
#include "error.h"
#include "handle.h"
#include "stream.h"
#include "sys.h"
#include "sys_copy.h"
#include "wait.h"

#include <errno.h>
#include <stdio.h>

#include <lauxlib.h>

#define METATABLE "socket.Transfer"

/* What the pipe holds at the most, and one step moves. */
#define STEP ((size_t)1 << 18)

/* User values: the two ends, which the transfer keeps alive. */
enum { SOURCE = 1, DESTINATION };

/* One end: a socket, or a Lua file. */
struct end {
  struct lsk_handle *h; /* NULL: a file */
  luaL_Stream *file;    /* NULL: a socket */
};

struct transfer {
  struct end source, destination;
  bool is_sendfile; /* needs no pipe */
  int pipe[2];      /* -1: none */
  size_t moved;     /* bytes that the present step has taken */
  size_t held;      /* of them those still in the pipe */
  off_t offset;     /* where in a file; -1: where it stands */
};

static int end_fd(const struct end *end) {
  if (end->h != NULL) return end->h->fd;
  return end->file->closef == NULL ? -1 : fileno(end->file->f);
}

static bool test_end(lua_State *L, int index, struct end *end) {
  end->h = lsk_test_handle(L, index);
  end->file = end->h == NULL ? luaL_testudata(L, index, LUA_FILEHANDLE) : NULL;
  return end->h != NULL || end->file != NULL;
}

static void close_pipe(struct transfer *t) {
  for (int i = 0; i < 2; i++) {
    int fd = t->pipe[i];
    t->pipe[i] = -1;
    if (fd >= 0) (void)lsk_sys_close(fd);
  }
}

static void set_nonblocking(const struct end *end, bool on) {
  if (end->h != NULL && end->h->fd >= 0) (void)lsk_set_nonblocking(end->h, on);
}

/* Gives the pipe back, and the sockets their blocking mode. */
static int transfer_close(lua_State *L) {
  struct transfer *t = luaL_checkudata(L, 1, METATABLE);
  close_pipe(t);
  set_nonblocking(&t->source, false);
  set_nonblocking(&t->destination, false);
  return 0;
}

/* Collected with its ends, the order is open: they are not touched. */
static int transfer_gc(lua_State *L) {
  close_pipe(luaL_checkudata(L, 1, METATABLE));
  return 0;
}

/*
** new(source, destination[, offset]) -> transfer
** nil alone where the kernel cannot copy between these two.
*/
static int new_transfer(lua_State *L) {
  struct end source, destination;
  bool known = test_end(L, 1, &source) && test_end(L, 2, &destination);
  if (!known || (source.h == NULL && destination.h == NULL)) return 0;
  lua_Integer offset = luaL_optinteger(L, 3, -1);
  struct transfer *t = lua_newuserdatauv(L, sizeof *t, 2);
  *t = (struct transfer){.source = source,
                         .destination = destination,
                         .is_sendfile = source.h == NULL,
                         .pipe = {-1, -1},
                         .offset = (off_t)offset};
  luaL_setmetatable(L, METATABLE);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, SOURCE);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, DESTINATION);
  int rc = t->is_sendfile ? 0 : lsk_sys_pipe(t->pipe, STEP);
  if (rc == -ENOSYS) return 0;
  return rc < 0 ? lsk_fail(L, "pipe(2)", -rc) : 1;
}

/* Stack slots of a step: the transfer, and the most bytes to move. */
enum { STEP_TRANSFER = 1, STEP_MOST };

/* What a try came to: the end whose readiness it lacks, or an error. */
struct outcome {
  ssize_t rc; /* 0: done; -EAGAIN, -EINTR: wait for `end`; else -errno */
  const struct end *end;
  int events;
};

static ssize_t fill_pipe(struct transfer *t, size_t most, bool nonblocking) {
  ssize_t rc =
      lsk_sys_splice(end_fd(&t->source), t->pipe[1], most, nonblocking);
  if (rc > 0) t->moved = t->held = (size_t)rc;
  if (t->source.h != NULL) lsk_count_received(t->source.h, rc, rc == 0);
  return rc;
}

static ssize_t drain_pipe(struct transfer *t, bool nonblocking) {
  while (t->held > 0) {
    ssize_t rc = lsk_sys_splice(t->pipe[0], end_fd(&t->destination), t->held,
                                nonblocking);
    if (t->destination.h != NULL) lsk_count_sent(t->destination.h, rc);
    if (rc < 0) return rc;
    t->held -= (size_t)rc;
  }
  return 0;
}

static struct outcome try_splice(struct transfer *t, size_t most,
                                 bool nonblocking) {
  struct outcome outcome = {0, &t->source, LSK_READABLE};
  if (t->held == 0) {
    outcome.rc = fill_pipe(t, most, nonblocking);
    if (outcome.rc <= 0) return outcome;
  }
  outcome.rc = drain_pipe(t, nonblocking);
  outcome.end = &t->destination;
  outcome.events = LSK_WRITABLE;
  return outcome;
}

static struct outcome try_sendfile(struct transfer *t, size_t most) {
  struct outcome outcome = {0, &t->destination, LSK_WRITABLE};
  outcome.rc = lsk_sys_sendfile(end_fd(&t->destination), end_fd(&t->source),
                                t->offset < 0 ? NULL : &t->offset, most);
  lsk_count_sendfile(t->destination.h, outcome.rc);
  if (outcome.rc > 0) {
    t->moved = (size_t)outcome.rc;
    outcome.rc = 0;
  }
  return outcome;
}

/* Moves some bytes, unless a wait must come first. */
static struct outcome try_step(lua_State *L, struct transfer *t,
                               lsk_deadline deadline) {
  struct lsk_handle *h = t->source.h != NULL ? t->source.h : t->destination.h;
  bool nonblocking = h != NULL && lsk_wait_flag(h, deadline) != 0;
  size_t most = (size_t)lua_tointeger(L, STEP_MOST);
  if (nonblocking) {
    set_nonblocking(&t->source, true);
    set_nonblocking(&t->destination, true);
  }
  struct lsk_sigpipe saved;
  lsk_sys_block_sigpipe(&saved);
  struct outcome outcome =
      t->is_sendfile ? try_sendfile(t, most) : try_splice(t, most, nonblocking);
  lsk_sys_restore_sigpipe(&saved);
  return outcome;
}

/* A failure: what the pipe still held is in the error, as the rest. */
static int fail_step(lua_State *L, struct transfer *t, int results) {
  if (t->held == 0) return results;
  size_t held = t->held;
  luaL_Buffer rest;
  char *bytes = luaL_buffinitsize(L, &rest, held);
  ssize_t got = lsk_sys_read(t->pipe[0], bytes, held);
  t->held = 0;
  luaL_pushresultsize(&rest, got > 0 ? (size_t)got : 0);
  return lsk_fail_written(L, t->moved - held);
}

static int step_k(lua_State *L, int status, lua_KContext deadline) {
  struct transfer *t = lua_touserdata(L, STEP_TRANSFER);
  int failed = lsk_wait_result(L, status, STEP_MOST);
  if (failed == 0 && t->source.h != NULL)
    failed =
        lsk_wait_turn(L, t->source.h, LSK_READABLE, status, deadline, step_k);
  while (failed == 0) {
    if (end_fd(&t->source) < 0 || end_fd(&t->destination) < 0)
      return fail_step(L, t, lsk_fail_closed(L));
    struct outcome outcome = try_step(L, t, deadline);
    if (outcome.rc == 0) {
      lua_pushinteger(L, (lua_Integer)t->moved);
      t->moved = 0;
      return 1;
    }
    if (!lsk_should_wait(outcome.rc) || outcome.end->h == NULL)
      failed = lsk_fail(L, t->is_sendfile ? "sendfile(2)" : "splice(2)",
                        (int)-outcome.rc);
    else
      failed = lsk_wait(L, outcome.end->h, outcome.events, deadline, step_k);
  }
  return fail_step(L, t, failed);
}

/*
** transfer:step(most[, seconds]) -> bytes moved (0: the source is at its end) |
** nil, err, errno; `err.rest` is what was read and not written
*/
static int step(lua_State *L) {
  struct transfer *t = luaL_checkudata(L, STEP_TRANSFER, METATABLE);
  lua_Integer most = luaL_checkinteger(L, STEP_MOST);
  double seconds = lsk_check_timeout(L, 3);
  t->moved = 0;
  lua_settop(L, STEP_TRANSFER);
  lua_pushinteger(L, most < (lua_Integer)STEP ? most : (lua_Integer)STEP);
  return step_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

static const luaL_Reg metamethods[] = {
    {"__gc", transfer_gc},
    {"__close", transfer_close},
    {"step", step},
    {NULL, NULL},
};

/* turn(socket) -> true: the caller's copy into it may begin, or go on, and
   nothing is buffered | nil, select: it stands in line | nil, err, errno */
static int turn_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  int failed = lsk_wait_turn(L, h, LSK_WRITABLE, status, deadline, turn_k);
  if (!failed) failed = lsk_flush(L, h, deadline, turn_k);
  if (failed) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

static int turn(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  return turn_k(L, LUA_OK, LSK_NOWAIT);
}

/* start(socket) -> nil, select: it will tell when there is room | nil, err,
   errno */
static int start(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->fd < 0) return lsk_fail_closed(L);
  return lsk_wait(L, h, LSK_WRITABLE, LSK_NOWAIT, turn_k);
}

static const luaL_Reg functions[] = {
    {"new", new_transfer},
    {"start", start},
    {"turn", turn},
    {NULL, NULL},
};

void lsk_open_op_copy(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
