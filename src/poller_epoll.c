/*
** Which fds have become ready, by epoll(7).
*/

#include "poller.h"

#include "compat.h"
#include "fork.h"
#include "sys.h"
#include "sys_io.h"

#include <errno.h>

#if LSK_HAVE_EPOLL

#include <sys/epoll.h>

/* All that an fd is watched for, from the first time on. */
#define EVERYTHING (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET)

/* poll(2) and epoll(7) have the same numbers. */
#define PLAIN (LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY)
_Static_assert(EPOLLIN == LSK_READABLE && EPOLLOUT == LSK_WRITABLE &&
                   EPOLLPRI == LSK_PRIORITY,
               "events need no translation");

struct lsk_poller {
  int fd; /* -1: closed, in a child that could not open another */
  unsigned forks;
  struct epoll_event ready[LSK_EVENTS];
};

/* The kernel forgets a closed fd, unless a copy of it is open: then events may
   come for its number, with its generation. */
const char lsk_poller_name[] = "epoll";
const bool lsk_poller_forgets = true;

static int open_epoll(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

struct lsk_poller *lsk_poller_open(struct lsk_memory memory, int *err) {
  *err = lsk_fork_watch();
  if (*err < 0) return NULL;
  struct lsk_poller *poller =
      memory.allocate(memory.ud, NULL, 0, sizeof *poller);
  *err = poller == NULL ? -ENOMEM : 0;
  if (poller == NULL) return NULL;
  poller->forks = lsk_fork_count();
  poller->fd = open_epoll();
  if (poller->fd >= 0) return poller;
  *err = poller->fd;
  (void)memory.allocate(memory.ud, poller, sizeof *poller, 0);
  return NULL;
}

void lsk_poller_close(struct lsk_poller *poller, struct lsk_memory memory) {
  if (poller->fd >= 0) (void)lsk_sys_close(poller->fd);
  (void)memory.allocate(memory.ud, poller, sizeof *poller, 0);
}

bool lsk_poller_is_stale(const struct lsk_poller *poller) {
  return poller->forks != lsk_fork_count();
}

/* The set is shared with the parent process: it gets one of its own. */
static int renew(struct lsk_poller *poller) {
  if (poller->fd >= 0) (void)lsk_sys_close(poller->fd);
  poller->fd = -1;
  int fd = open_epoll();
  if (fd < 0) return fd;
  poller->fd = fd;
  poller->forks = lsk_fork_count();
  return 0;
}

static int control(const struct lsk_poller *poller, int operation, int fd,
                   uint32_t generation) {
  struct epoll_event event = {
      .events = EVERYTHING,
      .data.u64 = (uint64_t)generation << 32 | (uint32_t)fd,
  };
  return epoll_ctl(poller->fd, operation, fd, &event) < 0 ? -errno : 0;
}

int lsk_poller_watch(struct lsk_poller *poller, int fd, uint32_t generation,
                     int events, bool is_new) {
  (void)events;
  bool is_stale = lsk_poller_is_stale(poller);
  if (!is_new && !is_stale) return 0;
  int rc = is_stale ? renew(poller) : 0;
  if (rc == 0) rc = control(poller, EPOLL_CTL_ADD, fd, generation);
  return rc == -EEXIST ? control(poller, EPOLL_CTL_MOD, fd, generation) : rc;
}

void lsk_poller_unwatch(struct lsk_poller *poller, int fd) {
  if (!lsk_poller_is_stale(poller)) (void)control(poller, EPOLL_CTL_DEL, fd, 0);
}

static int translate(uint32_t ready) {
  int events = (int)ready & PLAIN;
  if (ready & EPOLLRDHUP) events |= LSK_READABLE | LSK_HANGUP;
  if (ready & (EPOLLHUP | EPOLLERR))
    events |= LSK_READABLE | LSK_WRITABLE | LSK_HANGUP;
  return events;
}

int lsk_poller_wait(struct lsk_poller *poller, struct lsk_event *events,
                    int milliseconds) {
  int rc = lsk_poller_is_stale(poller) ? renew(poller) : 0;
  if (rc < 0) return rc;
  int count = epoll_wait(poller->fd, poller->ready, LSK_EVENTS, milliseconds);
  if (count < 0) return -errno;
  for (int i = 0; i < count; i++) {
    uint64_t key = poller->ready[i].data.u64;
    events[i] = (struct lsk_event){
        .fd = (int)(uint32_t)key,
        .generation = (uint32_t)(key >> 32),
        .events = translate(poller->ready[i].events),
    };
  }
  return count;
}

#endif
