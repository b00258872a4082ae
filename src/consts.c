/*
** The constants of Socket, from consts.list.
*/

#include "consts.h"

#include "consts_headers.h"

#include <limits.h>
#include <string.h>

#include <pthread.h>

static const struct {
  const char *name;
  lua_Integer value;
} consts[] = {
#include "consts.inc"
};

#define COUNT (sizeof consts / sizeof consts[0])

/* toupper without the locale, in which an i may have another capital. */
static int upper(char c) {
  return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

bool lsk_same_name(const char *one, size_t length, const char *other) {
  if (strlen(other) != length) return false;
  for (size_t i = 0; i < length; i++)
    if (upper(one[i]) != upper(other[i])) return false;
  return true;
}

static bool in_group(const char *name, const char *prefix, size_t length) {
  return *name == *prefix && strncmp(name, prefix, length) == 0;
}

/* The first row of each letter; those of a group stand together. */
static size_t starts[1 << CHAR_BIT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_starts(void) {
  for (size_t i = COUNT; i > 0; i--)
    starts[(unsigned char)*consts[i - 1].name] = i - 1;
}

bool lsk_const_value(const char *prefix, const char *name, size_t length,
                     lua_Integer *value) {
  size_t skip = strlen(prefix), i = starts[(unsigned char)*prefix];
  while (i < COUNT && !in_group(consts[i].name, prefix, skip)) i++;
  for (; i < COUNT && in_group(consts[i].name, prefix, skip); i++) {
    const char *known = consts[i].name;
    if (lsk_same_name(name, length, known) ||
        lsk_same_name(name, length, known + skip)) {
      *value = consts[i].value;
      return true;
    }
  }
  return false;
}

const char *lsk_const_name(const char *prefix, lua_Integer value) {
  size_t skip = strlen(prefix);
  for (size_t i = 0; i < COUNT; i++)
    if (consts[i].value == value && in_group(consts[i].name, prefix, skip))
      return consts[i].name;
  return NULL;
}

void lsk_open_consts(lua_State *L) {
  (void)pthread_once(&once, find_starts);
  for (size_t i = 0; i < COUNT; i++) {
    lua_pushinteger(L, consts[i].value);
    lua_setfield(L, -2, consts[i].name);
  }
}
