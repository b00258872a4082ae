/*
** Name look-ups: what is asked, and who answers.
*/

#include "resolver.h"

#include "compat.h"
#include "numeric.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NUMERIC_NAMES (NI_NUMERICHOST | NI_NUMERICSERV)

/* Room for the host's name and the service's of a reverse look-up; a unix
   path stands in place of the service. */
#define NAME_SIZE 1025

/* How much the system may need to describe a host. */
#define HOST_LEAST 1024U
#define HOST_MOST 1048576U

enum kind { ADDRESSES, NAMES, HOST, HOST_AT };

struct lsk_request {
  struct lsk_work work; /* first: the pool knows no more of it */
  enum kind kind;
  bool answered;          /* on the calling thread */
  struct addrinfo hints;  /* of ADDRESSES and HOST */
  const char *host;       /* NULL: none */
  const char *service;    /* NULL: none */
  socklen_t length;       /* of the address that NAMES and HOST_AT ask about */
  int family;             /* of HOST_AT's */
  int flags;              /* NI_... */
  char *memory;           /* what the answer points into */
  struct addrinfo *found; /* the system's list, which the answer may be */
  char *addresses[2];     /* where the question holds the only address */
  struct lsk_request *part; /* answers of lsk_request_add, the last first */
  struct addrinfo *seam;    /* what comes before this part's list */
  struct lsk_answer answer;
  /* The texts of host and service, or the address. */
  _Alignas(struct sockaddr_storage) char question[];
};

/* Each part frees its own list. */
static void destroy(struct lsk_work *work) {
  struct lsk_request *request = (struct lsk_request *)(void *)work;
  if (request->seam != NULL) request->seam->ai_next = NULL;
  lsk_request_drop(request->part);
  if (request->found != NULL) freeaddrinfo(request->found);
  free(request->memory);
  free(request);
}

/* Keeps the outcome of getaddrinfo or getnameinfo. */
static void set_code(struct lsk_request *request, int code) {
  int err = errno;
  request->answer.code = code;
  request->answer.err = code == EAI_SYSTEM ? err : 0;
}

static void find_addresses(struct lsk_request *request, int flags) {
  struct addrinfo hints = request->hints, *list = NULL;
  hints.ai_flags |= flags;
  set_code(request,
           getaddrinfo(request->host, request->service, &hints, &list));
  request->found = request->answer.code == 0 ? list : NULL;
  request->answer.list = request->found;
}

static void find_names(struct lsk_request *request, const void *addr,
                       socklen_t length, int flags) {
  char *host = request->memory = calloc(2, NAME_SIZE);
  if (host == NULL) {
    set_code(request, EAI_MEMORY);
    return;
  }
  char *service = host + NAME_SIZE;
  set_code(request, getnameinfo(addr, length, host, NAME_SIZE, service,
                                NAME_SIZE, flags));
  request->answer.host = host;
  request->answer.service = service;
}

#if LSK_HAVE_NETDB_R

static int gai_code(int host_error) {
  switch (host_error) {
  case TRY_AGAIN:
    return EAI_AGAIN;
  case NO_RECOVERY:
    return EAI_FAIL;
  default:
    return EAI_NONAME;
  }
}

/* One try to describe the host within `size` bytes of the request's memory: 0,
   or an errno, ERANGE when that is too little. */
static int ask_host(struct lsk_request *request, const char *name, size_t size,
                    struct hostent *entry, int *code) {
  int host_error = 0;
  struct hostent *found = NULL;
  int err;
  if (name != NULL)
    err = gethostbyname_r(name, entry, request->memory, size, &found,
                          &host_error);
  else
    err = gethostbyaddr_r(request->question, request->length, request->family,
                          entry, request->memory, size, &found, &host_error);
  *code = found == NULL ? gai_code(host_error) : 0;
  return found == NULL ? err : 0;
}

/* What the system knows of a host by that name, or of the one at the address
   asked about: 0 | an EAI_ code. */
