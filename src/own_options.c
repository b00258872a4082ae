/*
** The options of this library's own level, "otp".
*/

#include "own_options.h"

#include "cmsg.h"
#include "consts.h"
#include "handle.h"
#include "mailbox.h"
#include "settings.h"
#include "task.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include <lauxlib.h>

/* Bytes that are read, and room for control messages, unless it is said. */
#define READ_SIZE ((lua_Integer)LSK_BUFFER_SIZE)
#define CONTROL_SIZE ((lua_Integer)LSK_CONTROL_MAX)

/* Leaves the boolean of that name, false without one. */
static void push_flag(lua_State *L, const char *name) {
  bool is_set = lsk_push_setting(L, 1, name) == LUA_TBOOLEAN;
  bool value = is_set && lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_pushboolean(L, value);
}

/* Leaves the number (or table) of that name. */
static void push_size(lua_State *L, const char *name, lua_Integer fallback) {
  if (lsk_push_setting(L, 1, name) != LUA_TNIL) return;
  lua_pop(L, 1);
  lua_pushinteger(L, fallback);
}

void lsk_push_own(lua_State *L, const struct lsk_sockopt *option) {
  const struct lsk_handle *h = lsk_self(L);
  int domain = h->domain;
  switch (option->number) {
  case LSK_OWN_RCVBUF:
    push_size(L, option->name, READ_SIZE);
    break;
  case LSK_OWN_RCVCTRLBUF:
  case LSK_OWN_SNDCTRLBUF:
    push_size(L, option->name, CONTROL_SIZE);
    break;
  case LSK_OWN_FD:
    lua_pushinteger(L, h->fd);
    break;
  case LSK_OWN_USE_REGISTRY:
    lua_pushboolean(L, h->slot != 0);
    break;
  case LSK_OWN_DOMAIN:
    lsk_push_value(L, &lsk_layout_domain, (const char *)&domain, sizeof domain);
    break;
  case LSK_OWN_META:
  case LSK_OWN_OWNER:
    (void)lsk_push_setting(L, 1, option->name);
    break;
  default:
    push_flag(L, option->name);
    break;
  }
}

/* Whether the socket belongs to a task that goes on, and this is another. */
static bool is_foreign(lua_State *L) {
  const struct lsk_handle *h = lsk_self(L);
  (void)lsk_push_setting(L, 1, "controlling_process");
  const struct lsk_task *owner = lsk_test_task(L, -1);
  lua_pop(L, 1);
  return owner != NULL && owner != h->state->task && !lsk_task_has_ended(owner);
}

static int complain(lua_State *L, const struct lsk_place *place,
                    const char *why) {
  lua_pushstring(L, why);
  return lsk_complain(L, place);
}

static bool is_count(lua_State *L, int index) {
  int exact;
  lua_Integer value = lua_tointegerx(L, index, &exact);
  return exact && value > 0 && value <= INT_MAX;
}

/* Leaves a size, or nil for "default". */
static void push_checked_size(lua_State *L, int index,
                              const struct lsk_place *place) {
  size_t length = 0;
  const char *name =
      lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : "";
  bool is_default = lsk_same_name(name, length, "default");
  if (!is_default && !is_count(L, index))
    complain(L, place, "value must be \"default\" or an integer above 0");
  if (is_default)
    lua_pushnil(L);
  else
    lua_pushinteger(L, lua_tointeger(L, index));
}

/* Leaves {reads=, size=} of such a table, or of {reads, size}. */
static void push_checked_reads(lua_State *L, int index,
                               const struct lsk_place *place) {
  bool is_list = lua_rawgeti(L, index, 1) != LUA_TNIL;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  for (int i = 1; i <= 2; i++) {
    const char *name = i == 1 ? "reads" : "size";
    if (is_list)
      lua_rawgeti(L, index, i);
    else
      lua_getfield(L, index, name);
    if (!is_count(L, -1))
      complain(L, place, "reads and size must be integers above 0");
    lua_pushinteger(L, lua_tointeger(L, -1));
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
  }
}

/* Leaves the value at `index` as it is kept. */
static void push_checked(lua_State *L, int index, const struct lsk_place *place,
                         const struct lsk_sockopt *option) {
  switch (option->number) {
  case LSK_OWN_META:
  case LSK_OWN_OWNER:
    lua_pushvalue(L, index);
    break;
  case LSK_OWN_RCVBUF:
    if (lua_istable(L, index))
      push_checked_reads(L, index, place);
    else
      push_checked_size(L, index, place);
    break;
  case LSK_OWN_RCVCTRLBUF:
  case LSK_OWN_SNDCTRLBUF:
    push_checked_size(L, index, place);
    break;
  default:
    if (!lua_isboolean(L, index)) complain(L, place, "value must be a boolean");
    lua_pushvalue(L, index);
    break;
  }
}

int lsk_set_own(lua_State *L, int index, const struct lsk_place *place,
                const struct lsk_sockopt *option) {
  if (option->number == LSK_OWN_OWNER && is_foreign(L)) return -EPERM;
  push_checked(L, index, place, option);
  if (option->number == LSK_OWN_IOW) lsk_tell_wraps(L, 1, lua_toboolean(L, -1));
  lsk_set_setting(L, 1, option->name);
  return 0;
}
