/*
** The text of a socket address, to the letter as Ruby writes it: also for
** addresses that are cut short or too long, which is when one reads it.
*/

#include "sockaddr_text.h"

#include "names.h"

#include <lauxlib.h>

/* Adds formatted text; the formats are those of lua_pushfstring. */
static void add(lua_State *L, luaL_Buffer *text, const char *format, int n) {
  lua_pushfstring(L, format, n);
  luaL_addvalue(text);
}

/* Adds ":2f:00" for bytes of any value; `separator` stands before the first. */
static void add_hex(luaL_Buffer *text, const char *bytes, size_t size,
                    char separator) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    luaL_addchar(text, i == 0 ? separator : ':');
    luaL_addchar(text, digits[byte >> 4]);
    luaL_addchar(text, digits[byte & 15]);
  }
}

/* Adds " (14 bytes for 20 bytes sockaddr_ll)". */
static void add_size(lua_State *L, luaL_Buffer *text, size_t size, size_t whole,
                     const char *type) {
  lua_pushfstring(L, " (%d bytes for %d bytes %s)", (int)size, (int)whole,
                  type);
  luaL_addvalue(text);
}

/* Bytes of the IPv4 address beyond the length are "?", and so is the port. */
static void add_in(lua_State *L, luaL_Buffer *text,
                   const struct lsk_sockaddr *addr) {
  const unsigned char *bytes = (const unsigned char *)addr->to.bytes;
  size_t host = offsetof(struct sockaddr_in, sin_addr);
  for (size_t i = host; i < host + sizeof(struct in_addr); i++) {
    if (i > host) luaL_addchar(text, '.');
    if (i < addr->length)
      add(L, text, "%d", bytes[i]);
    else
      luaL_addchar(text, '?');
  }
  size_t port = offsetof(struct sockaddr_in, sin_port);
  if (addr->length <= port + sizeof(in_port_t))
    luaL_addstring(text, ":?");
  else if (bytes[port] != 0 || bytes[port + 1] != 0)
    add(L, text, ":%d", bytes[port] << 8 | bytes[port + 1]);
  if (addr->length != sizeof(struct sockaddr_in))
    add_size(L, text, addr->length, sizeof(struct sockaddr_in), "sockaddr_in");
}

static void add_in6(lua_State *L, luaL_Buffer *text,
                    const struct lsk_sockaddr *addr) {
  char host[LSK_HOST_MAX];
  if (!lsk_sockaddr_host(addr, host)) {
    add(L, text, "too-short-AF_INET6-sockaddr %d bytes", (int)addr->length);
    return;
  }
  int port = lsk_sockaddr_port(addr);
  if (port != 0) {
    lua_pushfstring(L, "[%s]:%d", host, port);
    luaL_addvalue(text);
  } else {
    luaL_addstring(text, host);
  }
  int surplus = (int)addr->length - (int)sizeof(struct sockaddr_in6);
  if (surplus > 0) add(L, text, "(sockaddr %d bytes too long)", surplus);
}

/* Whether the path reads as it is: printable ASCII without a space. */
static bool is_graphic(const char *path, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (path[i] <= ' ' || path[i] > '~') return false;
  return true;
}

static void add_un(luaL_Buffer *text, const struct lsk_sockaddr *addr) {
  size_t length;
  const char *path = lsk_sockaddr_path(addr, &length);
  if (length == 0) {
    luaL_addstring(text, "empty-path-AF_UNIX-sockaddr");
  } else if (is_graphic(path, length)) {
    if (path[0] != '/') luaL_addstring(text, "UNIX ");
    luaL_addlstring(text, path, length);
  } else {
    luaL_addstring(text, "UNIX");
    add_hex(text, path, length, ':');
  }
}

static void add_interface(lua_State *L, luaL_Buffer *text, int ifindex) {
  char name[IF_NAMESIZE];
  if (lsk_sockaddr_ifname(ifindex, name))
    luaL_addstring(text, name);
  else
    add(L, text, "ifindex=%d", ifindex);
}

static void add_pkttype(lua_State *L, luaL_Buffer *text, int pkttype) {
  const char *name = lsk_sockaddr_pkttype(pkttype);
  if (name != NULL)
    luaL_addstring(text, name);
  else
    add(L, text, "pkttype=%d", pkttype);
}

static void add_number(lua_State *L, luaL_Buffer *text,
                       const struct lsk_packet *packet, int field) {
  luaL_addchar(text, field == 0 ? '[' : ' ');
  switch (field) {
  case 0:
    add(L, text, "protocol=%d", packet->protocol);
    break;
  case 1:
    add_interface(L, text, packet->ifindex);
    break;
  case 2:
    add(L, text, "hatype=%d", packet->hatype);
    break;
  case 3:
    add_pkttype(L, text, packet->pkttype);
    break;
  default:
    add(L, text, "halen=%d", packet->halen);
    break;
  }
}

/* The address's own length is told only where it is not that of the rest; one
   that is missing leaves its separator. */
static void add_packet(lua_State *L, luaL_Buffer *text,
                       const struct lsk_sockaddr *addr,
                       const struct lsk_packet *packet) {
  bool complete = packet->fields == LSK_PACKET_FIELDS;
  bool whole =
      complete && addr->length == LSK_PACKET_HEAD + (size_t)packet->halen;
  luaL_addstring(text, "PACKET");
  for (int field = 0; field < packet->fields; field++)
    if (field < LSK_PACKET_FIELDS - 1 || !whole)
      add_number(L, text, packet, field);
  if (!complete) luaL_addchar(text, packet->fields == 0 ? '[' : ' ');
  if (addr->length > LSK_PACKET_HEAD) {
    luaL_addstring(text, " hwaddr");
    add_hex(text, packet->bytes, packet->size, '=');
  }
  if (!whole) add_size(L, text, addr->length, LSK_PACKET_SIZE, "sockaddr_ll");
  luaL_addchar(text, ']');
}

static void add_unknown(lua_State *L, luaL_Buffer *text, int family) {
  const char *name = lsk_family_name(family);
  if (name != NULL)
    lua_pushfstring(L, "%s address format unknown", name);
  else
    lua_pushfstring(L, "unknown address family %d", family);
  luaL_addvalue(text);
}

static void add_any(lua_State *L, luaL_Buffer *text,
                    const struct lsk_sockaddr *addr) {
  struct lsk_packet packet;
  int family = lsk_sockaddr_family(addr);
  if (family == AF_UNSPEC)
    luaL_addstring(text, "UNSPEC");
  else if (family == AF_INET)
    add_in(L, text, addr);
  else if (family == AF_INET6)
    add_in6(L, text, addr);
  else if (family == AF_UNIX)
    add_un(text, addr);
  else if (lsk_sockaddr_packet(addr, &packet))
    add_packet(L, text, addr, &packet);
  else
    add_unknown(L, text, family);
}

void lsk_push_sockaddr_text(lua_State *L, const struct lsk_sockaddr *addr) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  if (addr->length == 0)
    luaL_addstring(&text, "empty-sockaddr");
  else if (!lsk_sockaddr_has_family(addr))
    luaL_addstring(&text, "too-short-sockaddr");
  else
    add_any(L, &text, addr);
  luaL_pushresult(&text);
}
