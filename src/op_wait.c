/*
** Waiting as such: for a socket's readiness, for several fds, for time.
*/

#include "op_wait.h"

#include "arg.h"
#include "error.h"
#include "handle.h"
#include "lookup.h"
#include "names.h"
#include "wait.h"

#include <limits.h>
#include <string.h>

#include <lauxlib.h>

static const char *const timeout_only[] = {"timeout", NULL};

/*
** Stack slots of a wait: the socket, what it is asked for (nil: the socket is
** the result; events: those that are there; a boolean: whether there are some),
** then the entry for poll.
*/
enum { WAIT_ASKED = 2, WAIT_ENTRY };

/* An error and an end are something to read, and to write. */
static int ready_events(const struct pollfd *entry) {
  int ended = entry->revents & ~(LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY);
  return (ended ? LSK_READABLE | LSK_WRITABLE : entry->revents) & entry->events;
}

static int push_ready_socket(lua_State *L, int events) {
  if (lua_isnumber(L, WAIT_ASKED))
    lua_pushinteger(L, events);
  else if (lua_isboolean(L, WAIT_ASKED))
    lua_pushboolean(L, 1);
  else
    lua_pushvalue(L, 1);
  return 1;
}

static int wait_k(lua_State *L, int status, lua_KContext deadline) {
  const struct lsk_handle *h = lsk_self(L);
  int failed = lsk_wait_result(L, status, WAIT_ENTRY);
  if (failed) return failed;
  struct pollfd *entry = lua_touserdata(L, WAIT_ENTRY);
  if (entry->revents == 0 && status == LUA_OK) {
    const struct lsk_wanted wanted = {
        .entries = entry, .count = 1, .owners = 1};
    failed = lsk_wait_wanted(L, &wanted, deadline, wait_k);
    if (failed) return failed;
  }
  if (h->fd < 0) return lsk_fail_closed(L);
  if (entry->revents != 0) return push_ready_socket(L, ready_events(entry));
  if (!lua_isboolean(L, WAIT_ASKED)) return lsk_fail_timeout(L);
  lua_pushboolean(L, 0);
  return 1;
}

/* Waits for the events; what is asked for stands on top. */
static int wait_for(lua_State *L, const struct lsk_handle *h, int events,
                    double seconds) {
  lua_replace(L, WAIT_ASKED);
  lua_settop(L, WAIT_ASKED);
  if (h->fd < 0) return lsk_fail_closed(L);
  if ((events & LSK_READABLE) && h->in.end > h->in.start)
    return push_ready_socket(L, LSK_READABLE);
  struct pollfd *entry = lua_newuserdatauv(L, sizeof *entry, 0);
  *entry = (struct pollfd){.fd = h->fd, .events = (short)events};
  return wait_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

/* The seconds at `arg`, or in the keywords there; nil is the socket's own. */
static double check_seconds(lua_State *L, const struct lsk_handle *h, int arg) {
  if (lua_istable(L, arg)) {
    lsk_arg_fields(L, arg, arg, timeout_only);
    luaL_argcheck(L, lua_istable(L, arg), arg, "number or keywords expected");
    if (!lsk_arg_field(L, arg, "timeout")) return h->timeout;
    lua_replace(L, arg);
  }
  return lua_isnoneornil(L, arg) ? h->timeout : lsk_check_timeout(L, arg);
}

/* wait_readable and its like, with the seconds as the only argument. */
static int wait_events(lua_State *L, int events) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  double seconds = check_seconds(L, h, 2);
  lua_settop(L, 2);
  lua_pushnil(L);
  return wait_for(L, h, events, seconds);
}

/* Ruby's names of what is waited for, and its short ones. */
static int mode_events(lua_State *L, int arg) {
  static const char *const names[] = {
      "r",  "read",       "readable",          "w",        "write", "writable",
      "rw", "read_write", "readable_writable", "priority", NULL};
  static const int events[] = {LSK_READABLE,
                               LSK_READABLE,
                               LSK_READABLE,
                               LSK_WRITABLE,
                               LSK_WRITABLE,
                               LSK_WRITABLE,
                               LSK_READABLE | LSK_WRITABLE,
                               LSK_READABLE | LSK_WRITABLE,
                               LSK_READABLE | LSK_WRITABLE,
                               LSK_PRIORITY};
  return events[luaL_checkoption(L, arg, NULL, names)];
}

