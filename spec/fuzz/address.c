/*
** Reading the fields of addresses, their texts and tables: the input is the
** address, in memory that ends where it ends, so that a byte read beyond is
** seen.
*/

#include "target.h"

#include "addr.h"
#include "sockaddr.h"
#include "sockaddr_text.h"

#include <string.h>

#include <lauxlib.h>

static lua_State *L;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  L = luaL_newstate();
  MUST(L != NULL);
  return 0;
}

static void check_packet(const struct lsk_sockaddr *addr, const char *end) {
  struct lsk_packet packet;
  if (!lsk_sockaddr_packet(addr, &packet)) return;
  MUST(packet.fields <= LSK_PACKET_FIELDS);
  MUST(packet.size == 0 || (const char *)packet.bytes + packet.size <= end);
  MUST(packet.halen <= LSK_HALEN_MAX);
}

static void check_path(const struct lsk_sockaddr *addr, const char *end) {
  size_t length;
  const char *path = lsk_sockaddr_path(addr, &length);
  if (path == NULL) return;
  MUST(path + length <= end);
  struct lsk_sockaddr again;
  if (!lsk_sockaddr_set_un(&again, path, length)) return;
  size_t length_again;
  const char *path_again = lsk_sockaddr_path(&again, &length_again);
  MUST(path_again != NULL && length_again == length);
  MUST(memcmp(path, path_again, length) == 0);
}

static void check_ip(const struct lsk_sockaddr *addr) {
  char host[LSK_HOST_MAX];
  int port = lsk_sockaddr_port(addr);
  MUST(port >= -1 && port <= 65535);
  if (!lsk_sockaddr_host(addr, host)) return;
  MUST(memchr(host, 0, sizeof host) != NULL);
  struct lsk_sockaddr again;
  if (strchr(host, '%') != NULL) return; /* a scope may be that of nothing */
  MUST(lsk_sockaddr_parse(&again, lsk_sockaddr_family(addr), host));
}

/* Each field of one table is in the other. */
static bool has_fields(int table, int other) {
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 2)) {
    lua_pushvalue(L, -2);
    lua_rawget(L, other);
    if (!lua_rawequal(L, -1, -2)) return false;
  }
  return true;
}

/* What an address reads as can be written, and reads the same again. */
static int check_table(lua_State *own) {
  struct lsk_sockaddr again;
  lsk_push_sockaddr_table(own, lua_touserdata(own, 1));
  lsk_check_sockaddr(own, 2, &again);
  lsk_push_sockaddr_table(own, &again);
  MUST(has_fields(2, 3) && has_fields(3, 2));
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > LSK_SOCKADDR_MAX) return 0;
  size_t whole = offsetof(struct lsk_sockaddr, to) + size;
  struct lsk_sockaddr *addr = malloc(whole);
  MUST(addr != NULL);
  addr->length = (socklen_t)size;
  memcpy(addr->to.bytes, data, size);
  const char *end = (const char *)addr + whole;
  (void)lsk_sockaddr_family(addr);
  MUST(lsk_sockaddr_has_family(addr) == (size >= LSK_FAMILY_END));
  MUST(lsk_sockaddr_in(addr) == NULL || size >= sizeof(struct sockaddr_in));
  MUST(lsk_sockaddr_in6(addr) == NULL || size >= sizeof(struct sockaddr_in6));
  check_ip(addr);
  check_path(addr, end);
  check_packet(addr, end);
  lsk_push_sockaddr_text(L, addr);
  lua_pushcfunction(L, check_table);
  lua_pushlightuserdata(L, addr);
  MUST(lua_pcall(L, 1, 0, 0) == LUA_OK);
  lua_settop(L, 0);
  free(addr);
  return 0;
}
