/*
** What ioctl(2) tells of network interfaces, and sets.
*/

#include "sys_ifreq.h"

#include "compat.h"

#include <errno.h>

#if LSK_HAVE_IFREQ

#include <limits.h>
#include <string.h>

#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

static const struct {
  unsigned long get, set; /* 0: there is none */
} numbers[LSK_IFREQ_FIELDS] = {
    [LSK_IFREQ_NAME] = {SIOCGIFNAME, 0},
    [LSK_IFREQ_INDEX] = {SIOCGIFINDEX, 0},
    [LSK_IFREQ_ADDR] = {SIOCGIFADDR, SIOCSIFADDR},
    [LSK_IFREQ_DSTADDR] = {SIOCGIFDSTADDR, SIOCSIFDSTADDR},
    [LSK_IFREQ_BRDADDR] = {SIOCGIFBRDADDR, SIOCSIFBRDADDR},
    [LSK_IFREQ_NETMASK] = {SIOCGIFNETMASK, SIOCSIFNETMASK},
    [LSK_IFREQ_HWADDR] = {SIOCGIFHWADDR, SIOCSIFHWADDR},
    [LSK_IFREQ_MTU] = {SIOCGIFMTU, SIOCSIFMTU},
    [LSK_IFREQ_TXQLEN] = {SIOCGIFTXQLEN, SIOCSIFTXQLEN},
    [LSK_IFREQ_FLAGS] = {SIOCGIFFLAGS, SIOCSIFFLAGS},
    [LSK_IFREQ_MAP] = {SIOCGIFMAP, 0},
};

/* How many bytes a hardware address of that type has; the request does not
   tell. */
static size_t hardware_size(int hatype) {
  bool is_known = hatype == ARPHRD_ETHER || hatype == ARPHRD_LOOPBACK;
  return is_known ? 6 : sizeof((struct sockaddr *)0)->sa_data;
}

static void load_hardware(struct lsk_sockaddr *addr,
                          const struct sockaddr *raw) {
  size_t size = hardware_size(raw->sa_family);
  const struct sockaddr_ll head = {.sll_family = AF_PACKET,
                                   .sll_hatype = raw->sa_family,
                                   .sll_halen = (unsigned char)size};
  (void)lsk_sockaddr_set(addr, &head, sizeof head);
  memcpy(addr->to.bytes + LSK_PACKET_HEAD, raw->sa_data, size);
  if (LSK_PACKET_HEAD + size > addr->length)
    addr->length = (socklen_t)(LSK_PACKET_HEAD + size);
}

static int store_hardware(struct sockaddr *raw,
                          const struct lsk_sockaddr *addr) {
  struct lsk_packet packet;
  if (!lsk_sockaddr_packet(addr, &packet)) return -EAFNOSUPPORT;
  if (packet.size > sizeof raw->sa_data) return -EINVAL;
  raw->sa_family = (sa_family_t)packet.hatype;
  memcpy(raw->sa_data, packet.bytes, packet.size);
  return 0;
}

static void load_address(struct lsk_sockaddr *addr,
                         const struct sockaddr *raw) {
  (void)lsk_sockaddr_set(addr, raw, sizeof *raw);
}

static int store_address(struct sockaddr *raw,
                         const struct lsk_sockaddr *addr) {
  if (lsk_sockaddr_in(addr) == NULL) return -EAFNOSUPPORT;
  memcpy(raw, &addr->to.in, sizeof addr->to.in);
  return 0;
}

static void load_map(struct lsk_ifreq *request, const struct ifmap *map) {
  request->map.mem_start = map->mem_start;
  request->map.mem_end = map->mem_end;
  request->map.base_addr = map->base_addr;
  request->map.irq = map->irq;
  request->map.dma = map->dma;
  request->map.port = map->port;
}

