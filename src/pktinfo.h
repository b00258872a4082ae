/*
** Where an IPv4 datagram arrived, or is to leave: the control message
*IP_PKTINFO
** on systems that have it.
*/

#ifndef LSK_PKTINFO_H
#define LSK_PKTINFO_H

#include <stdbool.h>
#include <stddef.h>

#include <netinet/in.h>

struct lsk_pktinfo {
  unsigned ifindex;
  struct in_addr local;       /* of the interface; sending: the source */
  struct in_addr destination; /* as the datagram's head has it */
};

/* Room for the bytes of one. */
#define LSK_PKTINFO_MAX 32

/* The message's type at level IPPROTO_IP; -1 where there is none. */
int lsk_pktinfo_type(void);

/* Reads one; false where the bytes are none. */
bool lsk_pktinfo_get(struct lsk_pktinfo *info, const char *bytes,
                     size_t length);

/* Writes one: how many bytes; 0 where there is none. */
size_t lsk_pktinfo_put(const struct lsk_pktinfo *info,
                       char bytes[LSK_PKTINFO_MAX]);

#endif
