/*
** Name look-ups on the calling thread.
*/

#include "resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMERIC_NAMES (NI_NUMERICHOST | NI_NUMERICSERV)

/* Room for the host's name and the service's of a reverse look-up; a unix
   path stands in place of the service. */
#define NAME_SIZE 1025

enum kind { ADDRESSES, NAMES };

struct lsk_request {
  enum kind kind;
  bool answered;
  struct addrinfo hints; /* of ADDRESSES */
  const char *host;      /* NULL: none */
  const char *service;   /* NULL: none */
  socklen_t length;      /* of the address that NAMES asks about */
  int flags;             /* NI_... */
  char *memory;          /* what the answer points into */
  struct lsk_answer answer;
  /* The texts of host and service, or the address. */
  _Alignas(struct sockaddr_storage) char question[];
};

/* Zeroed, so that whatever is copied in ends with a zero byte. */
static struct lsk_request *new_request(enum kind kind, size_t size) {
  struct lsk_request *request = calloc(1, sizeof *request + size + 1);
  if (request != NULL) request->kind = kind;
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

struct lsk_request *lsk_request_names(const struct lsk_sockaddr *addr,
                                      int flags) {
  size_t size = addr->length;
  if (size < sizeof(struct sockaddr_storage))
    size = sizeof(struct sockaddr_storage);
  struct lsk_request *request = new_request(NAMES, size);
  if (request == NULL) return NULL;
  memcpy(request->question, addr->to.bytes, addr->length);
  request->length = addr->length;
  request->flags = flags;
  return request;
}

static void find_addresses(struct lsk_request *request, int flags) {
  struct lsk_answer *answer = &request->answer;
  struct addrinfo hints = request->hints;
  hints.ai_flags |= flags;
  answer->code =
      getaddrinfo(request->host, request->service, &hints, &answer->list);
  answer->err = answer->code == EAI_SYSTEM ? errno : 0;
  if (answer->code != 0) answer->list = NULL;
}

static void find_names(struct lsk_request *request) {
  struct lsk_answer *answer = &request->answer;
  request->memory = calloc(2, NAME_SIZE);
  if (request->memory == NULL) {
    answer->code = EAI_MEMORY;
    return;
  }
  char *host = request->memory, *service = request->memory + NAME_SIZE;
  answer->code = getnameinfo(
      (const struct sockaddr *)(const void *)request->question, request->length,
      host, NAME_SIZE, service, NAME_SIZE, request->flags);
  answer->err = answer->code == EAI_SYSTEM ? errno : 0;
  answer->host = host;
  answer->service = service;
}

void lsk_request_run(struct lsk_request *request) {
  switch (request->kind) {
  case ADDRESSES:
    find_addresses(request, 0);
    break;
  case NAMES:
    find_names(request);
    break;
  }
  request->answered = true;
}

static bool is_number(const char *text) {
  return text == NULL || text[strspn(text, "0123456789")] == '\0';
}

/* A service's name may be looked up by way of the network, too. */
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
  find_names(request);
  return true;
}

bool lsk_request_try(struct lsk_request *request) {
  request->answered =
      request->kind == ADDRESSES ? try_addresses(request) : try_names(request);
  return request->answered;
}

const struct lsk_answer *lsk_request_answer(struct lsk_request *request) {
  return request->answered ? &request->answer : NULL;
}

void lsk_request_drop(struct lsk_request *request) {
  if (request == NULL) return;
  if (request->answer.list != NULL) freeaddrinfo(request->answer.list);
  free(request->memory);
  free(request);
}
