/*
** A socket address of any family, as bytes with a length. Nothing here reads
** past that length, whatever the bytes say.
*/

#ifndef LSK_SOCKADDR_H
#define LSK_SOCKADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>
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

/* Where the family of an address ends. */
#define LSK_FAMILY_END                                                         \
  (offsetof(struct sockaddr, sa_family) + sizeof(sa_family_t))

/* The most bytes a unix path takes; it needs no NUL at its end. */
#define LSK_PATH_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

/* Enough for the text of any IP address with its scope. */
#define LSK_HOST_MAX 96

/* Link-layer addresses. Every field is bounded by the address's length: those
   beyond it are absent. */
struct lsk_packet {
  int fields;        /* how many of the five numbers below are there */
  int protocol;      /* 1: in host order */
  int ifindex;       /* 2 */
  int hatype;        /* 3 */
  int pkttype;       /* 4 */
  int halen;         /* 5: what the address says; may exceed `size` */
  const void *bytes; /* the hardware address */
  size_t size;       /* bytes of it that are there */
};

/* How long a whole link-layer address is, and one with `halen` bytes. */
#define LSK_PACKET_SIZE 20
#define LSK_PACKET_HEAD 12

/* The most bytes a hardware address announces. */
#define LSK_HALEN_MAX 255

/* How many numbers a link-layer address has. */
#define LSK_PACKET_FIELDS 5

/* The family, or AF_UNSPEC where the bytes do not reach so far. */
int lsk_sockaddr_family(const struct lsk_sockaddr *addr);

/* Whether the bytes reach so far that there is a family. */
bool lsk_sockaddr_has_family(const struct lsk_sockaddr *addr);

/* Copies the bytes; false when they are too many. */
bool lsk_sockaddr_set(struct lsk_sockaddr *addr, const void *bytes,
                      size_t length);

/* Make a whole address; numbers are in host order, `host` is 4 or 16 bytes. */
void lsk_sockaddr_set_in(struct lsk_sockaddr *addr, const void *host,
                         uint16_t port);
void lsk_sockaddr_set_in6(struct lsk_sockaddr *addr, const void *host,
                          uint16_t port, uint32_t flowinfo, uint32_t scope_id);

/*
** The address of a path, which may hold any bytes; false when it is too long.
** An abstract name (a NUL first) and an empty one are exactly as long as they
** say, any other path is padded with NULs.
*/
bool lsk_sockaddr_set_un(struct lsk_sockaddr *addr, const char *path,
                         size_t length);

/*
** Reads a numeric host ("127.0.0.1", "::1", "fe80::1%eth0") of that family
** (AF_UNSPEC: either) without asking the resolver: false for anything else. The
** port is 0.
*/
bool lsk_sockaddr_parse(struct lsk_sockaddr *addr, int family,
                        const char *host);

/* Whether the family is that of link-layer addresses. */
bool lsk_sockaddr_is_packet(int family);

/* The address as that type; NULL where it is of another family or too short. */
const struct sockaddr_in *lsk_sockaddr_in(const struct lsk_sockaddr *addr);
const struct sockaddr_in6 *lsk_sockaddr_in6(const struct lsk_sockaddr *addr);

/* The port in host order; -1 where there is none. */
int lsk_sockaddr_port(const struct lsk_sockaddr *addr);

/* The port of a service ("http", "80") of either protocol; false for an unknown
   one. Reads the system's list of services. */
bool lsk_sockaddr_service(const char *service, uint16_t *port);

/* Writes the numeric host, with an IPv6 scope ("fe80::1%eth0"); false for what
   is no IP address. */
bool lsk_sockaddr_host(const struct lsk_sockaddr *addr,
                       char host[LSK_HOST_MAX]);

/* The path of a unix address without the NULs that pad it, or the bytes of an
   abstract name; NULL where the family is another. */
const char *lsk_sockaddr_path(const struct lsk_sockaddr *addr, size_t *length);

/* Takes a link-layer address apart; false where it is none. */
bool lsk_sockaddr_packet(const struct lsk_sockaddr *addr,
                         struct lsk_packet *packet);

/* "HOST" for a link-layer address's pkttype; NULL for one without a name. */
const char *lsk_sockaddr_pkttype(int pkttype);

/* The name of a network interface; false for an unknown index. */
bool lsk_sockaddr_ifname(int ifindex, char name[IF_NAMESIZE]);

#endif
