/*
** The socket userdata: owner of one fd, and of what belongs to it. Every socket
** class shares it; the metatable and `kind` tell which class an object is of.
*/

#ifndef LSK_HANDLE_H
#define LSK_HANDLE_H

#include "buffer.h"
#include "clock.h"
#include "flow.h"
#include "state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

enum lsk_kind {
  LSK_BASICSOCKET,
  LSK_SOCKET,
  LSK_IPSOCKET,
  LSK_TCPSOCKET,
  LSK_TCPSERVER,
  LSK_UDPSOCKET,
  LSK_UNIXSOCKET,
  LSK_UNIXSERVER,
  LSK_KINDS
};

/* What few sockets have. */
struct lsk_extra {
  struct lsk_buffer out; /* bytes not yet written (buffers_writes) */
  struct lsk_flow accepts;
  struct lsk_flow sendfile;
  int origin;     /* the fd of which the socket's own is a copy; -1: none */
  uint16_t wraps; /* counters that have begun anew, a bit each */
  struct lsk_queue *listeners; /* who waits to be told of that; NULL: nobody */
};

/* There may be many thousands of them: each word counts. */
struct lsk_handle {
  const void *tag;            /* tells a socket from every other userdata */
  struct lsk_watch watch;     /* who waits for the fd, in a scheduler */
  struct lsk_state *state;    /* what the sockets of this Lua state share */
  int fd;                     /* -1: closed */
  int slot;                   /* in the list of open sockets; 0: none */
  uint32_t lineno;            /* lines read, as Ruby counts them: as an int */
  uint32_t line_limit;        /* longest line in bytes; 0: any */
  short read_error;           /* errno of every further read; 0: none */
  unsigned short protocol;    /* IPPROTO_..., 0 when unknown */
  unsigned char domain;       /* AF_... */
  unsigned char type;         /* SOCK_... */
  unsigned kind : 3;          /* enum lsk_kind */
  bool nonblocking : 1;       /* O_NONBLOCK is set: listening or connecting */
  bool no_autoclose : 1;      /* a borrowed fd: collecting leaves it open */
  bool no_reverse_lookup : 1; /* addresses are given without looking up names */
  bool buffers_writes : 1;    /* Ruby's sync is false */
  bool read_closed : 1;       /* after close_read */
  bool write_closed : 1;      /* after close_write */
  bool skips_newlines : 1;    /* a paragraph's end is not all read yet */
  bool read_shut : 1;         /* after shutdown */
  bool write_shut : 1;        /* the same */
  bool is_foreign : 1;        /* made of an fd from elsewhere */
  bool is_borrowed : 1;       /* the fd stays open when the socket closes */
  bool is_monitored : 1;      /* functions are to be called when it closes */
  bool has_settings : 1;      /* settings.c holds more of it */
  double timeout;             /* seconds; negative: none */
  struct lsk_flow flows[LSK_DIRECTIONS]; /* what went through it */
  struct lsk_extra *extra;               /* NULL: none */
  struct lsk_buffer in;                  /* bytes read ahead */
};

/*
** Its address in a userdata's first word marks a socket. Lua code cannot write
** into a userdata, so no other value has it, and the test costs two loads
** instead of a look-up of up to eight metatables by name.
*/
extern const char lsk_handle_tag;

/* The socket at that index, open or closed; NULL for anything else. Inline,
   with its like: each call on a socket begins with it. */
static inline struct lsk_handle *lsk_test_handle(lua_State *L, int index) {
  struct lsk_handle *h = lua_touserdata(L, index);
  if (h == NULL || lua_rawlen(L, index) < sizeof *h) return NULL;
  return h->tag == &lsk_handle_tag ? h : NULL;
}

/* The same; raises for anything else. */
static inline struct lsk_handle *lsk_check_handle(lua_State *L, int arg) {
  struct lsk_handle *h = lsk_test_handle(L, arg);
  if (h == NULL) luaL_typeerror(L, arg, "socket");
  return h;
}

/* The socket at index 1 of an operation that has checked it before: what its
   continuation reads. */
static inline struct lsk_handle *lsk_self(lua_State *L) {
  return lua_touserdata(L, 1);
}

/* Leaves a new socket of that class that owns nothing yet (closed). */
struct lsk_handle *lsk_new_handle(lua_State *L, enum lsk_kind kind);

/* Lists the socket on top of the stack, which owns nothing yet, among the open
   ones, or takes it out; at first it is as use_registry says. */
void lsk_set_registered(lua_State *L, struct lsk_handle *h, bool on);

/* Gives the empty socket an fd to own. Never raises. */
void lsk_adopt_fd(struct lsk_handle *h, int fd, int domain, int type,
                  int protocol);

/* Ends the ownership without closing: the fd, or -1. Who waits for it goes on.
   Never raises. */
int lsk_release_fd(struct lsk_handle *h);

/*
** Closes the fd, whatever the outcome, and gives the buffers back: 0 | -errno.
** Never raises, and does nothing to a closed socket. What is buffered for
** writing is lost: whoever wants it sent does so before.
*/
int lsk_close_handle(lua_State *L, struct lsk_handle *h);

/* How many bytes are buffered for writing, and the first of them. */
static inline size_t lsk_out_length(const struct lsk_handle *h) {
  return h->extra == NULL ? 0 : lsk_buffer_length(&h->extra->out);
}

static inline const char *lsk_out_bytes(const struct lsk_handle *h) {
  return h->extra == NULL ? NULL : lsk_buffer_bytes(&h->extra->out);
}

/* Gives their memory back. Never raises. */
void lsk_drop_out(lua_State *L, struct lsk_handle *h);

/* The socket's extra part, made when it is first needed; NULL when memory is
   out. Never raises. */
struct lsk_extra *lsk_get_extra(struct lsk_handle *h);

/*
** Calls those who monitor the socket at the index, which has just closed; their
** errors go to on_error. Stands after lsk_close_handle wherever a program may
** have asked for it. Never raises.
*/
void lsk_tell_closed(lua_State *L, int index);

/* Takes the function on top of the stack, which does that with the socket. */
void lsk_set_teller(lua_State *L);

/* Makes the fd non-blocking or blocking, unless it is so already: 0 | -errno.
 */
int lsk_set_nonblocking(struct lsk_handle *h, bool on);

/* Whether the socket is a stream, whose reads and writes have no boundaries. */
bool lsk_is_stream(const struct lsk_handle *h);

/*
** Remembers a read error that the kernel tells only once (a reset, say), so
** that each later read gives it again. Others, such as a would-block, pass.
*/
void lsk_keep_read_error(struct lsk_handle *h, int err);

/* The deadline of a call: its keyword `timeout` in the table at `at` (seconds,
   or "nowait"), else the socket's own timeout. */
lsk_deadline lsk_handle_deadline(lua_State *L, const struct lsk_handle *h,
                                 int at);

/* Whether the class is one of internet sockets, or of unix sockets. */
bool lsk_kind_is_ip(int kind);
bool lsk_kind_is_unix(int kind);

/* The class's name, "TCPSocket". */
const char *lsk_kind_name(enum lsk_kind kind);

/* Adds class name -> metatable to the table on top of the stack. The class
   tables become their __index in Lua. */
void lsk_open_handle(lua_State *L);

#endif
