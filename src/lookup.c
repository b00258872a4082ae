/*
** Name look-ups as operations.
*/

#include "lookup.h"

#include "ask.h"
#include "error.h"
#include "runner.h"
#include "wait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

/* The longest texts that are passed on, with their zero bytes. */
#define HOST_SIZE 1025
#define SERVICE_SIZE 32

static const char gethostbyaddr_name[] = "gethostbyaddr";

struct lookup {
  struct lsk_request *request; /* NULL: let go of */
  const char *function;        /* "getaddrinfo", for errors */
  bool begun;                  /* tried here, or started elsewhere */
  bool waited;                 /* the entry tells how that ended */
  struct lsk_work *work;       /* the loop tells of its end; NULL: the wake */
  struct lsk_wake wake;
  struct pollfd entry; /* of the request that was started */
};

static struct lookup *check_lookup(lua_State *L, int index) {
  return luaL_checkudata(L, index, LSK_LOOKUP);
}

static int close(lua_State *L) {
  struct lookup *lookup = check_lookup(L, 1);
  struct lsk_request *request = lookup->request;
  lookup->request = NULL;
  lookup->work = NULL;
  lsk_request_drop(request);
  return 0;
}

/* Leaves the look-up that is to own a request. */
static struct lookup *push_held_lookup(lua_State *L, const char *function,
                                       int values) {
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  struct lookup *lookup = lua_newuserdatauv(L, sizeof *lookup, values);
  *lookup = (struct lookup){.function = function};
  luaL_setmetatable(L, LSK_LOOKUP);
  return lookup;
}

/* The same for the C function that runs; nothing after it may raise. */
static struct lookup *push_lookup(lua_State *L, const char *function) {
  struct lookup *lookup = push_held_lookup(L, function, 0);
  lua_toclose(L, -1);
  return lookup;
}

/* A value on the stack, and the argument that a mistake in it is one of. */
struct place {
  int index;
  int arg;
};

/* The text there, which names something in fewer than `size` bytes. */
static const char *check_text(lua_State *L, struct place at, size_t size,
                              const char *what) {
  size_t length;
  const char *text = lua_tolstring(L, at.index, &length);
  if (strlen(text) != length)
    luaL_argerror(L, at.arg,
                  lua_pushfstring(L, "%s contains a null byte", what));
  if (length >= size)
    luaL_argerror(
        L, at.arg,
        lua_pushfstring(L, "%s too long (%I)", what, (LUAI_UACINT)length));
  return text;
}

static lua_Integer check_integer(lua_State *L, struct place at,
                                 const char *what) {
  int is_integer;
  lua_Integer value = lua_tointegerx(L, at.index, &is_integer);
  if (!is_integer)
    luaL_argerror(L, at.arg,
                  lua_pushfstring(L, "%s has no integer representation", what));
  return value;
}

static void refuse_type(lua_State *L, struct place at, const char *what) {
  luaL_argerror(
      L, at.arg,
      lua_pushfstring(L, "%s must be a string, an integer or nil, not %s", what,
                      luaL_typename(L, at.index)));
}

/* Writes an IPv4 address in host order, given as an integer. */
static const char *check_ipv4(lua_State *L, struct place at, char *text,
                              socklen_t size) {
  lua_Integer value = check_integer(L, at, "host");
  if (value < 0 || value > UINT32_MAX)
    luaL_argerror(
        L, at.arg,
        lua_pushfstring(L, "host %I is no IPv4 address", (LUAI_UACINT)value));
  struct in_addr addr = {htonl((uint32_t)value)};
  return inet_ntop(AF_INET, &addr, text, size);
}

/* The host as getaddrinfo takes it; `text` is room for an address. */
static const char *check_host(lua_State *L, struct place at, char *text,
                              socklen_t size) {
  int type = lua_type(L, at.index);
  if (type == LUA_TNONE || type == LUA_TNIL) return NULL;
  if (type == LUA_TNUMBER) return check_ipv4(L, at, text, size);
  if (type != LUA_TSTRING) refuse_type(L, at, "host");
  const char *host = check_text(L, at, HOST_SIZE, "hostname");
  size_t length = strlen(host);
  if (length > 0 && host[length - 1] == '\n')
    luaL_argerror(L, at.arg, "newline at the end of hostname");
  if (length == 0 || strcmp(host, "<any>") == 0) return "0.0.0.0";
  if (strcmp(host, "<broadcast>") == 0) return "255.255.255.255";
  return host;
}

