/*
** Brings a socket's counters near their end, which real calls would take days
** to reach. It knows how the library's sockets look in memory.
*/

#include "handle.h"

#include <string.h>

#include <lauxlib.h>
#include <lua.h>

/* The flows, each with its three counters. */
static const char *const names[] = {
    "read_pkg",    "read_fails",   "read_waits",     "write_pkg",
    "write_fails", "write_waits",  "acc_success",    "acc_fails",
    "acc_waits",   "sendfile_pkg", "sendfile_fails", "sendfile_waits",
};

enum { COUNT = sizeof names / sizeof names[0] };

static struct lsk_flow *find_flow(struct lsk_handle *h, int number) {
  if (number < LSK_DIRECTIONS)
    return &h->flows[number == 0 ? LSK_READING : LSK_WRITING];
  if (h->extra == NULL) return NULL;
  return number == 2 ? &h->extra->accepts : &h->extra->sendfile;
}

static uint32_t *find(struct lsk_handle *h, const char *name) {
  int i = 0;
  while (i < COUNT && strcmp(names[i], name) != 0) i++;
  struct lsk_flow *flow = i < COUNT ? find_flow(h, i / 3) : NULL;
  if (flow == NULL) return NULL;
  uint32_t *counters[] = {&flow->packages, &flow->fails, &flow->waits};
  return counters[i % 3];
}

/* fill(socket, name): the counter begins anew when it counts once more */
static int fill(lua_State *L) {
  uint32_t *counter = find(lua_touserdata(L, 1), luaL_checkstring(L, 2));
  if (counter == NULL) return luaL_argerror(L, 2, "no such counter");
  *counter = UINT32_MAX;
  return 0;
}

static const luaL_Reg functions[] = {
    {"fill", fill},
    {NULL, NULL},
};

int luaopen_counters(lua_State *L) __attribute__((visibility("default")));

int luaopen_counters(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
