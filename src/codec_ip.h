/*
** Values of options and of control messages of the internet's families.
*/

#ifndef LSK_CODEC_IP_H
#define LSK_CODEC_IP_H

#include "codec.h"

/* {addr=, ifindex=, spec_dst=}: the datagram's destination, the interface, its
   address; of IPv6 the first two. */
extern const struct lsk_codec lsk_codec_pktinfo, lsk_codec_pktinfo6;

/* An address: {family="inet", addr=, port=}. */
extern const struct lsk_codec lsk_codec_sockaddr;

/* {error=, origin=, type=, code=, info=, data=, offender=}; only to read. */
extern const struct lsk_codec lsk_codec_queued_error;

/* A field that is a numeric host of the family, or "any" and its like, in
   `host`: 4 or 16 bytes. Zeros where it is left out. */
void lsk_opt_host_field(lua_State *L, int index, int arg, const char *name,
                        int family, void *host);

/* Sets a field of the table on top to the text of a host. */
void lsk_set_host(lua_State *L, const char *field, int family,
                  const void *host);

#endif
