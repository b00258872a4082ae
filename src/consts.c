/*
** The constants of Socket, from consts.list.
*/

#include "consts.h"

#include "consts_headers.h"

#include <stdint.h>
#include <string.h>

#include <pthread.h>

static const struct {
  const char *name;
  lua_Integer value;
} consts[] = {
#include "consts.inc"
};

#define COUNT (sizeof consts / sizeof consts[0])

/* Places of the hash table, twice as many as names at the least. */
#define PLACES 2048
_Static_assert(COUNT <= PLACES / 2, "the table of constants is too full");

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

/* Where each name's row is: at its hash, or in the next places. */
static uint16_t places[PLACES]; /* the row's number, from 1 on; 0: free */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned add_to_hash(unsigned hash, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned)upper(text[i])) * 16777619U;
  return hash;
}

static void fill_places(void) {
  for (size_t i = 0; i < COUNT; i++) {
    const char *name = consts[i].name;
    unsigned place = add_to_hash(0, name, strlen(name)) % PLACES;
    while (places[place] != 0) place = (place + 1) % PLACES;
    places[place] = (uint16_t)(i + 1);
  }
}

/* The row whose name is these two; COUNT where there is none. */
static size_t find(const char *prefix, size_t skip, const char *name,
                   size_t length) {
  unsigned hash = add_to_hash(add_to_hash(0, prefix, skip), name, length);
  for (unsigned i = hash % PLACES; places[i] != 0; i = (i + 1) % PLACES) {
    size_t row = places[i] - 1U;
    const char *known = consts[row].name;
    if (strncmp(known, prefix, skip) == 0 &&
        lsk_same_name(name, length, known + skip))
      return row;
  }
  return COUNT;
}

bool lsk_const_value(const char *prefix, const char *name, size_t length,
                     lua_Integer *value) {
  size_t skip = strlen(prefix);
  size_t row = find(prefix, skip, name, length);
  if (row == COUNT && length > skip && lsk_same_name(name, skip, prefix))
    row = find(prefix, skip, name + skip, length - skip);
  if (row == COUNT) return false;
  *value = consts[row].value;
  return true;
}

const char *lsk_const_name(const char *prefix, lua_Integer value) {
  size_t skip = strlen(prefix);
  for (size_t i = 0; i < COUNT; i++)
    if (consts[i].value == value && in_group(consts[i].name, prefix, skip))
      return consts[i].name;
  return NULL;
}

void lsk_open_consts(lua_State *L) {
  (void)pthread_once(&once, fill_places);
  for (size_t i = 0; i < COUNT; i++) {
    lua_pushinteger(L, consts[i].value);
    lua_setfield(L, -2, consts[i].name);
  }
}