static void load(struct lsk_ifreq *request, enum lsk_ifreq_field field,
                 const struct ifreq *raw) {
  switch (field) {
  case LSK_IFREQ_NAME:
    memcpy(request->name, raw->ifr_name, sizeof request->name);
    request->name[sizeof request->name - 1] = '\0';
    break;
  case LSK_IFREQ_INDEX:
    request->number = raw->ifr_ifindex;
    break;
  case LSK_IFREQ_MTU:
    request->number = raw->ifr_mtu;
    break;
  case LSK_IFREQ_TXQLEN:
    request->number = raw->ifr_qlen;
    break;
  case LSK_IFREQ_FLAGS:
    request->number = (unsigned short)raw->ifr_flags;
    break;
  case LSK_IFREQ_HWADDR:
    load_hardware(&request->addr, &raw->ifr_hwaddr);
    break;
  case LSK_IFREQ_MAP:
    load_map(request, &raw->ifr_map);
    break;
  default:
    load_address(&request->addr, &raw->ifr_addr);
    break;
  }
}

static int store(struct ifreq *raw, enum lsk_ifreq_field field,
                 const struct lsk_ifreq *request) {
  switch (field) {
  case LSK_IFREQ_MTU:
    raw->ifr_mtu = request->number;
    return 0;
  case LSK_IFREQ_TXQLEN:
    raw->ifr_qlen = request->number;
    return 0;
  case LSK_IFREQ_FLAGS:
    raw->ifr_flags = (short)request->number;
    return 0;
  case LSK_IFREQ_HWADDR:
    return store_hardware(&raw->ifr_hwaddr, &request->addr);
  default:
    return store_address(&raw->ifr_addr, &request->addr);
  }
}

static int call(int fd, unsigned long number, void *argument) {
  if (number == 0) return -EOPNOTSUPP;
  return ioctl(fd, number, argument) < 0 ? -errno : 0;
}

static struct ifreq begin(const struct lsk_ifreq *request) {
  struct ifreq raw = {0};
  memcpy(raw.ifr_name, request->name, sizeof request->name);
  return raw;
}

bool lsk_sys_has_ifreq(void) {
  return true;
}

int lsk_sys_ifreq_get(int fd, enum lsk_ifreq_field field,
                      struct lsk_ifreq *request) {
  struct ifreq raw = begin(request);
  if (field == LSK_IFREQ_NAME) raw.ifr_ifindex = request->number;
  int rc = call(fd, numbers[field].get, &raw);
  if (rc == 0) load(request, field, &raw);
  return rc;
}

int lsk_sys_ifreq_set(int fd, enum lsk_ifreq_field field,
                      const struct lsk_ifreq *request) {
  struct ifreq raw = begin(request);
  int rc = store(&raw, field, request);
  return rc < 0 ? rc : call(fd, numbers[field].set, &raw);
}

int lsk_sys_ifconf(int fd, void *buffer, size_t size) {
  struct ifconf conf = {.ifc_len = size < INT_MAX ? (int)size : INT_MAX};
  conf.ifc_buf = buffer;
  int rc = call(fd, SIOCGIFCONF, &conf);
  return rc < 0 ? rc : conf.ifc_len;
}

bool lsk_ifconf_at(const void *buffer, size_t size, size_t place,
                   struct lsk_ifreq *request) {
  struct ifreq raw;
  if (size / sizeof raw <= place) return false;
  memcpy(&raw, (const char *)buffer + place * sizeof raw, sizeof raw);
  load(request, LSK_IFREQ_NAME, &raw);
  load(request, LSK_IFREQ_ADDR, &raw);
  return true;
}

#else

bool lsk_sys_has_ifreq(void) {
  return false;
}

int lsk_sys_ifreq_get(int fd, enum lsk_ifreq_field field,
                      struct lsk_ifreq *request) {
  (void)fd;
  (void)field;
  (void)request;
  return -EOPNOTSUPP;
}

int lsk_sys_ifreq_set(int fd, enum lsk_ifreq_field field,
                      const struct lsk_ifreq *request) {
  (void)fd;
  (void)field;
  (void)request;
  return -EOPNOTSUPP;
}

int lsk_sys_ifconf(int fd, void *buffer, size_t size) {
  (void)fd;
  (void)buffer;
  (void)size;
  return -EOPNOTSUPP;
}

bool lsk_ifconf_at(const void *buffer, size_t size, size_t place,
                   struct lsk_ifreq *request) {
  (void)buffer;
  (void)size;
  (void)place;
  (void)request;
  return false;
}

#endif
