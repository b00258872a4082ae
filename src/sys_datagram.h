/*
** Datagrams: many with one system call, each with the address that it was sent
** to, and replies that leave from there. Nothing here raises: a count, or
** -errno. EINTR is given back.
*/

#ifndef LSK_SYS_DATAGRAM_H
#define LSK_SYS_DATAGRAM_H

#include "sockaddr.h"

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

/* Room for the control message that tells where a datagram was sent to. */
#define LSK_DATAGRAM_CONTROL 64

struct lsk_datagram {
  char *bytes;
  size_t size;   /* room for them */
  size_t length; /* how many there are */
  struct sockaddr_storage from;
  socklen_t from_length;
  _Alignas(8) char control[LSK_DATAGRAM_CONTROL];
  size_t control_length;
};

/* The most that one call takes. */
#define LSK_DATAGRAMS 32

/*
** Receives at least one datagram, and then as many of `count` as are there:
** how many | -errno. Without MSG_DONTWAIT it sleeps for the first.
*/
int lsk_sys_recv_datagrams(int fd, struct lsk_datagram *list, size_t count,
                           int flags);

/* The address that the datagram was sent to, without a port; for an IPv4 group
   it is the interface's. False where the socket does not tell (IP_PKTINFO,
   IPV6_RECVPKTINFO). */
bool lsk_datagram_local(const struct lsk_datagram *datagram,
                        struct lsk_sockaddr *local);

/* Makes a datagram leave from that local address. */
void lsk_datagram_set_local(struct lsk_datagram *datagram,
                            const struct lsk_sockaddr *local);

/* Whether the system takes several datagrams in one piece, and cuts them apart
   last. */
bool lsk_sys_can_join_datagrams(int fd);

/*
** Sends datagrams, whose `from` is where they go: how many of them were taken,
** which may be fewer than `count` | -errno, about the first one. Neighbours
** with the same ends and lengths go in one piece if it `joins` them, which
** becomes false when that is refused.
*/
int lsk_sys_send_datagrams(int fd, const struct lsk_datagram *list,
                           size_t count, bool *joins, int flags);

/* Sends to an address from that local one: how many bytes | -errno. */
ssize_t lsk_sys_send_from(int fd, const void *data, size_t size, int flags,
                          const struct lsk_sockaddr *to,
                          const struct lsk_sockaddr *from);

#endif
