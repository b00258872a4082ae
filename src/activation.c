/*
** What a service manager tells a process about the fds that it has opened for
** it. The environment is for programs to read while they have one thread.
*/

#include "activation.h"

#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static const char *get(const char *name) {
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): as the head says */
  return getenv(name);
}

/* A positive number | -EINVAL. */
static long parse(const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  return end != text && *end == '\0' && number > 0 ? number : -EINVAL;
}

int lsk_activation_count(void) {
  const char *id = get("LISTEN_PID");
  const char *count = get("LISTEN_FDS");
  if (id == NULL || count == NULL) return 0;
  long process = parse(id), fds = parse(count);
  if (process < 0 || fds < 0 || fds > INT_MAX - LSK_ACTIVATION_FIRST)
    return -EINVAL;
  if (process != (long)getpid()) return 0;
  for (int i = 0; i < (int)fds; i++) {
    int rc = lsk_sys_set_cloexec(LSK_ACTIVATION_FIRST + i);
    if (rc < 0) return rc;
  }
  return (int)fds;
}

const char *lsk_activation_names(void) {
  return get("LISTEN_FDNAMES");
}

void lsk_activation_forget(void) {
  static const char *const names[] = {"LISTEN_PID", "LISTEN_PIDFDID",
                                      "LISTEN_FDS", "LISTEN_FDNAMES"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): as the head says */
    (void)unsetenv(names[i]);
}
