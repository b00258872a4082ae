/*
** What the poller tells of an fd, and when; whose event it is after the fd's
** number was used again; what a child process has of it. Holds for both back
** ends: an event may be superfluous, but none is missing.
*/

#include "poller.h"
#include "sys_io.h"

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t allocated;
static bool is_memory_out;

static void *allocate(void *ud, void *block, size_t old, size_t new) {
  (void)ud;
  if (new > 0 && is_memory_out) return NULL;
  allocated += new - (block == NULL ? 0 : old);
  if (new > 0) return realloc(block, new);
  free(block);
  return NULL;
}

static const struct lsk_memory memory = {allocate, NULL};

static struct lsk_poller *new_poller(void) {
  int err = 1;
  struct lsk_poller *poller = lsk_poller_open(memory, &err);
  CHECK(err == 0);
  if (poller == NULL) abort();
  return poller;
}

static void delete_poller(struct lsk_poller *poller) {
  lsk_poller_close(poller, memory);
  CHECK(allocated == 0);
}

static void open_pair(int fds[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0) abort();
}

static void close_pair(struct lsk_poller *poller, const int fds[2]) {
  for (int i = 0; i < 2; i++) {
    if (!lsk_poller_forgets) lsk_poller_unwatch(poller, fds[i]);
    (void)close(fds[i]);
  }
}

static void watch_new(struct lsk_poller *poller, int fd, uint32_t generation,
                      int events) {
  CHECK(lsk_poller_watch(poller, fd, generation, events, true) == 0);
}

static void watch_again(struct lsk_poller *poller, int fd, uint32_t generation,
                        int events) {
  CHECK(lsk_poller_watch(poller, fd, generation, events, false) == 0);
}

/* Everything that is to be told of an fd right now. */
static int told(struct lsk_poller *poller, int fd, uint32_t generation) {
  struct lsk_event events[LSK_EVENTS];
  int all = 0, count;
  while ((count = lsk_poller_wait(poller, events, 0)) > 0) {
    for (int i = 0; i < count; i++) {
      if (events[i].fd == fd && events[i].generation == generation)
        all |= events[i].events;
    }
  }
  CHECK(count == 0);
  return all;
}

static void put(int fd, const char *bytes, size_t length) {
  CHECK(send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static void test_readable(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  char byte;
  open_pair(fds);
  watch_new(poller, fds[0], 7, LSK_READABLE);
  CHECK(!(told(poller, fds[0], 7) & LSK_READABLE));
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 7) & LSK_READABLE);
  CHECK(told(poller, fds[0], 7) == 0); /* once */
  CHECK(recv(fds[0], &byte, 1, 0) == 1);
  watch_again(poller, fds[0], 7, LSK_READABLE);
  CHECK(!(told(poller, fds[0], 7) & LSK_READABLE));
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 7) & LSK_READABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

