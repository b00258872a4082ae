/*
** UDPSource: where a datagram came from, and the way to answer it.
*/

#ifndef LSK_SOURCE_H
#define LSK_SOURCE_H

#include "batch.h"
#include "handle.h"
#include "sockaddr.h"

#include <lua.h>

/* The metatable. */
#define LSK_SOURCE "socket.UDPSource"

/* Its user values. The ends' Addrinfos are made when they are wanted. */
enum {
  LSK_SOURCE_OWNER =
      1, /* keeps the socket and the batch; or gets the answers */
  LSK_SOURCE_REMOTE,
  LSK_SOURCE_LOCAL,
  LSK_SOURCE_VALUES = LSK_SOURCE_LOCAL
};

/* One is made for each datagram that is served. */
struct lsk_source {
  const void *tag;         /* tells a source from every other userdata */
  struct lsk_handle *h;    /* where it arrived; NULL: a function answers */
  struct lsk_batch *batch; /* that it came with; NULL: none */
  lua_Integer ticket;      /* its place there */
  socklen_t from_length;   /* of the sender's address */
  socklen_t local_length;  /* of where it was sent to; 0: not known */
  char bytes[];            /* both */
};

/* Packed addresses: the sender's, and where the datagram was sent to, without a
   port; the second may be missing. */
struct lsk_ends {
  const void *from;
  const void *local;
  socklen_t from_length;
  socklen_t local_length;
};

/* Leaves a new one with those addresses, which points to nothing yet, without a
   metatable: who makes many has that at hand. */
struct lsk_source *lsk_new_source(lua_State *L, const struct lsk_ends *ends);

/* The source at that index; raises for anything else. */
struct lsk_source *lsk_check_source(lua_State *L, int arg);

/* Its addresses; false where the second is not known. */
void lsk_source_remote(const struct lsk_source *source,
                       struct lsk_sockaddr *addr);
bool lsk_source_local(const struct lsk_source *source,
                      struct lsk_sockaddr *addr);

#endif
