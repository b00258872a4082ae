/*
** Errors that wait in a socket's queue of errors.
*/

#include "errqueue.h"

#include "compat.h"

#if LSK_HAVE_ERROR_QUEUE

#include <string.h>
#include <time.h>

#include <linux/errqueue.h>

/* RFC 792 and RFC 4443; the kernel's headers have all of these names in none.
 */
enum { UNREACHABLE = 3, TIME_EXCEEDED = 11 };
enum { UNREACHABLE6 = 1, TOO_BIG6 = 2, TIME_EXCEEDED6 = 3 };

static const char *const origins[] = {
    [SO_EE_ORIGIN_NONE] = "none",
    [SO_EE_ORIGIN_LOCAL] = "local",
    [SO_EE_ORIGIN_ICMP] = "icmp",
    [SO_EE_ORIGIN_ICMP6] = "icmp6",
};

static const char *const types[] = {
    [UNREACHABLE] = "dest_unreach",
    [TIME_EXCEEDED] = "time_exceeded",
};

static const char *const types6[] = {
    [UNREACHABLE6] = "dest_unreach",
    [TOO_BIG6] = "pkt_toobig",
    [TIME_EXCEEDED6] = "time_exceeded",
};

static const char *const codes[] = {
    "net_unreach", "host_unreach", NULL,          "port_unreach",
    "frag_needed", NULL,           "net_unknown", "host_unknown",
};

static const char *const codes6[] = {
    "noroute",      "adm_prohibited", "not_neighbour", "addr_unreach",
    "port_unreach", "policy_fail",    "reject_route",
};

#define COUNT(names) (sizeof(names) / sizeof(names)[0])

static const char *name_of(int number, const char *const *names, size_t count) {
  return (size_t)number < count ? names[number] : NULL;
}

/* The offender stands behind the fixed part, as its family says. */
static void read_offender(struct lsk_sockaddr *offender, const char *bytes,
                          size_t length) {
  offender->length = 0;
  if (length > sizeof offender->to) return;
  (void)lsk_sockaddr_set(offender, bytes, length);
  size_t size = 0;
  if (lsk_sockaddr_in(offender) != NULL)
    size = sizeof offender->to.in;
  else if (lsk_sockaddr_in6(offender) != NULL)
    size = sizeof offender->to.in6;
  offender->length = (socklen_t)size;
}

bool lsk_queued_error(struct lsk_queued_error *error, const char *bytes,
                      size_t length) {
  struct sock_extended_err raw;
  if (length < sizeof raw) return false;
  memcpy(&raw, bytes, sizeof raw);
  error->err = (int)raw.ee_errno;
  error->origin = raw.ee_origin;
  error->type = raw.ee_type;
  error->code = raw.ee_code;
  error->info = raw.ee_info;
  error->data = raw.ee_data;
  read_offender(&error->offender, bytes + sizeof raw, length - sizeof raw);
  return true;
}

const char *lsk_queued_error_origin(const struct lsk_queued_error *error) {
  return name_of(error->origin, origins, COUNT(origins));
}

const char *lsk_queued_error_type(const struct lsk_queued_error *error) {
  if (error->origin == SO_EE_ORIGIN_ICMP)
    return name_of(error->type, types, COUNT(types));
  if (error->origin == SO_EE_ORIGIN_ICMP6)
    return name_of(error->type, types6, COUNT(types6));
  return NULL;
}

const char *lsk_queued_error_code(const struct lsk_queued_error *error) {
  if (error->origin == SO_EE_ORIGIN_ICMP && error->type == UNREACHABLE)
    return name_of(error->code, codes, COUNT(codes));
  if (error->origin == SO_EE_ORIGIN_ICMP6 && error->type == UNREACHABLE6)
    return name_of(error->code, codes6, COUNT(codes6));
  return NULL;
}

#else

bool lsk_queued_error(struct lsk_queued_error *error, const char *bytes,
                      size_t length) {
  (void)error;
  (void)bytes;
  (void)length;
  return false;
}

const char *lsk_queued_error_origin(const struct lsk_queued_error *error) {
  (void)error;
  return NULL;
}

const char *lsk_queued_error_type(const struct lsk_queued_error *error) {
  (void)error;
  return NULL;
}

const char *lsk_queued_error_code(const struct lsk_queued_error *error) {
  (void)error;
  return NULL;
}

#endif
