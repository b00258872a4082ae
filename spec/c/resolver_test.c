/*
** Look-ups: which of them are answered at once, and what becomes of one that
** takes long. This program's own getaddrinfo stands in for a slow resolver.
*/

#include "resolver.h"

#include "check.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 20000

static int gates[2];           /* look-ups of "slow" wait for a byte */
static atomic_int calls, slow; /* all, and those that have come back */

typedef int getaddrinfo_function(const char *, const char *,
                                 const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **list) {
  (void)atomic_fetch_add(&calls, 1);
  getaddrinfo_function *real;
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  if (node == NULL || strcmp(node, "slow") != 0 ||
      (hints->ai_flags & AI_NUMERICHOST) != 0)
    return real(node, service, hints, list);
  char byte;
  CHECK(read(gates[0], &byte, 1) == 1);
  int code = real("127.0.0.9", service, hints, list);
  (void)atomic_fetch_add(&slow, 1);
  return code;
}

static struct lsk_request *ask(const char *host, const char *service) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  return lsk_request_addresses(host, service, &hints);
}

static bool holds(const struct lsk_answer *answer, const char *host, int port) {
  char text[INET_ADDRSTRLEN];
  if (answer == NULL || answer->code != 0) return false;
  const struct sockaddr_in *in =
      (const struct sockaddr_in *)(const void *)answer->list->ai_addr;
  return in->sin_family == AF_INET && ntohs(in->sin_port) == port &&
         inet_ntop(AF_INET, &in->sin_addr, text, sizeof text) != NULL &&
         strcmp(text, host) == 0;
}

static void test_numeric(void) {
  struct lsk_request *request = ask("127.1", "80");
  CHECK(lsk_request_answer(request) == NULL);
  CHECK(lsk_request_try(request));
  CHECK(holds(lsk_request_answer(request), "127.0.0.1", 80));
  lsk_request_drop(request);

  request = ask(NULL, "80");
  CHECK(lsk_request_try(request));
  CHECK(lsk_request_answer(request)->code == 0);
  lsk_request_drop(request);

  request = ask(NULL, NULL);
  CHECK(lsk_request_try(request));
  CHECK(lsk_request_answer(request)->code == EAI_NONAME);
  CHECK(lsk_request_answer(request)->list == NULL);
  lsk_request_drop(request);
}

/* A name of either kind needs a look-up. */
static void test_names_are_not_numeric(void) {
  struct lsk_request *request = ask("localhost", "80");
  CHECK(!lsk_request_try(request));
  CHECK(lsk_request_answer(request) == NULL);
  lsk_request_drop(request);

  atomic_store(&calls, 0);
  request = ask("127.0.0.1", "http");
  CHECK(!lsk_request_try(request));
  CHECK(atomic_load(&calls) == 0);
  lsk_request_drop(request);
}

static void test_reverse(void) {
  struct lsk_sockaddr addr = {.length = sizeof addr.to.in};
  addr.to.in.sin_family = AF_INET;
  addr.to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.to.in.sin_port = htons(8);
  struct lsk_request *request = lsk_request_names(&addr, NI_NUMERICHOST);
  CHECK(!lsk_request_try(request));
  lsk_request_drop(request);

  request = lsk_request_names(&addr, NI_NUMERICHOST | NI_NUMERICSERV);
  CHECK(lsk_request_try(request));
  CHECK(strcmp(lsk_request_answer(request)->host, "127.0.0.1") == 0);
  CHECK(strcmp(lsk_request_answer(request)->service, "8") == 0);
  lsk_request_drop(request);

  for (socklen_t length = 0; length < sizeof addr.to.in; length++) {
    addr.length = length;
    request = lsk_request_names(&addr, NI_NUMERICHOST | NI_NUMERICSERV);
    CHECK(lsk_request_try(request));
    CHECK(lsk_request_answer(request)->code == EAI_FAMILY);
    lsk_request_drop(request);
  }
}

static void test_host_at(void) {
  struct lsk_request *request = lsk_request_host_at("\177\0\0\1", 4, AF_INET);
  CHECK(!lsk_request_try(request));
  lsk_request_run(request);
  const struct lsk_answer *answer = lsk_request_answer(request);
  CHECK(answer != NULL);
  if (answer != NULL && answer->code == 0) {
    CHECK(strlen(answer->host) > 0);
    CHECK(memcmp(answer->addresses[0], "\177\0\0\1", 4) == 0);
  }
  lsk_request_drop(request);
}

static void test_slow(void) {
  struct lsk_wake wake = {0};
  struct lsk_request *request = ask("slow", "80");
  CHECK(!lsk_request_try(request));
  CHECK(lsk_request_start(request, &wake) == 0);
  struct pollfd entry = {.fd = wake.wait_fd, .events = POLLIN};
  CHECK(poll(&entry, 1, 20) == 0);
  CHECK(lsk_request_answer(request) == NULL);
  CHECK(write(gates[1], "x", 1) == 1);
  CHECK(poll(&entry, 1, PATIENCE) == 1);
  CHECK(holds(lsk_request_answer(request), "127.0.0.9", 80));
  lsk_request_drop(request);
}

static bool comes_to(const atomic_int *counter, int value) {
  for (int i = 0; i < PATIENCE; i++) {
    if (atomic_load(counter) == value) return true;
    (void)poll(NULL, 0, 1);
  }
  return false;
}

/* Its answer is freed when it comes: a leak checker sees to that. */
static void test_abandoned(void) {
  atomic_store(&calls, 0);
  atomic_store(&slow, 0);
  struct lsk_wake wake = {0};
  struct lsk_request *request = ask("slow", "80");
  CHECK(lsk_request_start(request, &wake) == 0);
  CHECK(comes_to(&calls, 1));
  lsk_request_drop(request);
  CHECK(write(gates[1], "x", 1) == 1);
  CHECK(comes_to(&slow, 1));
}

int main(void) {
  if (pipe(gates) < 0) return 1;
  lsk_request_drop(NULL);
  test_numeric();
  test_names_are_not_numeric();
  test_reverse();
  test_host_at();
  test_slow();
  test_abandoned();
  test_slow();
  return check_result();
}
