/*
** Addresses: made, taken apart, and never read beyond their length.
*/

#include "sockaddr.h"

#include "check.h"

#include <string.h>

#include <arpa/inet.h>

/* An address of the first bytes of another; what follows them is poison. */
static struct lsk_sockaddr cut(const struct lsk_sockaddr *addr, size_t length) {
  struct lsk_sockaddr result;
  memset(&result, 0xa5, sizeof result);
  CHECK(lsk_sockaddr_set(&result, addr->to.bytes, length));
  return result;
}

static void test_bytes(void) {
  struct lsk_sockaddr addr;
  static const char bytes[LSK_SOCKADDR_MAX + 1];
  CHECK(lsk_sockaddr_set(&addr, bytes, LSK_SOCKADDR_MAX));
  CHECK(addr.length == LSK_SOCKADDR_MAX);
  CHECK(!lsk_sockaddr_set(&addr, bytes, sizeof bytes));
  CHECK(lsk_sockaddr_set(&addr, NULL, 0));
  CHECK(addr.length == 0);
  CHECK(lsk_sockaddr_family(&addr) == AF_UNSPEC);
}

static void test_ip(const char *host, int family) {
  struct lsk_sockaddr addr;
  char text[LSK_HOST_MAX];
  CHECK(lsk_sockaddr_parse(&addr, AF_UNSPEC, host));
  CHECK(lsk_sockaddr_family(&addr) == family);
  CHECK(lsk_sockaddr_port(&addr) == 0);
  CHECK(lsk_sockaddr_host(&addr, text));
  CHECK(strcmp(text, host) == 0);
  CHECK((lsk_sockaddr_in(&addr) != NULL) == (family == AF_INET));
  CHECK((lsk_sockaddr_in6(&addr) != NULL) == (family == AF_INET6));
  for (size_t length = 0; length < addr.length; length++) {
    struct lsk_sockaddr part = cut(&addr, length);
    CHECK(lsk_sockaddr_in(&part) == NULL);
    CHECK(lsk_sockaddr_in6(&part) == NULL);
    CHECK(lsk_sockaddr_port(&part) == -1);
    CHECK(!lsk_sockaddr_host(&part, text));
    CHECK(lsk_sockaddr_has_family(&part) == (length >= LSK_FAMILY_END));
  }
}

static void test_parse(void) {
  struct lsk_sockaddr addr;
  test_ip("127.0.0.1", AF_INET);
  test_ip("255.255.255.255", AF_INET);
  test_ip("::", AF_INET6);
  test_ip("2001:db8::1", AF_INET6);
  CHECK(!lsk_sockaddr_parse(&addr, AF_UNSPEC, "localhost"));
  CHECK(!lsk_sockaddr_parse(&addr, AF_UNSPEC, "1.2.3.4.5"));
  CHECK(!lsk_sockaddr_parse(&addr, AF_INET, "::1"));
  CHECK(!lsk_sockaddr_parse(&addr, AF_INET6, "127.0.0.1"));
}

static void test_fields(void) {
  struct lsk_sockaddr addr;
  const struct in_addr host = {htonl(INADDR_LOOPBACK)};
  lsk_sockaddr_set_in(&addr, &host, 65535);
  CHECK(addr.length == sizeof(struct sockaddr_in));
  CHECK(lsk_sockaddr_port(&addr) == 65535);
  lsk_sockaddr_set_in6(&addr, &in6addr_loopback, 80, 0xfffff, 7);
  CHECK(addr.length == sizeof(struct sockaddr_in6));
  CHECK(lsk_sockaddr_port(&addr) == 80);
  CHECK(lsk_sockaddr_in6(&addr)->sin6_flowinfo == htonl(0xfffff));
  CHECK(lsk_sockaddr_in6(&addr)->sin6_scope_id == 7);
}

static void test_service(void) {
  uint16_t port = 0;
  CHECK(lsk_sockaddr_service("443", &port) && port == 443);
  CHECK(!lsk_sockaddr_service("no such service", &port));
}

/* Whether the path comes back as it was, in an address of that length. */
static void test_path(const char *path, size_t length, size_t address) {
  struct lsk_sockaddr addr;
  size_t actual = 0;
  CHECK(lsk_sockaddr_set_un(&addr, path, length));
  CHECK(addr.length == address);
  const char *back = lsk_sockaddr_path(&addr, &actual);
  CHECK(back != NULL && actual == length);
  CHECK(back != NULL && memcmp(back, path, length) == 0);
}

static void test_paths(void) {
  const size_t head = offsetof(struct sockaddr_un, sun_path);
  const size_t whole = sizeof(struct sockaddr_un);
  char path[LSK_PATH_MAX + 1];
  struct lsk_sockaddr addr;
  size_t length = 1;
  memset(path, 'x', sizeof path);
  test_path("", 0, head);
  test_path("/tmp/x", 6, whole);
  test_path("\0a\0b", 4, head + 4);
  test_path(path, LSK_PATH_MAX, whole);
  CHECK(!lsk_sockaddr_set_un(&addr, path, LSK_PATH_MAX + 1));
  CHECK(lsk_sockaddr_set_un(&addr, path, LSK_PATH_MAX));
  struct lsk_sockaddr part = cut(&addr, LSK_FAMILY_END);
  CHECK(lsk_sockaddr_path(&part, &length) != NULL && length == 0);
  part = cut(&addr, 1);
  CHECK(lsk_sockaddr_path(&part, &length) == NULL);
}

static void test_packet(void) {
  const sa_family_t family = 17; /* AF_PACKET, where there is one */
  const uint16_t hatype = 1;
  const int ifindex = 3;
  char bytes[LSK_PACKET_SIZE] = "ff\x08\x06iiiihh\4\6\1\2\3\4\5\6";
  memcpy(bytes, &family, sizeof family);
  memcpy(bytes + 4, &ifindex, sizeof ifindex);
  memcpy(bytes + 8, &hatype, sizeof hatype);
  struct lsk_packet back;
  struct lsk_sockaddr addr;
  (void)lsk_sockaddr_set(&addr, bytes, sizeof bytes);
  if (!lsk_sockaddr_packet(&addr, &back)) return; /* not on this system */
  CHECK(back.fields == LSK_PACKET_FIELDS);
  CHECK(back.protocol == 0x0806 && back.ifindex == 3 && back.hatype == 1);
  CHECK(back.pkttype == 4 && back.halen == 6 && back.size == 6);
  CHECK(memcmp(back.bytes, "\1\2\3\4\5\6", 6) == 0);
  for (size_t length = LSK_FAMILY_END; length < addr.length; length++) {
    struct lsk_sockaddr part = cut(&addr, length);
    CHECK(lsk_sockaddr_packet(&part, &back));
    CHECK(back.fields == (length >= 4) + (length >= 8) + (length >= 10) +
                             (length >= 11) + (length >= 12));
    CHECK(back.size <= length);
    CHECK((const char *)back.bytes + back.size <= part.to.bytes + length);
  }
}

int main(void) {
  test_bytes();
  test_parse();
  test_fields();
  test_service();
  test_paths();
  test_packet();
  return check_result();
}
