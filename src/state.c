/*
** What all sockets of one Lua state share.
*/

#include "state.h"

#include "process.h"

static const char key = 0; /* its address is the registry key */

struct lsk_state *lsk_get_state(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  struct lsk_state *state = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return state;
}

bool lsk_is_interrupted(lua_State *L, const struct lsk_state *state,
                        lua_Hook before) {
  lua_Hook hook = lua_gethook(state->main);
  if (hook == NULL || hook == before) return false;
  if (L != state->main)
    lua_sethook(L, hook, lua_gethookmask(state->main),
                lua_gethookcount(state->main));
  return true;
}

void lsk_hold(struct lsk_state *state, struct lsk_held *held) {
  held->next = state->held;
  state->held = held;
  state->must_poll++;
}

void lsk_stop_holding(struct lsk_state *state, struct lsk_held *held) {
  struct lsk_held **place = &state->held;
  while (*place != NULL && *place != held) place = &(*place)->next;
  if (*place == NULL) return;
  *place = held->next;
  state->must_poll--;
}

void lsk_release_all(struct lsk_state *state) {
  struct lsk_held *next;
  for (struct lsk_held *held = state->held; held != NULL; held = next) {
    next = held->next;
    if (held->release(held)) lsk_stop_holding(state, held);
  }
}

struct lsk_memory lsk_get_memory(lua_State *L) {
  struct lsk_memory memory;
  memory.allocate = lua_getallocf(L, &memory.ud);
  return memory;
}

void lsk_reserve(lua_State *L, struct lsk_state *state,
                 struct lsk_buffer *buffer, size_t room) {
  if (buffer->size < LSK_BUFFER_SIZE && state->spare.data != NULL) {
    struct lsk_buffer small = *buffer;
    *buffer = state->spare;
    state->spare = (struct lsk_buffer){0};
    lsk_buffer_append(buffer, lsk_buffer_bytes(&small),
                      lsk_buffer_length(&small));
    lsk_buffer_free(&small, lsk_get_memory(L));
  }
  if (lsk_buffer_reserve(buffer, room, lsk_get_memory(L))) return;
  lua_pushliteral(L, "not enough memory");
  lua_error(L);
}

char *lsk_get_scratch(lua_State *L, struct lsk_state *state) {
  if (state->spare.data == NULL) {
    struct lsk_buffer buffer = {0};
    lsk_reserve(L, state, &buffer, LSK_BUFFER_SIZE);
    lsk_drop_buffer(L, state, &buffer);
  }
  return state->spare.data;
}

void lsk_drop_buffer(lua_State *L, struct lsk_state *state,
                     struct lsk_buffer *buffer) {
  if (buffer->size != LSK_BUFFER_SIZE || state->spare.data != NULL ||
      state->is_closing) {
    lsk_buffer_free(buffer, lsk_get_memory(L));
    return;
  }
  state->spare = *buffer;
  state->spare.start = state->spare.end = 0;
  *buffer = (struct lsk_buffer){0};
}

void lsk_pack_buffer(lua_State *L, struct lsk_state *state,
                     struct lsk_buffer *buffer) {
  size_t length = lsk_buffer_length(buffer);
  struct lsk_buffer small;
  if (length == 0) {
    lsk_drop_buffer(L, state, buffer);
  } else if (length <= LSK_BUFFER_SMALL && buffer->size > LSK_BUFFER_SMALL &&
             lsk_buffer_make(&small, LSK_BUFFER_SMALL, lsk_get_memory(L))) {
    lsk_buffer_append(&small, lsk_buffer_bytes(buffer), length);
    lsk_drop_buffer(L, state, buffer);
    *buffer = small;
  }
}

/* The object is the first to be marked for finalization, so it is the last to
   be finalized: the sockets are gone. */
static int gc(lua_State *L) {
  struct lsk_state *state = lua_touserdata(L, 1);
  state->is_closing = true;
  lsk_buffer_free(&state->spare, lsk_get_memory(L));
  lsk_loop_close(&state->loop);
  return 0;
}

void lsk_open_state(lua_State *L) {
  if (lsk_get_state(L) != NULL) return;
  struct lsk_state *state = lua_newuserdatauv(L, sizeof *state, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *state = (struct lsk_state){
      .main = lua_tothread(L, -1),
      .no_reverse_lookup = true,
      .loop = {.watches = {.memory = lsk_get_memory(L)}},
  };
  lua_pop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, LSK_PROCESS);
  state->process = lua_touserdata(L, -1);
  lua_pop(L, 1);
  lsk_open_recent(L, state->recent);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  state->aux = lua_newthread(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &state->aux);
}