static int find_host(struct lsk_request *request, const char *name,
                     struct hostent *entry) {
  for (size_t size = HOST_LEAST; size <= HOST_MOST; size *= 2) {
    char *memory = realloc(request->memory, size);
    if (memory == NULL) break;
    request->memory = memory;
    int code = 0;
    if (ask_host(request, name, size, entry, &code) != ERANGE) return code;
  }
  return EAI_MEMORY;
}

/* A host without aliases is one, too. */
static void find_aliases(struct lsk_request *request) {
  const struct addrinfo *list = request->answer.list;
  if (request->answer.code != 0 || list->ai_canonname == NULL) return;
  struct hostent entry;
  if (find_host(request, list->ai_canonname, &entry) == 0)
    request->answer.aliases = entry.h_aliases;
}

static void find_host_at(struct lsk_request *request) {
  struct hostent entry;
  set_code(request, find_host(request, NULL, &entry));
  if (request->answer.code != 0) return;
  request->answer.host = entry.h_name;
  request->answer.aliases = entry.h_aliases;
  request->answer.addresses = entry.h_addr_list;
}

#else

/* POSIX has no reentrant call that tells them. */
static void find_aliases(struct lsk_request *request) {
  (void)request;
}

static void find_host_at(struct lsk_request *request) {
  struct lsk_sockaddr addr = {.length = 0};
  if (request->family == AF_INET6) {
    addr.length = sizeof addr.to.in6;
    memcpy(&addr.to.in6.sin6_addr, request->question, request->length);
  } else {
    addr.length = sizeof addr.to.in;
    memcpy(&addr.to.in.sin_addr, request->question, request->length);
  }
  addr.to.any.sa_family = (sa_family_t)request->family;
  find_names(request, &addr.to, addr.length, NI_NAMEREQD);
  request->addresses[0] = request->question;
  request->answer.addresses = request->addresses;
}

#endif

static void find(struct lsk_work *work) {
  struct lsk_request *request = (struct lsk_request *)(void *)work;
  switch (request->kind) {
  case ADDRESSES:
    find_addresses(request, 0);
    break;
  case NAMES:
    find_names(request, request->question, request->length, request->flags);
    break;
  case HOST:
    find_addresses(request, 0);
    find_aliases(request);
    break;
  case HOST_AT:
    find_host_at(request);
    break;
  }
}

/* Zeroed, so that whatever is copied in ends with a zero byte. */
static struct lsk_request *new_request(enum kind kind, size_t size) {
  struct lsk_request *request = calloc(1, sizeof *request + size + 1);
  if (request == NULL) return NULL;
  request->work.run = find;
  request->work.destroy = destroy;
  request->kind = kind;
  return request;
}

struct lsk_request *lsk_request_addresses(const char *host, const char *service,
                                          const struct addrinfo *hints) {
  size_t host_size = host == NULL ? 0 : strlen(host) + 1;
  size_t service_size = service == NULL ? 0 : strlen(service) + 1;
  struct lsk_request *request =
      new_request(ADDRESSES, host_size + service_size);
  if (request == NULL) return NULL;
  request->hints = *hints;
  if (host != NULL) request->host = memcpy(request->question, host, host_size);
  if (service != NULL)
    request->service =
        memcpy(request->question + host_size, service, service_size);
  return request;
}

struct lsk_request *lsk_request_host(const char *host) {
  const struct addrinfo hints = {.ai_flags = AI_CANONNAME,
                                 .ai_socktype = SOCK_STREAM};
  struct lsk_request *request = lsk_request_addresses(host, NULL, &hints);
  if (request != NULL) request->kind = HOST;
  return request;
}

static struct lsk_request *about_bytes(enum kind kind, const void *bytes,
                                       size_t length) {
  size_t size = length > sizeof(struct sockaddr_storage)
                    ? length
                    : sizeof(struct sockaddr_storage);
  struct lsk_request *request = new_request(kind, size);
  if (request == NULL) return NULL;
  memcpy(request->question, bytes, length);
  request->length = (socklen_t)length;
  return request;
}