/* What is there before the fd is watched is told, too. */
static void test_ready_before(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  put(fds[1], "a", 1);
  watch_new(poller, fds[0], 0, LSK_READABLE);
  CHECK(told(poller, fds[0], 0) & LSK_READABLE);
  watch_new(poller, fds[1], UINT32_MAX, LSK_WRITABLE);
  CHECK(told(poller, fds[1], UINT32_MAX) == LSK_WRITABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

/* Some bytes stay where they are; more are news all the same. */
static void test_short_read(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  char bytes[2];
  open_pair(fds);
  watch_new(poller, fds[0], 1, LSK_READABLE);
  put(fds[1], "abc", 3);
  CHECK(told(poller, fds[0], 1) & LSK_READABLE);
  CHECK(recv(fds[0], bytes, 2, 0) == 2);
  put(fds[1], "d", 1);
  watch_again(poller, fds[0], 1, LSK_READABLE);
  CHECK(told(poller, fds[0], 1) & LSK_READABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

static size_t fill(int fd) {
  static const char bytes[4096];
  size_t total = 0;
  ssize_t sent;
  while ((sent = send(fd, bytes, sizeof bytes, MSG_NOSIGNAL)) > 0)
    total += (size_t)sent;
  return total;
}

static void drain(int fd, size_t total) {
  char bytes[4096];
  for (ssize_t got; total > 0; total -= (size_t)got) {
    got = recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) abort();
  }
}

static void test_both_directions(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  size_t total = fill(fds[0]);
  watch_new(poller, fds[0], 1, LSK_WRITABLE);
  watch_again(poller, fds[0], 1, LSK_READABLE);
  CHECK(told(poller, fds[0], 1) == 0);
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 1) == LSK_READABLE);
  drain(fds[1], total);
  CHECK(told(poller, fds[0], 1) & LSK_WRITABLE);
  total = fill(fds[0]);
  watch_again(poller, fds[0], 1, LSK_READABLE | LSK_WRITABLE);
  (void)told(poller, fds[0], 1); /* the byte is still there */
  drain(fds[1], total);
  watch_again(poller, fds[0], 1, LSK_WRITABLE);
  CHECK(told(poller, fds[0], 1) & LSK_WRITABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

static void test_end_of_stream(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  watch_new(poller, fds[0], 1, LSK_READABLE);
  (void)told(poller, fds[0], 1);
  put(fds[1], "a", 1);
  CHECK(shutdown(fds[1], SHUT_WR) == 0);
  int events = told(poller, fds[0], 1);
  CHECK(events & LSK_READABLE);
  CHECK((events & LSK_HANGUP) || !lsk_poller_forgets); /* poll does not say */
  close_pair(poller, fds);
  delete_poller(poller);
}

static void test_hangup(void) {
  const int all = LSK_READABLE | LSK_WRITABLE | LSK_HANGUP;
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  watch_new(poller, fds[0], 1, LSK_PRIORITY);
  (void)told(poller, fds[0], 1);
  (void)close(fds[1]);
  CHECK(told(poller, fds[0], 1) == all);
  CHECK(told(poller, fds[0], 1) == 0);
  lsk_poller_unwatch(poller, fds[0]);
  watch_new(poller, fds[0], 2, LSK_WRITABLE);
  CHECK(told(poller, fds[0], 2) == all);
  (void)close(fds[0]);
  delete_poller(poller);
}

static void test_unwatch(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  lsk_poller_unwatch(poller, fds[0]); /* not watched */
  watch_new(poller, fds[0], 1, LSK_READABLE);
  watch_new(poller, fds[1], 2, LSK_READABLE);
  lsk_poller_unwatch(poller, fds[0]);
  lsk_poller_unwatch(poller, fds[0]);
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 1) == 0);
  put(fds[0], "a", 1);
  CHECK(told(poller, fds[1], 2) & LSK_READABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

/* The number comes back while a copy of the closed fd is still open: events of
   both may come, each with its own generation. */
static void test_number_used_again(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2], others[2];
  open_pair(fds);
  open_pair(others);
  watch_new(poller, fds[0], 1, LSK_READABLE);
  (void)told(poller, fds[0], 1);
  int copy = dup(fds[0]);
  if (!lsk_poller_forgets) lsk_poller_unwatch(poller, fds[0]);
  CHECK(dup2(others[0], fds[0]) == fds[0]);
  watch_new(poller, fds[0], 2, LSK_READABLE);
  (void)told(poller, fds[0], 2);
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 2) == 0);
  put(others[1], "a", 1);
  CHECK(told(poller, fds[0], 2) & LSK_READABLE);
  (void)close(copy);
  close_pair(poller, fds);
  close_pair(poller, others);
  delete_poller(poller);
}

/* Watched as new though it is watched already: what it is now counts. */
static void test_new_generation(void) {
  struct lsk_poller *poller = new_poller();
  int fds[2];
  open_pair(fds);
  watch_new(poller, fds[0], 1, LSK_READABLE);
  put(fds[1], "a", 1);
  watch_new(poller, fds[0], 2, LSK_READABLE);
  CHECK(told(poller, fds[0], 2) & LSK_READABLE);
  CHECK(told(poller, fds[0], 1) == 0);
  close_pair(poller, fds);
  delete_poller(poller);
}