/* wait(events, timeout): the events as a number. */
static int wait_mask(lua_State *L, const struct lsk_handle *h) {
  int all = LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY;
  int events = lsk_check_range(L, 2, 1, all);
  luaL_argcheck(L, (events & ~all) == 0, 2, "unknown events");
  double seconds = check_seconds(L, h, 3);
  lua_pushinteger(L, events);
  return wait_for(L, h, events, seconds);
}

/// Waits until the socket is ready: to be read when no events are named.
// `wait(timeout)` and `wait(timeout, mode, ...)` take seconds and names, such
// as
// `"read"`, `"write"`, `"read_write"`, in any order, and give the socket;
// `wait(events, timeout)` takes a sum of `Socket.READABLE`, `Socket.WRITABLE`
// and `Socket.PRIORITY` with the seconds, and gives the sum of those that are
// there. Answers to Ruby's `IO#wait`.
// @function BasicSocket:wait
// @param[opt] timeout seconds, or events that seconds follow
// @param[opt] mode
// @tparam[opt] table opts `timeout` in seconds
// @treturn BasicSocket the socket, or the events
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  bool is_mask = lua_isinteger(L, 2) && !lua_isnoneornil(L, 3) &&
                 lua_type(L, 3) != LUA_TSTRING;
  if (is_mask) return wait_mask(L, h);
  int events = 0, top = lua_gettop(L);
  double seconds = h->timeout;
  bool timed = false;
  for (int arg = 2; arg <= top; arg++) {
    if (lua_isnil(L, arg)) continue;
    if (lua_type(L, arg) == LUA_TSTRING) {
      events |= mode_events(L, arg);
      continue;
    }
    luaL_argcheck(L, !timed, arg, "timeout given more than once");
    seconds = check_seconds(L, h, arg);
    timed = true;
  }
  lua_settop(L, 2);
  lua_pushnil(L);
  return wait_for(L, h, events == 0 ? LSK_READABLE : events, seconds);
}

/// Whether something can be read without waiting: bytes, a connection, the end.
// Answers to Ruby's `IO#ready?`.
// @function BasicSocket:is_ready
// @treturn boolean
// @error nil, err, errno
static int is_ready(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  lua_settop(L, 2);
  lua_pushboolean(L, 1);
  return wait_for(L, h, LSK_READABLE, 0);
}

/// Waits until there is something to read (bytes, a connection, the end).
// Buffered bytes count. Answers to Ruby's `IO#wait_readable`.
// @function BasicSocket:wait_readable
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_readable(lua_State *L) {
  return wait_events(L, LSK_READABLE);
}

/// Waits until something can be written, or a connect has ended. Answers to
// Ruby's `IO#wait_writable`.
// @function BasicSocket:wait_writable
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_writable(lua_State *L) {
  return wait_events(L, LSK_WRITABLE);
}

/// Waits for urgent (out-of-band) data. Answers to Ruby's `IO#wait_priority`.
// @function BasicSocket:wait_priority
// @tparam[opt] number timeout seconds; the socket's own when left out
// @treturn BasicSocket the socket
// @error nil, `Socket.TIMEOUT`; nil, err, errno
static int wait_priority(lua_State *L) {
  return wait_events(L, LSK_PRIORITY);
}

/// Sets how long each call on this socket may wait, unless it says otherwise.
// Answers to Ruby's `IO#timeout=`.
// @function BasicSocket:set_timeout
// @tparam[opt] number timeout seconds; nil: for ever
// @treturn boolean true
static int set_timeout(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  h->timeout = lsk_check_timeout(L, 2);
  lua_pushboolean(L, 1);
  return 1;
}

/// The socket's timeout. Answers to Ruby's `IO#timeout`.
// @function BasicSocket:timeout
// @treturn number seconds, or nil
static int timeout(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  if (h->timeout < 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, h->timeout);
  return 1;
}

/* Stack slots of poll: fds, events, seconds, what the fds belong to, then the
   entries and the work that look-ups wait for (nil: none does). */
enum {
  POLL_FDS = 1,
  POLL_EVENTS,
  POLL_SECONDS,
  POLL_OWNERS,
  POLL_ENTRIES,
  POLL_WORKS
};

