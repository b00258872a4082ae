/*
** Errors that wait in a socket's queue of errors (IP_RECVERR, IPV6_RECVERR), as
** a control message has them.
*/

#ifndef LSK_ERRQUEUE_H
#define LSK_ERRQUEUE_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lsk_queued_error {
  int err;    /* errno */
  int origin; /* who noticed */
  int type;   /* of an ICMP message, with its code */
  int code;
  uint32_t info; /* the MTU where a datagram was too long */
  uint32_t data;
  struct lsk_sockaddr offender; /* who complained; its length may be 0 */
};

/* Reads one; false where the bytes are none. */
bool lsk_queued_error(struct lsk_queued_error *error, const char *bytes,
                      size_t length);

/* The names of the numbers: "icmp"; "dest_unreach", which depends on the
   origin; "port_unreach", which depends on the type, too. NULL without one. */
const char *lsk_queued_error_origin(const struct lsk_queued_error *error);
const char *lsk_queued_error_type(const struct lsk_queued_error *error);
const char *lsk_queued_error_code(const struct lsk_queued_error *error);

#endif
