/*
** The table of socket options, from sockopts.list: whoever sets, reads, lists
** or shows one looks here.
*/

#ifndef LSK_SOCKOPTS_H
#define LSK_SOCKOPTS_H

#include "layout.h"

#include <stdbool.h>
#include <stddef.h>

/* The levels that have names. */
enum lsk_level {
  LSK_AT_OTP, /* this library's own, as Erlang calls it */
  LSK_AT_SOCKET,
  LSK_AT_IP,
  LSK_AT_IPV6,
  LSK_AT_TCP,
  LSK_AT_UDP,
  LSK_AT_SCTP,
  LSK_LEVELS
};

/* The numbers of the options of the own level. */
enum lsk_own {
  LSK_OWN_DEBUG,
  LSK_OWN_USE_REGISTRY,
  LSK_OWN_IOW,
  LSK_OWN_OWNER,
  LSK_OWN_RCVBUF,
  LSK_OWN_RCVCTRLBUF,
  LSK_OWN_SNDCTRLBUF,
  LSK_OWN_META,
  LSK_OWN_FD,
  LSK_OWN_SELECT_READ,
  LSK_OWN_DOMAIN
};

/* How Option:inspect shows the bytes. */
enum lsk_option_text {
  LSK_TEXT_QUOTED,
  LSK_TEXT_INT,
  LSK_TEXT_UNSIGNED,
  LSK_TEXT_ERRNO,
  LSK_TEXT_SOCKTYPE,
  LSK_TEXT_LINGER,
  LSK_TEXT_TIMEVAL,
  LSK_TEXT_UCRED,
  LSK_TEXT_IPV4_GROUP,
  LSK_TEXT_IPV4_INTERFACE,
  LSK_TEXT_IPV6_GROUP,
  LSK_TEXT_IPV6_INTERFACE,
  LSK_TEXT_TCP_INFO,
  LSK_TEXTS
};

/* What can be done with an option. */
enum { LSK_GET = 1, LSK_SET = 2 };

struct lsk_sockopt {
  const char *name;     /* "keepalive" */
  const char *constant; /* "SO_KEEPALIVE" */
  enum lsk_level level;
  int number;
  const struct lsk_layout *layout; /* NULL at the own level */
  unsigned char access;
  enum lsk_option_text text;
};

/* The rows, by number from 0; NULL past the last. */
const struct lsk_sockopt *lsk_get_sockopt(size_t index);

/* Whether the platform has the option. */
bool lsk_sockopt_is_here(const struct lsk_sockopt *option);

/* "socket"; and the number that setsockopt(2) takes, -1 for the own level. */
const char *lsk_level_name(enum lsk_level level);
int lsk_level_number(enum lsk_level level);

/* The level of that name ("socket", "SOL_SOCKET", "IPPROTO_TCP", in any case),
   or of that number: false for another. */
bool lsk_find_level(const char *name, size_t length, enum lsk_level *level);
bool lsk_find_level_number(int number, enum lsk_level *level);

/* The option of that name ("keepalive", "SO_KEEPALIVE", in any case), or the
   first one of that number that has a text; NULL for another. */
const struct lsk_sockopt *lsk_find_sockopt(enum lsk_level level,
                                           const char *name, size_t length);
const struct lsk_sockopt *lsk_find_sockopt_text(int level, int number);

#endif