static void test_files(void) {
  struct lsk_poller *poller = new_poller();
  FILE *file = tmpfile();
  int folder = open("/", O_RDONLY | O_CLOEXEC);
  if (file == NULL || folder < 0) abort();
  int fd = fileno(file);
  CHECK(lsk_poller_watch(poller, fd, 1, LSK_READABLE, true) == -EPERM);
  CHECK(lsk_poller_watch(poller, folder, 1, LSK_READABLE, true) == -EPERM);
  CHECK(told(poller, fd, 1) == 0);
  (void)fclose(file);
  CHECK(lsk_poller_watch(poller, fd, 1, LSK_READABLE, true) == -EBADF);
  (void)close(folder);
  delete_poller(poller);
}

static void test_memory_out(void) {
  int err = 0, fds[2];
  is_memory_out = true;
  CHECK(lsk_poller_open(memory, &err) == NULL);
  CHECK(err == -ENOMEM);
  is_memory_out = false;
  struct lsk_poller *poller = new_poller();
  open_pair(fds);
  is_memory_out = true;
  int rc = lsk_poller_watch(poller, fds[0], 1, LSK_READABLE, true);
  CHECK(rc == (lsk_poller_forgets ? 0 : -ENOMEM));
  is_memory_out = false;
  watch_new(poller, fds[0], 1, LSK_READABLE);
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 1) & LSK_READABLE);
  close_pair(poller, fds);
  delete_poller(poller);
}

static void ignore(int number) {
  (void)number;
}

/* A signal ends the wait, which would last for ever. */
static void test_signal(void) {
  struct lsk_poller *poller = new_poller();
  struct lsk_event events[LSK_EVENTS];
  struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  CHECK(lsk_poller_wait(poller, events, -1) == -EINTR);
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  CHECK(lsk_poller_wait(poller, events, 1) == 0);
  delete_poller(poller);
}

/* A program that is started gets nothing of it. */
static void test_close_on_exec(void) {
  int lowest = dup(0);
  (void)close(lowest);
  struct lsk_poller *poller = new_poller();
  int flags = fcntl(lowest, F_GETFD);
  CHECK(flags == -1 || (flags & FD_CLOEXEC));
  delete_poller(poller);
}

/* In the child: the poller is empty, and its own. */
static int child(struct lsk_poller *poller, const int fds[2]) {
  struct lsk_event events[LSK_EVENTS];
  struct rlimit limit, none;
  int own[2];
  CHECK(lsk_poller_is_stale(poller));
  lsk_poller_unwatch(poller, fds[0]);
  open_pair(own);
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  none = limit;
  none.rlim_cur = 0;
  CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
  int rc = lsk_poller_wait(poller, events, 0);
  CHECK(rc == (lsk_poller_forgets ? -EMFILE : 0));
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  put(fds[1], "a", 1);
  CHECK(told(poller, fds[0], 1) == 0);
  CHECK(!lsk_poller_is_stale(poller));
  watch_new(poller, own[0], 1, LSK_READABLE);
  put(own[1], "a", 1);
  CHECK(told(poller, own[0], 1) & LSK_READABLE);
  watch_new(poller, fds[0], 2, LSK_READABLE);
  CHECK(told(poller, fds[0], 2) & LSK_READABLE);
  lsk_poller_unwatch(poller, fds[0]);
  close_pair(poller, own);
  lsk_poller_close(poller, memory);
  return check_result();
}

/* Watching is the first that the child does. */
static int watching_child(struct lsk_poller *poller, const int fds[2]) {
  put(fds[1], "a", 1);
  watch_new(poller, fds[0], 2, LSK_READABLE);
  CHECK(told(poller, fds[0], 2) & LSK_READABLE);
  CHECK(told(poller, fds[0], 1) == 0);
  return check_result();
}

