/*
** The requests of ioctl(2) by their names.
*/

#include "requests.h"

#include "addr.h"
#include "consts.h"
#include "error.h"
#include "field.h"
#include "sys.h"
#include "sys_ifreq.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <sys/ioctl.h>

#include <lauxlib.h>

/* What a request gives or takes. */
enum kind {
  ABSENT, /* another platform's */
  COUNT,  /* an integer of the socket */
  FACT,   /* a truth about it */
  LIST,   /* the interfaces with their addresses */
  GET,    /* something of an interface */
  SET
};

struct request {
  const char *name;
  unsigned long number; /* COUNT, FACT */
  enum kind kind;
  enum lsk_ifreq_field field; /* GET, SET */
};

static const struct request requests[] = {
    {"gifconf", 0, LIST, 0},
    {"gifname", 0, GET, LSK_IFREQ_NAME},
    {"gifindex", 0, GET, LSK_IFREQ_INDEX},
    {"gifaddr", 0, GET, LSK_IFREQ_ADDR},
    {"gifdstaddr", 0, GET, LSK_IFREQ_DSTADDR},
    {"gifbrdaddr", 0, GET, LSK_IFREQ_BRDADDR},
    {"gifnetmask", 0, GET, LSK_IFREQ_NETMASK},
    {"gifhwaddr", 0, GET, LSK_IFREQ_HWADDR},
    {"gifmtu", 0, GET, LSK_IFREQ_MTU},
    {"giftxqlen", 0, GET, LSK_IFREQ_TXQLEN},
    {"gifflags", 0, GET, LSK_IFREQ_FLAGS},
    {"gifmap", 0, GET, LSK_IFREQ_MAP},
    {"sifaddr", 0, SET, LSK_IFREQ_ADDR},
    {"sifdstaddr", 0, SET, LSK_IFREQ_DSTADDR},
    {"sifbrdaddr", 0, SET, LSK_IFREQ_BRDADDR},
    {"sifnetmask", 0, SET, LSK_IFREQ_NETMASK},
    {"sifhwaddr", 0, SET, LSK_IFREQ_HWADDR},
    {"sifmtu", 0, SET, LSK_IFREQ_MTU},
    {"siftxqlen", 0, SET, LSK_IFREQ_TXQLEN},
    {"sifflags", 0, SET, LSK_IFREQ_FLAGS},
#ifdef FIONREAD
    {"nread", FIONREAD, COUNT, 0},
#endif
#ifdef TIOCOUTQ
    {"nwrite", TIOCOUTQ, COUNT, 0},
#endif
#ifdef SIOCATMARK
    {"atmark", SIOCATMARK, FACT, 0},
#endif
    {"nspace", 0, ABSENT, 0},
    {"genaddr", 0, ABSENT, 0},
    {"tcp_info", 0, ABSENT, 0},
    {"rcvall", 0, ABSENT, 0},
    {"rcvall_igmpmcast", 0, ABSENT, 0},
    {"rcvall_mcast", 0, ABSENT, 0},
};

#define REQUESTS (sizeof requests / sizeof requests[0])

/* The flags that a request has room for. */
static const char *const flag_names[] = {
    "up",         "broadcast", "debug",     "loopback", "pointopoint",
    "notrailers", "running",   "noarp",     "promisc",  "allmulti",
    "master",     "slave",     "multicast", "portsel",  "automedia",
    "dynamic",    NULL,
};

static int fail(lua_State *L, int rc) {
  return lsk_fail(L, "ioctl(2)", -rc);
}

/* The flag of that name; 0 where the platform has none. */
static int flag_of(const char *name) {
  lua_Integer flag;
  if (!lsk_const_value("IFF_", name, strlen(name), &flag)) return 0;
  return flag <= USHRT_MAX ? (int)flag : 0;
}

static const struct request *check_request(lua_State *L, int arg) {
  size_t length;
  const char *name = luaL_checklstring(L, arg, &length);
  for (size_t i = 0; i < REQUESTS; i++)
    if (lsk_same_name(name, length, requests[i].name)) return &requests[i];
  luaL_argerror(L, arg, lua_pushfstring(L, "unknown request: %s", name));
  return NULL;
}

/* The interface's name, or, for the request that asks for it, its index. */
static void check_interface(lua_State *L, int arg, enum lsk_ifreq_field field,
                            struct lsk_ifreq *ifreq) {
  size_t length;
  memset(ifreq->name, 0, sizeof ifreq->name);
  if (field == LSK_IFREQ_NAME) {
    ifreq->number = (int)lsk_integer_at(L, arg, arg, "index", 0, INT_MAX);
    return;
  }
  if (lua_type(L, arg) != LUA_TSTRING)
    luaL_typeerror(L, arg, "interface's name");
  const char *name = lua_tolstring(L, arg, &length);
  if (length >= sizeof ifreq->name || strlen(name) != length)
    luaL_argerror(L, arg, "no name of an interface");
  memcpy(ifreq->name, name, length);
}

static void push_flags(lua_State *L, int flags) {
  lua_Integer count = 0;
  lua_newtable(L);
  for (int i = 0; flag_names[i] != NULL; i++) {
    if ((flag_of(flag_names[i]) & flags) == 0) continue;
    lua_pushstring(L, flag_names[i]);
    lua_rawseti(L, -2, ++count);
  }
}

