/*
** Which fds have become ready, by poll(2), where there is nothing better: an
** event that is watched for is told once, and then watched for no more.
*/

#include "poller.h"

#include "compat.h"
#include "fork.h"
#include "sys_io.h"

#include <errno.h>

#if !LSK_HAVE_EPOLL

#include <sys/stat.h>

/* The least room that is made. */
#define LEAST_ROOM ((size_t)64)

/* What is known of an fd. */
struct watched {
  uint32_t generation;
  uint32_t place; /* of its entry, from 1 on; 0: nothing is watched for */
};

struct lsk_poller {
  struct lsk_memory memory;
  struct watched *fds; /* by fd */
  size_t fd_room;
  struct pollfd *entries; /* in no order */
  size_t count;
  size_t room;
  size_t next; /* the entry that is looked at first */
  unsigned forks;
};

const char lsk_poller_name[] = "poll";
const bool lsk_poller_forgets = false;

struct lsk_poller *lsk_poller_open(struct lsk_memory memory, int *err) {
  *err = lsk_fork_watch();
  if (*err < 0) return NULL;
  struct lsk_poller *poller =
      memory.allocate(memory.ud, NULL, 0, sizeof *poller);
  *err = poller == NULL ? -ENOMEM : 0;
  if (poller == NULL) return NULL;
  *poller = (struct lsk_poller){.memory = memory, .forks = lsk_fork_count()};
  return poller;
}

static void release(struct lsk_memory memory, void *block, size_t size) {
  if (block != NULL) (void)memory.allocate(memory.ud, block, size, 0);
}

void lsk_poller_close(struct lsk_poller *poller, struct lsk_memory memory) {
  release(memory, poller->fds, poller->fd_room * sizeof *poller->fds);
  release(memory, poller->entries, poller->room * sizeof *poller->entries);
  release(memory, poller, sizeof *poller);
}

bool lsk_poller_is_stale(const struct lsk_poller *poller) {
  return poller->forks != lsk_fork_count();
}

/* The parent process watches what is here; this one begins anew. */
static void renew(struct lsk_poller *poller) {
  for (size_t i = 0; i < poller->count; i++)
    poller->fds[poller->entries[i].fd].place = 0;
  poller->count = poller->next = 0;
  poller->forks = lsk_fork_count();
}

/* A larger block with the same content | NULL, and then nothing has changed. */
static void *grow(struct lsk_memory memory, void *block, size_t element,
                  size_t *room, size_t least) {
  size_t larger = *room == 0 ? LEAST_ROOM : *room;
  while (larger < least) larger *= 2;
  void *grown =
      memory.allocate(memory.ud, block, *room * element, larger * element);
  if (grown != NULL) *room = larger;
  return grown;
}

/* Makes room for the fd: 0 | -ENOMEM. */
static int reserve_fd(struct lsk_poller *poller, size_t fd) {
  size_t known = poller->fd_room;
  if (fd < known) return 0;
  struct watched *fds =
      grow(poller->memory, poller->fds, sizeof *fds, &poller->fd_room, fd + 1);
  if (fds == NULL) return -ENOMEM;
  poller->fds = fds;
  for (size_t i = known; i < poller->fd_room; i++) fds[i] = (struct watched){0};
  return 0;
}

/* Makes room for one more entry: 0 | -ENOMEM. */
static int reserve_entry(struct lsk_poller *poller) {
  if (poller->count < poller->room) return 0;
  struct pollfd *entries =
      grow(poller->memory, poller->entries, sizeof *entries, &poller->room,
           poller->count + 1);
  if (entries == NULL) return -ENOMEM;
  poller->entries = entries;
  return 0;
}

/* 0 for what can be waited for | -EPERM for a file, -errno. */
static int check_kind(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? -EPERM : 0;
}

/* Takes the entry out; the last one comes to its place. */
static void drop(struct lsk_poller *poller, size_t place) {
  poller->fds[poller->entries[place - 1].fd].place = 0;
  struct pollfd last = poller->entries[--poller->count];
  if (place > poller->count) return;
  poller->entries[place - 1] = last;
  poller->fds[last.fd].place = (uint32_t)place;
}

void lsk_poller_unwatch(struct lsk_poller *poller, int fd) {
  if (lsk_poller_is_stale(poller)) return;
  if (fd < 0 || (size_t)fd >= poller->fd_room) return;
  if (poller->fds[fd].place != 0) drop(poller, poller->fds[fd].place);
}

/* Makes an fd known, whatever had its number before. */
static int admit(struct lsk_poller *poller, int fd, uint32_t generation) {
  int rc = check_kind(fd);
  if (rc == 0) rc = reserve_fd(poller, (size_t)fd);
  if (rc < 0) return rc;
  lsk_poller_unwatch(poller, fd);
  poller->fds[fd].generation = generation;
  return 0;
}

int lsk_poller_watch(struct lsk_poller *poller, int fd, uint32_t generation,
                     int events, bool is_new) {
  if (lsk_poller_is_stale(poller)) renew(poller);
  int rc = is_new ? admit(poller, fd, generation) : 0;
  if (rc < 0) return rc;
  struct watched *watched = &poller->fds[fd];
  if (watched->place == 0) {
    rc = reserve_entry(poller);
    if (rc < 0) return rc;
    poller->entries[poller->count++] = (struct pollfd){.fd = fd};
    watched->place = (uint32_t)poller->count;
  }
  struct pollfd *entry = &poller->entries[watched->place - 1];
  entry->events = (short)(entry->events | events);
  return 0;
}

/* A closed fd is told, too: whoever waits for it sees what its call says. */
static int translate(int ready) {
  int events = ready & (LSK_READABLE | LSK_WRITABLE | LSK_PRIORITY);
  if (ready & (POLLHUP | POLLERR | POLLNVAL))
    events = LSK_READABLE | LSK_WRITABLE | LSK_HANGUP;
  return events;
}

/* Tells what became of the entry at the place, and watches for that no more. */
static struct lsk_event tell(struct lsk_poller *poller, size_t place) {
  struct pollfd *entry = &poller->entries[place - 1];
  struct lsk_event event = {
      .fd = entry->fd,
      .generation = poller->fds[entry->fd].generation,
      .events = translate(entry->revents),
  };
  entry->revents = 0;
  entry->events = (short)(entry->events & ~event.events);
  if (entry->events == 0 || (event.events & LSK_HANGUP)) drop(poller, place);
  return event;
}

/* Tells as many as fit, and goes on behind them the next time: so nobody is
   left out for long. Downwards, as what is dropped is replaced by the last. */
static int collect(struct lsk_poller *poller, struct lsk_event *events) {
  int found = 0;
  size_t place = poller->next < poller->count ? poller->next : 0;
  for (size_t left = poller->count; left > 0 && found < LSK_EVENTS; left--) {
    if (place == 0) place = poller->count;
    if (poller->entries[place - 1].revents != 0)
      events[found++] = tell(poller, place);
    place--;
  }
  poller->next = place;
  return found;
}

int lsk_poller_wait(struct lsk_poller *poller, struct lsk_event *events,
                    int milliseconds) {
  if (lsk_poller_is_stale(poller)) renew(poller);
  int rc = lsk_sys_poll(poller->entries, poller->count, milliseconds);
  return rc <= 0 ? rc : collect(poller, events);
}

#endif
