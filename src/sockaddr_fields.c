/*
** What the addresses of each family consist of.
*/

#include "sockaddr_fields.h"

#include "compat.h"

#include <string.h>

#if LSK_HAVE_PACKET
#include <linux/if_packet.h>
#endif
#if LSK_HAVE_NETLINK
#include <linux/netlink.h>
#endif
#if LSK_HAVE_VSOCK
#include <linux/vm_sockets.h>
#endif

/* A field that is a member of a struct. */
#define FIELD(field, field_kind, type, member)                                 \
  .name = (field), .kind = LSK_ADDR_##field_kind,                              \
  .at = {offsetof(struct type, member), sizeof(((struct type *)0)->member)}

static const struct lsk_addr_field in_fields[] = {
    {FIELD("addr", HOST, sockaddr_in, sin_addr)},
    {FIELD("port", PORT, sockaddr_in, sin_port), .is_net = true},
    {.name = NULL},
};

/* The scope stands behind the host, whose text may name one. */
static const struct lsk_addr_field in6_fields[] = {
    {FIELD("addr", HOST, sockaddr_in6, sin6_addr)},
    {FIELD("port", PORT, sockaddr_in6, sin6_port), .is_net = true},
    {FIELD("flowinfo", NUMBER, sockaddr_in6, sin6_flowinfo), .is_net = true},
    {FIELD("scope_id", NUMBER, sockaddr_in6, sin6_scope_id)},
    {.name = NULL},
};

static const struct lsk_addr_field un_fields[] = {
    {FIELD("path", PATH, sockaddr_un, sun_path)},
    {.name = NULL},
};

/* Those of a family without a row of its own. */
static const struct lsk_addr_field bytes_fields[] = {
    {.name = "addr", .kind = LSK_ADDR_BYTES, .at = {LSK_FAMILY_END, 0}},
    {.name = NULL},
};

#if LSK_HAVE_PACKET

/* PACKET_USER and PACKET_FASTROUTE are one number. */
static const struct lsk_addr_word pkttypes[] = {
    {"host", PACKET_HOST},           {"broadcast", PACKET_BROADCAST},
    {"multicast", PACKET_MULTICAST}, {"otherhost", PACKET_OTHERHOST},
    {"outgoing", PACKET_OUTGOING},   {"loopback", PACKET_LOOPBACK},
    {"user", PACKET_USER},           {"kernel", PACKET_KERNEL},
    {"fastroute", PACKET_FASTROUTE}, {NULL, 0},
};

static const struct lsk_addr_field packet_fields[] = {
    {FIELD("protocol", NUMBER, sockaddr_ll, sll_protocol), .is_net = true},
    {FIELD("ifindex", NUMBER, sockaddr_ll, sll_ifindex), .most = INT32_MAX},
    {FIELD("hatype", NUMBER, sockaddr_ll, sll_hatype)},
    {FIELD("pkttype", NUMBER, sockaddr_ll, sll_pkttype), .words = pkttypes},
    {FIELD("addr", HARDWARE, sockaddr_ll, sll_addr)},
    {.name = NULL},
};

#endif

#if LSK_HAVE_NETLINK

static const struct lsk_addr_field netlink_fields[] = {
    {FIELD("pid", NUMBER, sockaddr_nl, nl_pid)},
    {FIELD("groups", NUMBER, sockaddr_nl, nl_groups)},
    {.name = NULL},
};

#endif

#if LSK_HAVE_VSOCK

static const struct lsk_addr_word cids[] = {
    {"any", VMADDR_CID_ANY},
    {"hypervisor", VMADDR_CID_HYPERVISOR},
    {"local", 1}, /* not in older headers */
    {"host", VMADDR_CID_HOST},
    {NULL, 0},
};

/* Other than elsewhere, 0 is a port and a machine like any other. The flags
   stand in the byte behind the machine; older headers do not name it. */
static const struct lsk_addr_field vsock_fields[] = {
    {FIELD("cid", NUMBER, sockaddr_vm, svm_cid), .words = cids,
     .fallback = VMADDR_CID_ANY},
    {FIELD("port", NUMBER, sockaddr_vm, svm_port), .fallback = VMADDR_PORT_ANY},
    {.name = "flags",
     .kind = LSK_ADDR_NUMBER,
     .at = {offsetof(struct sockaddr_vm, svm_cid) + sizeof(uint32_t), 1}},
    {.name = NULL},
};

#endif

static const struct {
  int family;
  struct lsk_addr_family is;
} families[] = {
    {AF_INET,
     {"inet", sizeof(struct sockaddr_in), sizeof(struct sockaddr_in),
      in_fields}},
    {AF_INET6,
     {"inet6", sizeof(struct sockaddr_in6), sizeof(struct sockaddr_in6),
      in6_fields}},
    {AF_UNIX, {"local", LSK_FAMILY_END, LSK_FAMILY_END, un_fields}},
#if LSK_HAVE_PACKET
    {AF_PACKET, {"packet", LSK_PACKET_HEAD, LSK_PACKET_SIZE, packet_fields}},
#endif
#if LSK_HAVE_NETLINK
    {AF_NETLINK,
     {"netlink", sizeof(struct sockaddr_nl), sizeof(struct sockaddr_nl),
      netlink_fields}},
#endif
#if LSK_HAVE_VSOCK
    {AF_VSOCK,
     {"vsock", sizeof(struct sockaddr_vm), sizeof(struct sockaddr_vm),
      vsock_fields}},
#endif
};

const struct lsk_addr_family *lsk_addr_family(int family) {
  static const struct lsk_addr_family other = {NULL, 0, LSK_FAMILY_END,
                                               bytes_fields};
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
    if (families[i].family == family) return &families[i].is;
  return &other;
}

uint32_t lsk_addr_most(const struct lsk_addr_field *field) {
  if (field->most != 0) return field->most;
  return UINT32_MAX >> (32 - 8 * field->at.size);
}

uint32_t lsk_addr_number(const struct lsk_sockaddr *addr,
                         const struct lsk_addr_field *field) {
  const char *bytes = addr->to.bytes + field->at.offset;
  uint32_t word = 0;
  uint16_t half = 0;
  if (field->at.size == 1) return (unsigned char)bytes[0];
  if (field->at.size == sizeof half) {
    memcpy(&half, bytes, sizeof half);
    return field->is_net ? ntohs(half) : half;
  }
  memcpy(&word, bytes, sizeof word);
  return field->is_net ? ntohl(word) : word;
}

void lsk_addr_set_number(struct lsk_sockaddr *addr,
                         const struct lsk_addr_field *field, uint32_t number) {
  char *bytes = addr->to.bytes + field->at.offset;
  uint32_t word = field->is_net ? htonl(number) : number;
  uint16_t half = field->is_net ? htons((uint16_t)number) : (uint16_t)number;
  if (field->at.size == 1)
    bytes[0] = (char)number;
  else if (field->at.size == sizeof half)
    memcpy(bytes, &half, sizeof half);
  else
    memcpy(bytes, &word, sizeof word);
}

const char *lsk_addr_tail(const struct lsk_sockaddr *addr, size_t offset,
                          size_t *length) {
  *length = addr->length > offset ? addr->length - offset : 0;
  return addr->to.bytes + offset;
}

bool lsk_addr_set_tail(struct lsk_sockaddr *addr, size_t offset,
                       const void *bytes, size_t length) {
  if (length > sizeof addr->to - offset) return false;
  if (length > 0) memcpy(addr->to.bytes + offset, bytes, length);
  if (addr->length < offset + length)
    addr->length = (socklen_t)(offset + length);
  return true;
}