static void test_fork(int (*run)(struct lsk_poller *, const int[2])) {
  struct lsk_poller *poller = new_poller();
  int fds[2], status = -1;
  open_pair(fds);
  watch_new(poller, fds[0], 1, LSK_READABLE);
  CHECK(!(told(poller, fds[0], 1) & LSK_READABLE));
  (void)fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    int rc = run(poller, fds);
    (void)fflush(NULL);
    _exit(rc);
  }
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(!lsk_poller_is_stale(poller));
  CHECK(told(poller, fds[0], 1) & LSK_READABLE); /* the child's byte */
  close_pair(poller, fds);
  delete_poller(poller);
}

/* How many pairs may be opened, at most `wanted`. */
static int raise_limit(int wanted) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  rlim_t needed = (rlim_t)wanted * 2 + 100;
  if (limit.rlim_cur >= needed) return wanted;
  limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_cur < needed ? (int)((limit.rlim_cur - 100) / 2) : wanted;
}

/* Waits until all of them were told to be readable, each once. */
static int count_readable(struct lsk_poller *poller, int (*pairs)[2],
                          int count) {
  struct lsk_event events[LSK_EVENTS];
  int found = 0, ready;
  while ((ready = lsk_poller_wait(poller, events, 0)) > 0) {
    for (int i = 0; i < ready; i++) {
      uint32_t index = events[i].generation;
      CHECK(index < (uint32_t)count && pairs[index][0] == events[i].fd);
      if (events[i].events & LSK_READABLE) found++;
    }
  }
  CHECK(ready == 0);
  return found;
}

static void test_many(void) {
  enum { MOST = 5000, ROUNDS = 3 };
  struct lsk_poller *poller = new_poller();
  int(*pairs)[2] = calloc(MOST, sizeof *pairs);
  int count = raise_limit(MOST);
  char byte;
  if (pairs == NULL) abort();
  for (int i = 0; i < count; i++) {
    open_pair(pairs[i]);
    watch_new(poller, pairs[i][0], (uint32_t)i,
              i % 3 == 0 ? LSK_READABLE : LSK_READABLE | LSK_PRIORITY);
  }
  CHECK(count_readable(poller, pairs, count) == 0);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < count; i++) put(pairs[i][1], "a", 1);
    CHECK(count_readable(poller, pairs, count) == count);
    for (int i = 0; i < count; i++) {
      CHECK(recv(pairs[i][0], &byte, 1, 0) == 1);
      watch_again(poller, pairs[i][0], (uint32_t)i, LSK_READABLE);
    }
  }
  for (int i = 0; i < count; i++) close_pair(poller, pairs[i]);
  free(pairs);
  delete_poller(poller);
}

/* More are always ready than one wait tells: each has its turn. */
static void test_turns(void) {
  enum { COUNT = LSK_EVENTS + LSK_EVENTS / 2 };
  struct lsk_poller *poller = new_poller();
  struct lsk_event events[LSK_EVENTS];
  int pairs[COUNT][2], turns[COUNT] = {0}, idle = 0;
  for (int i = 0; i < COUNT; i++) {
    open_pair(pairs[i]);
    put(pairs[i][1], "a", 1);
    watch_new(poller, pairs[i][0], (uint32_t)i, LSK_READABLE | LSK_PRIORITY);
  }
  for (int round = 0; round < 6; round++) {
    int count = lsk_poller_wait(poller, events, 0);
    CHECK(count == LSK_EVENTS);
    for (int i = 0; i < count; i++) {
      turns[events[i].generation]++;
      put(pairs[events[i].generation][1], "a", 1);
      watch_again(poller, events[i].fd, events[i].generation, LSK_READABLE);
    }
  }
  for (int i = 0; i < COUNT; i++) idle += turns[i] < 2;
  CHECK(idle == 0);
  for (int i = 0; i < COUNT; i++) close_pair(poller, pairs[i]);
  delete_poller(poller);
}

int main(void) {
  test_readable();
  test_ready_before();
  test_short_read();
  test_both_directions();
  test_end_of_stream();
  test_hangup();
  test_unwatch();
  test_number_used_again();
  test_new_generation();
  test_files();
  test_memory_out();
  test_signal();
  test_close_on_exec();
  test_fork(child);
  test_fork(watching_child);
  test_many();
  test_turns();
  return check_result();
}