struct lsk_request *lsk_request_names(const struct lsk_sockaddr *addr,
                                      int flags) {
  struct lsk_request *request =
      about_bytes(NAMES, addr->to.bytes, addr->length);
  if (request != NULL) request->flags = flags;
  return request;
}

struct lsk_request *lsk_request_host_at(const char *address, size_t length,
                                        int family) {
  struct lsk_request *request = about_bytes(HOST_AT, address, length);
  if (request != NULL) request->family = family;
  return request;
}

const char *lsk_request_name(const struct lsk_request *request) {
  return request->kind == ADDRESSES ? request->host : NULL;
}

static struct addrinfo *last_of(struct addrinfo *list) {
  while (list != NULL && list->ai_next != NULL) list = list->ai_next;
  return list;
}

void lsk_request_add(struct lsk_request *request, const char *address) {
  struct addrinfo hints = request->hints;
  hints.ai_flags |= AI_NUMERICHOST;
  struct lsk_request *part =
      lsk_request_addresses(address, request->service, &hints);
  if (part == NULL) return;
  if (!lsk_request_try(part)) lsk_request_run(part);
  if (part->answer.code != 0) {
    lsk_request_drop(part);
    return;
  }
  part->part = request->part;
  request->part = part;
  part->seam = last_of(request->answer.list);
  if (part->seam == NULL)
    request->answer.list = part->answer.list;
  else
    part->seam->ai_next = part->answer.list;
}

void lsk_request_settle(struct lsk_request *request) {
  request->answer.code = request->part == NULL ? EAI_NONAME : 0;
  request->answered = true;
}

void lsk_request_run(struct lsk_request *request) {
  find(&request->work);
  request->answered = true;
}

static bool is_number(const char *text) {
  return text == NULL || text[strspn(text, "0123456789")] == '\0';
}

static bool try_numeric(struct lsk_request *request) {
  struct addrinfo *list =
      lsk_numeric_addresses(request->host, request->service, &request->hints);
  request->memory = (char *)list;
  request->answer.list = list;
  return list != NULL;
}

/* Even a service's name may be looked up by way of the network. A number in
   place of a name has no aliases, so HOST needs nothing else either. */
static bool try_addresses(struct lsk_request *request) {
  if (!is_number(request->service)) return false;
  find_addresses(request, request->host == NULL ? 0 : AI_NUMERICHOST);
  return request->answer.code != EAI_NONAME || request->host == NULL ||
         (request->hints.ai_flags & AI_NUMERICHOST) != 0;
}

static bool try_names(struct lsk_request *request) {
  struct lsk_sockaddr head = {.length = request->length};
  memcpy(head.to.bytes, request->question, sizeof head.to.any);
  int family = lsk_sockaddr_family(&head);
  bool is_internet = family == AF_INET || family == AF_INET6;
  if (is_internet && (request->flags & NUMERIC_NAMES) != NUMERIC_NAMES)
    return false;
  find_names(request, request->question, request->length, request->flags);
  return true;
}

bool lsk_request_try(struct lsk_request *request) {
  switch (request->kind) {
  case ADDRESSES:
    request->answered = try_numeric(request) || try_addresses(request);
    break;
  case HOST:
    request->answered = try_addresses(request);
    break;
  case NAMES:
    request->answered = try_names(request);
    break;
  case HOST_AT:
    break;
  }
  return request->answered;
}

int lsk_request_start(struct lsk_request *request, struct lsk_wake *wake) {
  return lsk_pool_start(&request->work, wake);
}

struct lsk_work *lsk_request_work(struct lsk_request *request) {
  return &request->work;
}

const struct lsk_answer *lsk_request_answer(struct lsk_request *request) {
  if (request->answered) return &request->answer;
  switch (lsk_pool_state(&request->work)) {
  case LSK_WORK_DONE:
    return &request->answer;
  case LSK_WORK_LOST:
    request->answer = (struct lsk_answer){.code = EAI_AGAIN};
    request->answered = true;
    return &request->answer;
  default:
    return NULL;
  }
}

void lsk_request_drop(struct lsk_request *request) {
  if (request != NULL) lsk_pool_drop(&request->work);
}
