/*
** Where an IPv4 datagram arrived, or is to leave.
*/

#include "pktinfo.h"

#include "compat.h"

#include <string.h>

#if LSK_HAVE_IP_PKTINFO

int lsk_pktinfo_type(void) {
  return IP_PKTINFO;
}

bool lsk_pktinfo_get(struct lsk_pktinfo *info, const char *bytes,
                     size_t length) {
  struct in_pktinfo raw;
  if (length != sizeof raw) return false;
  memcpy(&raw, bytes, sizeof raw);
  *info = (struct lsk_pktinfo){.ifindex = (unsigned)raw.ipi_ifindex,
                               .local = raw.ipi_spec_dst,
                               .destination = raw.ipi_addr};
  return true;
}

size_t lsk_pktinfo_put(const struct lsk_pktinfo *info,
                       char bytes[LSK_PKTINFO_MAX]) {
  struct in_pktinfo raw = {.ipi_ifindex = (int)info->ifindex,
                           .ipi_spec_dst = info->local,
                           .ipi_addr = info->destination};
  memcpy(bytes, &raw, sizeof raw);
  return sizeof raw;
}

#else

int lsk_pktinfo_type(void) {
  return -1;
}

bool lsk_pktinfo_get(struct lsk_pktinfo *info, const char *bytes,
                     size_t length) {
  (void)info;
  (void)bytes;
  (void)length;
  return false;
}

size_t lsk_pktinfo_put(const struct lsk_pktinfo *info,
                       char bytes[LSK_PKTINFO_MAX]) {
  (void)info;
  (void)bytes;
  return 0;
}

#endif