static void push_map(lua_State *L, const struct lsk_ifreq *ifreq) {
  lua_createtable(L, 0, 6);
  lsk_set_integer(L, "mem_start", (lua_Integer)ifreq->map.mem_start);
  lsk_set_integer(L, "mem_end", (lua_Integer)ifreq->map.mem_end);
  lsk_set_integer(L, "base_addr", ifreq->map.base_addr);
  lsk_set_integer(L, "irq", ifreq->map.irq);
  lsk_set_integer(L, "dma", ifreq->map.dma);
  lsk_set_integer(L, "port", ifreq->map.port);
}

static int get(lua_State *L, const struct lsk_handle *h, int arg,
               enum lsk_ifreq_field field) {
  struct lsk_ifreq ifreq;
  check_interface(L, arg, field, &ifreq);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_ifreq_get(h->fd, field, &ifreq);
  if (rc < 0) return fail(L, rc);
  switch (field) {
  case LSK_IFREQ_NAME:
    lua_pushstring(L, ifreq.name);
    break;
  case LSK_IFREQ_INDEX:
  case LSK_IFREQ_MTU:
  case LSK_IFREQ_TXQLEN:
    lua_pushinteger(L, ifreq.number);
    break;
  case LSK_IFREQ_FLAGS:
    push_flags(L, ifreq.number);
    break;
  case LSK_IFREQ_MAP:
    push_map(L, &ifreq);
    break;
  default:
    lsk_push_sockaddr_table(L, &ifreq.addr);
    break;
  }
  return 1;
}

/* The flags that the table at `arg` turns on, and those that it turns off. */
static void check_flags(lua_State *L, int arg, int *on, int *off) {
  *on = *off = 0;
  lsk_check_fields(L, arg, arg, "flags", flag_names);
  for (int i = 0; flag_names[i] != NULL; i++) {
    bool is_there = lua_getfield(L, arg, flag_names[i]) != LUA_TNIL;
    lua_pop(L, 1);
    if (!is_there) continue;
    int *side = lsk_boolean_field(L, arg, arg, flag_names[i]) ? on : off;
    *side |= flag_of(flag_names[i]);
  }
}

/* The flags that the table does not name stay. */
static int set_flags(lua_State *L, const struct lsk_handle *h, int arg,
                     struct lsk_ifreq *ifreq) {
  int on, off;
  check_flags(L, arg, &on, &off);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_ifreq_get(h->fd, LSK_IFREQ_FLAGS, ifreq);
  ifreq->number = (ifreq->number | on) & ~off;
  if (rc == 0) rc = lsk_sys_ifreq_set(h->fd, LSK_IFREQ_FLAGS, ifreq);
  if (rc < 0) return fail(L, rc);
  lua_pushboolean(L, 1);
  return 1;
}

static int set(lua_State *L, const struct lsk_handle *h, int arg,
               enum lsk_ifreq_field field) {
  struct lsk_ifreq ifreq = {.number = 0};
  int value = arg + 1;
  check_interface(L, arg, field, &ifreq);
  if (field == LSK_IFREQ_FLAGS) return set_flags(L, h, value, &ifreq);
  if (field == LSK_IFREQ_MTU || field == LSK_IFREQ_TXQLEN)
    ifreq.number = (int)lsk_integer_at(L, value, value, "value", 0, INT_MAX);
  else
    lsk_check_sockaddr(L, value, &ifreq.addr);
  if (h->fd < 0) return lsk_fail_closed(L);
  int rc = lsk_sys_ifreq_set(h->fd, field, &ifreq);
  if (rc < 0) return fail(L, rc);
  lua_pushboolean(L, 1);
  return 1;
}

/* Asks anew while there is less room than the list takes. */
static int list(lua_State *L, const struct lsk_handle *h) {
  char *buffer = NULL;
  int size = 0, rc = lsk_sys_ifconf(h->fd, NULL, 0);
  while (rc > 0 && rc >= size) {
    size = rc + 1024;
    buffer = lua_newuserdatauv(L, (size_t)size, 0);
    rc = lsk_sys_ifconf(h->fd, buffer, (size_t)size);
  }
  if (rc < 0) return fail(L, rc);
  struct lsk_ifreq ifreq;
  lua_newtable(L);
  for (size_t i = 0; lsk_ifconf_at(buffer, (size_t)rc, i, &ifreq); i++) {
    lua_createtable(L, 0, 2);
    lsk_set_string(L, "name", ifreq.name);
    lsk_push_sockaddr_table(L, &ifreq.addr);
    lua_setfield(L, -2, "addr");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* What a request tells of the socket itself. */
static int tell(lua_State *L, const struct lsk_handle *h,
                const struct request *request) {
  int value = 0;
  int rc = lsk_sys_ioctl(h->fd, request->number, (intptr_t)&value);
  if (rc < 0) return fail(L, rc);
  if (request->kind == COUNT)
    lua_pushinteger(L, value);
  else
    lua_pushboolean(L, value);
  return 1;
}

int lsk_named_request(lua_State *L, const struct lsk_handle *h, int arg) {
  const struct request *request = check_request(L, arg);
  if (request->kind == GET) return get(L, h, arg + 1, request->field);
  if (request->kind == SET) return set(L, h, arg + 1, request->field);
  if (h->fd < 0) return lsk_fail_closed(L);
  if (request->kind == LIST) return list(L, h);
  if (request->kind == ABSENT) return fail(L, -EOPNOTSUPP);
  return tell(L, h, request);
}

void lsk_push_requests(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; i < REQUESTS; i++) {
    enum kind kind = requests[i].kind;
    bool is_about_interfaces = kind == LIST || kind == GET || kind == SET;
    bool is_there = is_about_interfaces ? lsk_sys_has_ifreq() : kind != ABSENT;
    lua_pushboolean(L, is_there);
    lua_setfield(L, -2, requests[i].name);
  }
}
