/*
** A socket address of any family, as bytes with a length.
*/

#ifndef LSK_SOCKADDR_H
#define LSK_SOCKADDR_H

#include <stddef.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Longer than any address a kernel knows: packed strings of any content are
   kept as they are, as Ruby keeps them. */
#define LSK_SOCKADDR_MAX 2048

struct lsk_sockaddr {
  socklen_t length; /* how many bytes of the union hold the address */
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
    char bytes[LSK_SOCKADDR_MAX];
  } to;
};

/* The family, or AF_UNSPEC where the bytes do not reach so far. */
int lsk_sockaddr_family(const struct lsk_sockaddr *addr);

#endif
