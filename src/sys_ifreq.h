/*
** What ioctl(2) tells of network interfaces, and sets. Nothing here raises: 0
** or -errno, which is -EOPNOTSUPP where the platform has no such request.
*/

#ifndef LSK_SYS_IFREQ_H
#define LSK_SYS_IFREQ_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stddef.h>

#include <net/if.h>

/* What a request is about. */
enum lsk_ifreq_field {
  LSK_IFREQ_NAME, /* of an index */
  LSK_IFREQ_INDEX,
  LSK_IFREQ_ADDR,
  LSK_IFREQ_DSTADDR,
  LSK_IFREQ_BRDADDR,
  LSK_IFREQ_NETMASK,
  LSK_IFREQ_HWADDR, /* a link-layer address */
  LSK_IFREQ_MTU,
  LSK_IFREQ_TXQLEN,
  LSK_IFREQ_FLAGS,
  LSK_IFREQ_MAP,
  LSK_IFREQ_FIELDS
};

struct lsk_ifreq {
  char name[IF_NAMESIZE];
  struct lsk_sockaddr addr;
  int number; /* index, MTU, length of the queue, flags */
  struct {
    unsigned long mem_start, mem_end;
    unsigned base_addr, irq, dma, port;
  } map;
};

/* Whether there are such requests at all. */
bool lsk_sys_has_ifreq(void);

/* Asks for that of the interface with that name (for its name: that index). */
int lsk_sys_ifreq_get(int fd, enum lsk_ifreq_field field,
                      struct lsk_ifreq *request);

/* Sets that of the interface with that name. */
int lsk_sys_ifreq_set(int fd, enum lsk_ifreq_field field,
                      const struct lsk_ifreq *request);

/*
** Lists the interfaces that have an IPv4 address, into a buffer of that many
** bytes: how many bytes they take | -errno. Without a buffer it tells how many
** they would.
*/
int lsk_sys_ifconf(int fd, void *buffer, size_t size);

/* The name and the address of the interface at that place of such a list; false
   behind the last. */
bool lsk_ifconf_at(const void *buffer, size_t size, size_t place,
                   struct lsk_ifreq *request);

#endif
