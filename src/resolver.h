/*
** Name look-ups, on the calling thread or on one of a few threads of their own.
** Nothing here raises, and nothing here knows of Lua.
**
** A request is made, then tried, run (here, now) or started (elsewhere), and in
** any case dropped. Whoever started one waits until he is woken, then reads the
** answer. A request that is dropped before its answer has come is finished and
** freed by the thread that works on it.
*/

#ifndef LSK_RESOLVER_H
#define LSK_RESOLVER_H

#include "pool.h"
#include "sockaddr.h"

#include <stdbool.h>

#include <netdb.h>

struct lsk_request;

struct lsk_answer {
  int code;               /* 0, or an EAI_ code */
  int err;                /* the errno that goes with EAI_SYSTEM */
  struct addrinfo *list;  /* lsk_request_addresses, lsk_request_host */
  const char *host;       /* lsk_request_names, lsk_request_host_at */
  const char *service;    /* lsk_request_names */
  char *const *aliases;   /* both _host ones; NULL-terminated, or NULL */
  char *const *addresses; /* lsk_request_host_at; NULL-terminated, packed */
};

/* getaddrinfo(3): copies what it is given. NULL: no memory. */
struct lsk_request *lsk_request_addresses(const char *host, const char *service,
                                          const struct addrinfo *hints);

/* getnameinfo(3). NULL: no memory. */
struct lsk_request *lsk_request_names(const struct lsk_sockaddr *addr,
                                      int flags);

/* A host's addresses, canonical name and aliases. NULL: no memory. */
struct lsk_request *lsk_request_host(const char *host);

/* The name, aliases and addresses of the host with that packed address, of 4
   bytes for AF_INET, 16 for AF_INET6. NULL: no memory. */
struct lsk_request *lsk_request_host_at(const char *address, size_t length,
                                        int family);

/*
** Answers a request that needs no look-up (numeric host and service, no host,
** nonsense): whether it did. Never blocks.
*/
bool lsk_request_try(struct lsk_request *request);

/* The name of the host whose addresses are asked for; NULL: another question.
 */
const char *lsk_request_name(const struct lsk_request *request);

/*
** Answers a request for a host's addresses in place of the system: with those
** of the texts that suit its hints, one by one. Without any the host is not
** known.
*/
void lsk_request_add(struct lsk_request *request, const char *address);
void lsk_request_settle(struct lsk_request *request);

/* Looks up on the calling thread. */
void lsk_request_run(struct lsk_request *request);

/* Looks up on another thread: 0 | -errno. The wake is told when the answer is
   there, and is in use as long as the request lives. */
int lsk_request_start(struct lsk_request *request, struct lsk_wake *wake);

/* That work, for who waits for its end. */
struct lsk_work *lsk_request_work(struct lsk_request *request);

/*
** The answer; NULL while there is none yet. Lives as long as the request. In a
** child of fork, whose parent goes on looking up, it is EAI_AGAIN.
*/
const struct lsk_answer *lsk_request_answer(struct lsk_request *request);

/* Ends the caller's interest, at any time. NULL is fine. */
void lsk_request_drop(struct lsk_request *request);

#endif
