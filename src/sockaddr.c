/*
** A socket address of any family, as bytes with a length.
*/

#include "sockaddr.h"

#include <stddef.h>

int lsk_sockaddr_family(const struct lsk_sockaddr *addr) {
  size_t needed = offsetof(struct sockaddr, sa_family) + sizeof(sa_family_t);
  return addr->length < needed ? AF_UNSPEC : addr->to.any.sa_family;
}
