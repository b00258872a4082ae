/*
** The control messages whose values are known: each with its name and codec.
*/

#ifndef LSK_CMSG_TYPES_H
#define LSK_CMSG_TYPES_H

#include "codec.h"

#include <stddef.h>

struct lsk_cmsg_type {
  int level;
  int type;
  const char *name; /* "pktinfo" */
  const struct lsk_codec *codec;
};

/* The row of a message's numbers, or of a name in any case; NULL without one.
 */
const struct lsk_cmsg_type *lsk_cmsg_type(int level, int type);
const struct lsk_cmsg_type *lsk_cmsg_type_named(int level, const char *name,
                                                size_t length);

#endif