static short events_at(lua_State *L, lua_Integer i) {
  lua_rawgeti(L, POLL_EVENTS, i);
  short events = (short)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return events;
}

/* Leaves the list of what each entry is ready for (0: nothing). */
static int push_ready(lua_State *L, const struct pollfd *entries,
                      size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, entries[i].revents);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int poll_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, POLL_WORKS);
  const struct lsk_wanted wanted = {
      .entries = lua_touserdata(L, POLL_ENTRIES),
      .works = lua_touserdata(L, POLL_WORKS),
      .count = lua_rawlen(L, POLL_ENTRIES) / sizeof *wanted.entries,
      .owners = POLL_OWNERS,
  };
  if (failed == 0 && status == LUA_OK)
    failed = lsk_wait_wanted(L, &wanted, deadline, poll_k);
  return failed ? failed : push_ready(L, wanted.entries, wanted.count);
}

/* Reads the fd or the look-up that is the i-th of the list: its fd | -1, and
   the work that is waited for in its place. */
static int check_wanted(lua_State *L, lua_Integer i, struct lsk_work **work) {
  int fd = -1;
  *work = NULL;
  if (lua_rawgeti(L, POLL_FDS, i) == LUA_TUSERDATA)
    (void)lsk_lookup_wanted(L, -1, work, &fd);
  else
    fd = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return fd;
}

/*
** poll(fds, events[, seconds[, owners]])
**   -> list of ready events | nil, err, errno
** Past the deadline all of them are 0. A look-up may stand in place of an fd.
** The owners are what another event loop is given in place of the fds.
*/
static int poll_(lua_State *L) {
  luaL_checktype(L, POLL_FDS, LUA_TTABLE);
  luaL_checktype(L, POLL_EVENTS, LUA_TTABLE);
  double seconds = lsk_check_timeout(L, POLL_SECONDS);
  lua_settop(L, POLL_OWNERS);
  if (!lua_istable(L, POLL_OWNERS)) lua_copy(L, POLL_FDS, POLL_OWNERS);
  size_t count = lua_rawlen(L, POLL_FDS);
  struct pollfd *entries = lua_newuserdatauv(L, count * sizeof *entries, 0);
  struct lsk_work **works = lua_newuserdatauv(L, count * sizeof(void *), 0);
  bool has_works = false;
  for (size_t i = 0; i < count; i++) {
    entries[i].fd = check_wanted(L, (lua_Integer)i + 1, &works[i]);
    has_works = has_works || works[i] != NULL;
    entries[i].events = events_at(L, (lua_Integer)i + 1);
    entries[i].revents = 0;
  }
  if (!has_works) {
    lua_pushnil(L);
    lua_replace(L, POLL_WORKS);
  }
  return poll_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

static int sleep_k(lua_State *L, int status, lua_KContext deadline) {
  int failed = lsk_wait_result(L, status, 1);
  if (failed == 0 && status == LUA_OK)
    failed = lsk_wait_many(L, NULL, 0, deadline, sleep_k);
  if (failed) return failed;
  lua_pushboolean(L, 1);
  return 1;
}

/// Lets time pass; the other tasks go on.
// @function Socket.sleep
// @tparam number seconds with fractions
// @treturn boolean true
// @error nil, err, errno
static int sleep_(lua_State *L) {
  luaL_checknumber(L, 1);
  double seconds = lsk_check_timeout(L, 1);
  return sleep_k(L, LUA_OK, lsk_timeout_deadline(seconds));
}

static const luaL_Reg methods[] = {
    {"is_ready", is_ready},
    {"set_timeout", set_timeout},
    {"timeout", timeout},
    {"wait", wait_},
    {"wait_priority", wait_priority},
    {"wait_readable", wait_readable},
    {"wait_writable", wait_writable},
    {NULL, NULL},
};

void lsk_open_op_wait(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}

static const luaL_Reg functions[] = {
    {"poll", poll_},
    {"sleep", sleep_},
    {NULL, NULL},
};

void lsk_open_op_poll(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lua_pushinteger(L, LSK_READABLE);
  lua_setfield(L, -2, "READABLE");
  lua_pushinteger(L, LSK_WRITABLE);
  lua_setfield(L, -2, "WRITABLE");
  lua_pushinteger(L, LSK_PRIORITY);
  lua_setfield(L, -2, "PRIORITY");
}