static const char *check_port(lua_State *L, struct place at, lua_Integer port,
                              char *text, size_t size) {
  if (port < 0 || port > 65535)
    luaL_argerror(L, at.arg,
                  lua_pushfstring(L, "port %I is not within 0 to 65535",
                                  (LUAI_UACINT)port));
  (void)snprintf(text, size, "%d", (int)port);
  return text;
}

/* The service as getaddrinfo takes it; `text` is room for a port. What strtol
   takes to its end is a port, as for getaddrinfo, and so is an empty text. */
static const char *check_service(lua_State *L, struct place at, char *text,
                                 size_t size) {
  int type = lua_type(L, at.index);
  if (type == LUA_TNONE || type == LUA_TNIL) return NULL;
  if (type == LUA_TNUMBER)
    return check_port(L, at, check_integer(L, at, "port"), text, size);
  if (type != LUA_TSTRING) refuse_type(L, at, "service");
  const char *service = check_text(L, at, SERVICE_SIZE, "service name");
  char *end;
  intmax_t port = strtoimax(service, &end, 10);
  if (*end != '\0') return service;
  return check_port(L, at, (lua_Integer)port, text, size);
}

static void new_lookup(lua_State *L, struct place host, struct place service,
                       const struct addrinfo *hints) {
  char address[INET_ADDRSTRLEN], port[sizeof "65535"];
  const char *h = check_host(L, host, address, sizeof address);
  const char *s =
      service.index == 0 ? NULL : check_service(L, service, port, sizeof port);
  struct lookup *lookup = push_lookup(L, "getaddrinfo");
  lookup->request = lsk_request_addresses(h, s, hints);
}

void lsk_new_lookup(lua_State *L, int host, int service,
                    const struct addrinfo *hints) {
  new_lookup(L, (struct place){host, host}, (struct place){service, service},
             hints);
}

void lsk_new_lookup_at(lua_State *L, int arg, int host, int service,
                       const struct addrinfo *hints) {
  new_lookup(L, (struct place){host, arg}, (struct place){service, arg}, hints);
}

void lsk_new_held_lookup(lua_State *L, int host, int service,
                         const struct addrinfo *hints) {
  char address[INET_ADDRSTRLEN], port[sizeof "65535"];
  const char *h =
      check_host(L, (struct place){host, host}, address, sizeof address);
  const char *s =
      check_service(L, (struct place){service, service}, port, sizeof port);
  struct lookup *lookup = push_held_lookup(L, "getaddrinfo", 2);
  lua_pushvalue(L, host);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, service);
  lua_setiuservalue(L, -2, 2);
  lookup->request = lsk_request_addresses(h, s, hints);
}

void lsk_new_host_lookup(lua_State *L, int host) {
  char address[INET_ADDRSTRLEN];
  const char *h =
      check_host(L, (struct place){host, host}, address, sizeof address);
  struct lookup *lookup = push_lookup(L, "getaddrinfo");
  lookup->request = lsk_request_host(h);
}

void lsk_new_host_at_lookup(lua_State *L, const char *address, size_t length,
                            int family) {
  struct lookup *lookup = push_lookup(L, gethostbyaddr_name);
  lookup->request = lsk_request_host_at(address, length, family);
}

void lsk_new_name_lookup(lua_State *L, const struct lsk_sockaddr *addr,
                         int flags) {
  struct lookup *lookup = push_lookup(L, "getnameinfo");
  lookup->request = lsk_request_names(addr, flags);
}

bool lsk_opt_reverse(lua_State *L, int arg, bool fallback) {
  static const char *const words[] = {"numeric", "hostname", NULL};
  if (lua_isnil(L, arg)) return fallback;
  if (lua_isboolean(L, arg)) return lua_toboolean(L, arg);
  const char *word = luaL_tolstring(L, arg, NULL);
  for (int i = 0; words[i] != NULL; i++)
    if (lua_type(L, arg) == LUA_TSTRING && strcmp(word, words[i]) == 0) {
      lua_pop(L, 1);
      return i == 1;
    }
  return luaL_argerror(
      L, arg, lua_pushfstring(L, "invalid reverse_lookup flag: %s", word));
}

/* Starts the request: 0 | -errno. The tasks of a loop share its wake; whoever
   cannot wait by way of the loop has one of his own. */
