/*
** The table of socket options, from sockopts.list.
*/

#include "sockopts.h"

#include "consts.h"
#include "consts_headers.h"

#include <limits.h>
#include <string.h>

#define LSK_ABSENT INT_MIN

static const struct lsk_sockopt sockopts[] = {
#include "sockopts.inc"
};

#define COUNT (sizeof sockopts / sizeof sockopts[0])

static const struct {
  const char *name;
  int number;
} levels[LSK_LEVELS] = {
    [LSK_AT_OTP] = {"otp", -1},
    [LSK_AT_SOCKET] = {"socket", SOL_SOCKET},
    [LSK_AT_IP] = {"ip", IPPROTO_IP},
    [LSK_AT_IPV6] = {"ipv6", IPPROTO_IPV6},
    [LSK_AT_TCP] = {"tcp", IPPROTO_TCP},
    [LSK_AT_UDP] = {"udp", IPPROTO_UDP},
    [LSK_AT_SCTP] = {"sctp", 132}, /* IPPROTO_SCTP, which not all define */
};

const struct lsk_sockopt *lsk_get_sockopt(size_t index) {
  return index < COUNT ? &sockopts[index] : NULL;
}

bool lsk_sockopt_is_here(const struct lsk_sockopt *option) {
  if (option->level == LSK_AT_OTP) return true;
  return option->number != LSK_ABSENT && option->layout->size > 0;
}

const char *lsk_level_name(enum lsk_level level) {
  return levels[level].name;
}

int lsk_level_number(enum lsk_level level) {
  return levels[level].number;
}

/* Skips the prefix, where it is there. */
static bool skip(const char *prefix, const char **name, size_t *length) {
  size_t size = strlen(prefix);
  if (*length <= size || !lsk_same_name(*name, size, prefix)) return false;
  *name += size;
  *length -= size;
  return true;
}

bool lsk_find_level(const char *name, size_t length, enum lsk_level *level) {
  bool is_long =
      skip("SOL_", &name, &length) || skip("IPPROTO_", &name, &length);
  for (enum lsk_level i = is_long ? LSK_AT_SOCKET : LSK_AT_OTP; i < LSK_LEVELS;
       i++) {
    if (!lsk_same_name(name, length, levels[i].name)) continue;
    *level = i;
    return true;
  }
  return false;
}

bool lsk_find_level_number(int number, enum lsk_level *level) {
  for (enum lsk_level i = LSK_AT_SOCKET; i < LSK_LEVELS; i++) {
    if (levels[i].number != number) continue;
    *level = i;
    return true;
  }
  return false;
}

/* Whether it is the constant's name, with or without its prefix. */
static bool is_constant(const struct lsk_sockopt *option, const char *name,
                        size_t length) {
  const char *constant = option->constant;
  return lsk_same_name(name, length, constant) ||
         lsk_same_name(name, length, strchr(constant, '_') + 1);
}

const struct lsk_sockopt *lsk_find_sockopt(enum lsk_level level,
                                           const char *name, size_t length) {
  const struct lsk_sockopt *found = NULL;
  for (size_t i = 0; i < COUNT; i++) {
    if (sockopts[i].level != level) continue;
    if (lsk_same_name(name, length, sockopts[i].name)) return &sockopts[i];
    if (level != LSK_AT_OTP && is_constant(&sockopts[i], name, length))
      found = &sockopts[i];
  }
  return found;
}

const struct lsk_sockopt *lsk_find_sockopt_text(int level, int number) {
  for (size_t i = 0; i < COUNT; i++) {
    const struct lsk_sockopt *option = &sockopts[i];
    if (option->number == number && option->text != LSK_TEXT_QUOTED &&
        levels[option->level].number == level)
      return option;
  }
  return NULL;
}
