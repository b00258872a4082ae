/*
** The names of errno values.
*/

#include "errnos.h"

#include <errno.h>
#include <stddef.h>

static const struct {
  const char *name;
  int number;
} errnos[] = {
#include "errnos.inc"
};

#define COUNT (sizeof errnos / sizeof errnos[0])

const char *lsk_errno_name(int err) {
  for (size_t i = 0; i < COUNT; i++)
    if (errnos[i].number == err) return errnos[i].name;
  return NULL;
}

void lsk_open_errnos(lua_State *L) {
  for (size_t i = 0; i < COUNT; i++) {
    lua_pushinteger(L, errnos[i].number);
    lua_setfield(L, -2, errnos[i].name);
  }
  /* second names of the same numbers (on Linux) */
  lua_pushinteger(L, EWOULDBLOCK);
  lua_setfield(L, -2, "EWOULDBLOCK");
  lua_pushinteger(L, ENOTSUP);
  lua_setfield(L, -2, "ENOTSUP");
}