static int start(lua_State *L, struct lookup *lookup) {
  struct lsk_state *state = lsk_get_state(L);
  struct lsk_wake *wake = &lookup->wake;
  bool has_loop = lsk_can_suspend(L, state);
  int rc = has_loop ? lsk_loop_get_wake(&state->loop, &wake) : 0;
  if (rc == 0) rc = lsk_request_start(lookup->request, wake);
  if (rc < 0) return rc;
  if (has_loop) lookup->work = lsk_request_work(lookup->request);
  lookup->entry = (struct pollfd){.fd = has_loop ? -1 : wake->wait_fd,
                                  .events = LSK_READABLE};
  return 0;
}

/* Takes the list of addresses on top, or none, for the look-up. */
static void take_addresses(lua_State *L, int index) {
  struct lsk_request *request = check_lookup(L, index)->request;
  if (request == NULL) return; /* closed meanwhile */
  lua_Integer count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
      lsk_request_add(request, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lsk_request_settle(request);
}

/* Another event loop may look up hosts by itself: 0, when the answer is there;
   -1: it does not. */
static int ask(lua_State *L, int index, lsk_deadline deadline,
               lua_KFunction k) {
  const char *host = lsk_request_name(check_lookup(L, index)->request);
  if (host == NULL || !lsk_asks(L, lsk_get_state(L))) return -1;
  return lsk_ask_for_addresses(L, host, index, take_addresses, deadline, k);
}

/* 0: answered, or under way on another thread; else the results of a failure.
   Without a deadline it is worth blocking for where no thread can be had. */
static int begin(lua_State *L, int index, lsk_deadline deadline,
                 lua_KFunction k) {
  struct lookup *lookup = check_lookup(L, index);
  lookup->begun = true;
  if (lsk_request_try(lookup->request)) return 0;
  if (deadline == LSK_NOW) return lsk_would_block(L, LSK_READABLE);
  if (ask(L, index, deadline, k) == 0) return 0;
  int rc = start(L, lookup);
  if (rc == 0) return 0;
  if (deadline != LSK_NEVER) return lsk_fail(L, lookup->function, -rc);
  lsk_request_run(lookup->request);
  return 0;
}

int lsk_lookup_start(lua_State *L, int index, lua_KFunction k) {
  struct lookup *lookup = check_lookup(L, index);
  lookup->entry.fd = -1;
  if (lookup->request == NULL)
    return lsk_fail_gai(L, lookup->function, EAI_MEMORY, 0);
  return begin(L, index, LSK_NEVER, k);
}

bool lsk_lookup_wanted(lua_State *L, int index, struct lsk_work **work,
                       int *fd) {
  const struct lookup *lookup = check_lookup(L, index);
  bool is_open = lookup->request != NULL;
  *work = is_open ? lookup->work : NULL;
  *fd = is_open ? lookup->entry.fd : -1;
  return *work != NULL || *fd >= 0;
}

static int finish(lua_State *L, const struct lookup *lookup,
                  const struct lsk_answer *answer) {
  if (answer->code == 0) return 0;
  if (lookup->function == gethostbyaddr_name)
    return lsk_fail_named(L, "SocketError", "host not found");
  return lsk_fail_gai(L, lookup->function, answer->code, answer->err);
}

int lsk_lookup(lua_State *L, int index, lsk_deadline deadline,
               lua_KFunction k) {
  struct lookup *lookup = check_lookup(L, index);
  if (lookup->request == NULL)
    return lsk_fail_gai(L, lookup->function, EAI_MEMORY, 0);
  int failed = lookup->begun ? 0 : begin(L, index, deadline, k);
  while (failed == 0) {
    const struct lsk_answer *answer = lsk_request_answer(lookup->request);
    if (answer != NULL) return finish(L, lookup, answer);
    if (lookup->waited && lookup->entry.revents == 0)
      return lsk_fail_timeout(L);
    lookup->waited = true;
    lookup->entry.revents = 0;
    const struct lsk_wanted wanted = {&lookup->entry, &lookup->work, 1, index};
    failed = lsk_wait_wanted(L, &wanted, deadline, k);
  }
  return failed;
}

const struct lsk_answer *lsk_lookup_answer(lua_State *L, int index) {
  struct lsk_request *request = check_lookup(L, index)->request;
  return request == NULL ? NULL : lsk_request_answer(request);
}

static const luaL_Reg metamethods[] = {
    {"__gc", close},
    {"__close", close},
    {NULL, NULL},
};

void lsk_open_lookup(lua_State *L) {
  luaL_newmetatable(L, LSK_LOOKUP);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
