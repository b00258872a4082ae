/*
** Sockets of another network namespace.
*/

#include "sys_netns.h"

#include "compat.h"

#include <errno.h>

#if LSK_HAVE_SETNS

#include "sys.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static int open_namespace(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

/* All that follows would happen in the wrong namespace, and none would know. */
static void enter_or_abort(int namespace) {
  if (setns(namespace, CLONE_NEWNET) == 0) return;
  perror("setns(2) back to the own network namespace");
  abort();
}

/* From the namespace `own`, in which the thread is, to that of the path. */
static int socket_in(const char *path, int own, int domain, int type,
                     int protocol, const char **call) {
  *call = "open(2)";
  int other = open_namespace(path);
  if (other < 0) return other;
  *call = "setns(2)";
  int rc = setns(other, CLONE_NEWNET) == 0 ? 0 : -errno;
  (void)lsk_sys_close(other);
  if (rc < 0) return rc;
  *call = "socket(2)";
  int fd = lsk_sys_socket(domain, type, protocol);
  enter_or_abort(own);
  return fd;
}

int lsk_sys_socket_in(const char *path, int domain, int type, int protocol,
                      const char **call) {
  *call = "open(2)";
  int own = open_namespace("/proc/thread-self/ns/net");
  if (own < 0) return own;
  int fd = socket_in(path, own, domain, type, protocol, call);
  (void)lsk_sys_close(own);
  return fd;
}

#else

int lsk_sys_socket_in(const char *path, int domain, int type, int protocol,
                      const char **call) {
  (void)path;
  (void)domain;
  (void)type;
  (void)protocol;
  *call = "setns(2)";
  return -ENOSYS;
}

#endif
