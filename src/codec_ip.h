/*
** Values of control messages of the internet's families.
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

#endif
