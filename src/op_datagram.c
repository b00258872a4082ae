/*
** Serving datagrams: many received with one call.
*/

#include "op_datagram.h"

#include "addr.h"
#include "arg.h"
#include "batch.h"
#include "error.h"
#include "handle.h"
#include "source.h"
#include "wait.h"

#include <lauxlib.h>

#define METATABLE "socket.Batch"

/* The user value holds the socket that is served. */
enum { SERVED = 1 };

/* new(most) -> batch, for so many datagrams at a time */
static int new_batch(lua_State *L) {
  size_t most = (size_t)lsk_check_range(L, 1, 1, LSK_DATAGRAMS);
  (void)lsk_new_batch(L, most, SERVED);
  luaL_setmetatable(L, METATABLE);
  return 1;
}

/* serves(socket) -> whether a batch can take its datagrams */
static int serves(lua_State *L) {
  const struct lsk_handle *h = lsk_check_handle(L, 1);
  bool is_ip = h->domain == AF_INET || h->domain == AF_INET6;
  lua_pushboolean(L, is_ip && h->type == SOCK_DGRAM);
  return 1;
}

/* Stack slots of receive: the batch, and the socket. */
enum { BATCH = 1, BATCH_SOCKET };

static int receive_k(lua_State *L, int status, lua_KContext deadline) {
  struct lsk_batch *batch = lua_touserdata(L, BATCH);
  struct lsk_handle *h = lsk_check_handle(L, BATCH_SOCKET);
  int failed = lsk_wait_result(L, status, BATCH_SOCKET);
  if (!failed)
    failed = lsk_wait_turn(L, h, LSK_READABLE, status, deadline, receive_k);
  while (failed == 0) {
    if (h->fd < 0) return lsk_fail_closed(L);
    int events;
    int rc = lsk_receive_batch(batch, h, deadline, &events);
    if (rc >= 0) {
      lua_pushinteger(L, rc);
      return 1;
    }
    failed = lsk_should_wait(rc) ? lsk_wait(L, h, events, deadline, receive_k)
                                 : lsk_fail(L, "recvmsg(2)", -rc);
  }
  return failed;
}

/* A batch of one gathers no answers, and so may serve any socket. The socket of
   another is its own: sources that are kept point to it. */
static void bind_socket(lua_State *L, struct lsk_batch *batch,
                        struct lsk_handle *h) {
  if (batch->most == 1 || batch->served == h) return;
  luaL_argcheck(L, batch->served == NULL, BATCH_SOCKET, "another is served");
  lua_pushvalue(L, BATCH_SOCKET);
  lua_setiuservalue(L, BATCH, SERVED);
  lsk_bind_batch(batch, h);
}

/* batch:receive(socket, waits) -> count | nil, err, errno */
static int receive(lua_State *L) {
  struct lsk_batch *batch = lsk_check_batch(L, BATCH);
  struct lsk_handle *h = lsk_check_handle(L, BATCH_SOCKET);
  bool waits = lua_toboolean(L, 3);
  lua_settop(L, BATCH_SOCKET);
  bind_socket(L, batch, h);
  lsk_end_round(batch);
  return receive_k(L, LUA_OK,
                   waits ? lsk_timeout_deadline(h->timeout) : LSK_NOW);
}

/* Leaves the source of a datagram; the values at `metatable` and `owner` become
   its. */
static struct lsk_source *push_source(lua_State *L,
                                      const struct lsk_datagram *datagram,
                                      int metatable, int owner) {
  struct lsk_sockaddr local;
  struct lsk_ends ends = {.from = &datagram->from,
                          .from_length = datagram->from_length};
  if (datagram->control_length > 0 && lsk_datagram_local(datagram, &local)) {
    ends.local = &local.to;
    ends.local_length = local.length;
  }
  struct lsk_source *source = lsk_new_source(L, &ends);
  lua_pushvalue(L, owner);
  lua_setiuservalue(L, -2, LSK_SOURCE_OWNER);
  lua_pushvalue(L, metatable);
  lua_setmetatable(L, -2);
  return source;
}

/*
** batch:take(i[, socket]) -> bytes, the UDPSource. The socket is that of the
** round: a batch of one must be told it.
*/
static int take(lua_State *L) {
  struct lsk_batch *batch = lsk_check_batch(L, 1);
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && (size_t)i <= batch->count, 2, "not received");
  bool is_bound = batch->served != NULL;
  struct lsk_handle *h = is_bound ? batch->served : lsk_check_handle(L, 3);
  size_t place = (size_t)i - 1;
  const struct lsk_datagram *datagram = lsk_take_datagram(batch, place);
  lua_pushlstring(L, datagram->bytes, datagram->length);
  struct lsk_source *source =
      push_source(L, datagram, lua_upvalueindex(1), is_bound ? 1 : 3);
  source->h = h;
  source->batch = is_bound ? batch : NULL;
  source->ticket = lsk_datagram_ticket(batch, place);
  return 2;
}

/* source(socket, address) -> the UDPSource of a datagram from there */
static int source_at(lua_State *L) {
  struct lsk_handle *h = lsk_check_handle(L, 1);
  struct lsk_sockaddr from;
  lsk_check_sockaddr(L, 2, &from);
  struct lsk_ends ends = {.from = &from.to, .from_length = from.length};
  struct lsk_source *source = lsk_new_source(L, &ends);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, LSK_SOURCE_OWNER);
  luaL_setmetatable(L, LSK_SOURCE);
  source->h = h;
  return 1;
}

/* batch:flush(): sends what was gathered, as far as there is room for it. */
static int flush(lua_State *L) {
  (void)lsk_flush_batch(lsk_check_batch(L, 1));
  return 0;
}

/* batch:close(): the same, and later answers are sent by themselves. */
static int close(lua_State *L) {
  struct lsk_batch *batch = lsk_check_batch(L, 1);
  (void)lsk_flush_batch(batch);
  batch->gathers = false;
  return 0;
}

/* The socket may be gone. */
static int gc(lua_State *L) {
  lsk_drop_batch(lsk_check_batch(L, 1));
  return 0;
}

static const luaL_Reg methods[] = {
    {"close", close},
    {"flush", flush},
    {"receive", receive},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"new", new_batch},
    {"serves", serves},
    {"source", source_at},
    {NULL, NULL},
};

void lsk_open_op_datagram(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  luaL_newlib(L, methods);
  luaL_newmetatable(L, LSK_SOURCE);
  lua_pushcclosure(L, take, 1);
  lua_setfield(L, -2, "take");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
