/*
** Work on other threads: how many there are, what becomes of work that nobody
** waits for any more, and of the pool in a child process.
*/

#include "pool.h"

#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than anything here takes. */
#define PATIENCE 20000

struct task {
  struct lsk_work work;
  int gate; /* its run reads a byte from here first, unless it is -1 */
  int result;
  bool blocks_signals;
};

static atomic_int running, most_running, destroyed;

static bool are_signals_blocked(void) {
  sigset_t set;
  return pthread_sigmask(SIG_SETMASK, NULL, &set) == 0 &&
         sigismember(&set, SIGINT) == 1 && sigismember(&set, SIGTERM) == 1;
}

static void run(struct lsk_work *work) {
  struct task *task = (struct task *)(void *)work;
  int now = atomic_fetch_add(&running, 1) + 1;
  int most = atomic_load(&most_running);
  while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now))
    continue;
  char byte;
  if (task->gate >= 0) task->result = (int)read(task->gate, &byte, 1);
  task->blocks_signals = are_signals_blocked();
  (void)atomic_fetch_sub(&running, 1);
}

static void destroy(struct lsk_work *work) {
  free(work);
  (void)atomic_fetch_add(&destroyed, 1);
}

static struct task *new_task(int gate) {
  struct task *task = calloc(1, sizeof *task);
  if (task == NULL) abort();
  task->work.run = run;
  task->work.destroy = destroy;
  task->gate = gate;
  return task;
}

/* Each has a wake of its own, which outlives it: its fd. */
static int start(struct task *task) {
  static struct lsk_wake wakes[1000];
  static size_t count;
  if (count == sizeof wakes / sizeof *wakes) abort();
  struct lsk_wake *wake = &wakes[count++];
  return lsk_pool_start(&task->work, wake) == 0 ? wake->wait_fd : -1;
}

static bool becomes_readable(int fd) {
  struct pollfd entry = {.fd = fd, .events = POLLIN};
  return poll(&entry, 1, PATIENCE) == 1;
}

/* Waits, in small steps, until the counter has come to that value. */
static bool comes_to(const atomic_int *counter, int value) {
  for (int i = 0; i < PATIENCE; i++) {
    if (atomic_load(counter) == value) return true;
    (void)poll(NULL, 0, 1);
  }
  return false;
}

static void open_gate(int gates[2]) {
  if (pipe(gates) < 0) abort();
}

/* Lets `count` tasks through. */
static void let_through(const int gates[2], int count) {
  for (int i = 0; i < count; i++) CHECK(write(gates[1], "x", 1) == 1);
}

static void close_gate(const int gates[2]) {
  (void)close(gates[0]);
  (void)close(gates[1]);
}

static void test_one(void) {
  struct task *task = new_task(-1);
  CHECK(lsk_pool_state(&task->work) == LSK_WORK_NEW);
  int fd = start(task);
  CHECK(fd >= 0);
  CHECK(becomes_readable(fd));
  CHECK(lsk_pool_state(&task->work) == LSK_WORK_DONE);
  CHECK(task->blocks_signals);
  lsk_pool_drop(&task->work);
  CHECK(atomic_exchange(&destroyed, 0) == 1);
}

/* The wake lasts until the last of those who share it has gone. */
static void test_shared_wake(void) {
  enum { COUNT = 5 };
  struct task *tasks[COUNT];
  struct lsk_wake wake = {0};
  int gates[2];
  open_gate(gates);
  int lowest = dup(gates[0]);
  (void)close(lowest);
  for (int i = 0; i < COUNT; i++) {
    tasks[i] = new_task(gates[0]);
    CHECK(lsk_pool_start(&tasks[i]->work, &wake) == 0);
  }
  for (int i = 0; i < COUNT; i++) {
    let_through(gates, 1);
    CHECK(becomes_readable(wake.wait_fd));
    lsk_wake_drain(&wake);
    struct pollfd entry = {.fd = wake.wait_fd, .events = POLLIN};
    CHECK(poll(&entry, 1, 0) == 0);
  }
  for (int i = 0; i < COUNT; i++) {
    CHECK(lsk_pool_state(&tasks[i]->work) == LSK_WORK_DONE);
    CHECK(wake.users == (size_t)(COUNT - i));
    lsk_pool_drop(&tasks[i]->work);
  }
  int fd = dup(gates[0]);
  CHECK(fd == lowest);
  (void)close(fd);
  CHECK(atomic_exchange(&destroyed, 0) == COUNT);
  atomic_store(&most_running, 0);
  close_gate(gates);
}

static void test_never_started(void) {
  lsk_pool_drop(&new_task(-1)->work);
  CHECK(atomic_exchange(&destroyed, 0) == 1);
}

/* Three times as much work as there may be threads. */
static void test_bound(void) {
  enum { COUNT = 3 * LSK_POOL_THREADS };
  struct task *tasks[COUNT];
  int gates[2], fds[COUNT];
  open_gate(gates);
  for (int i = 0; i < COUNT; i++) {
    tasks[i] = new_task(gates[0]);
    fds[i] = start(tasks[i]);
    CHECK(fds[i] >= 0);
  }
  CHECK(comes_to(&running, LSK_POOL_THREADS));
  CHECK(lsk_pool_state(&tasks[COUNT - 1]->work) == LSK_WORK_QUEUED);
  let_through(gates, COUNT);
  for (int i = 0; i < COUNT; i++) {
    CHECK(becomes_readable(fds[i]));
    CHECK(lsk_pool_state(&tasks[i]->work) == LSK_WORK_DONE);
    CHECK(tasks[i]->result == 1);
    lsk_pool_drop(&tasks[i]->work);
  }
  CHECK(atomic_exchange(&most_running, 0) == LSK_POOL_THREADS);
  CHECK(atomic_exchange(&destroyed, 0) == COUNT);
  close_gate(gates);
}

/* What runs is destroyed when it ends, what is queued at once; the fds of both
   are gone at once. */
static void test_drop(void) {
  enum { QUEUED = 5, COUNT = LSK_POOL_THREADS + QUEUED };
  struct task *tasks[COUNT];
  int gates[2];
  open_gate(gates);
  int lowest = dup(gates[0]);
  (void)close(lowest);
  for (int i = 0; i < COUNT; i++) {
    tasks[i] = new_task(gates[0]);
    CHECK(start(tasks[i]) >= 0);
  }
  CHECK(comes_to(&running, LSK_POOL_THREADS));
  static const int order[QUEUED] = {2, 0, 4, 1, 3}; /* middle, first, last */
  for (int i = 0; i < QUEUED; i++)
    lsk_pool_drop(&tasks[LSK_POOL_THREADS + order[i]]->work);
  CHECK(atomic_load(&destroyed) == QUEUED);
  for (int i = 0; i < LSK_POOL_THREADS; i++) lsk_pool_drop(&tasks[i]->work);
  CHECK(atomic_load(&destroyed) == QUEUED);
  int fd = dup(gates[0]);
  CHECK(fd == lowest);
  (void)close(fd);
  let_through(gates, LSK_POOL_THREADS);
  CHECK(comes_to(&destroyed, COUNT));
  atomic_store(&destroyed, 0);
  close_gate(gates);
}

/* What was dropped and does not end holds up nobody, neither what is queued
   already nor what comes, until there is too much of it. */
static void test_abandoned(void) {
  enum { HUNG = LSK_POOL_MOST, WAITING = 3 };
  struct task *waiting[WAITING];
  int gates[2], fds[WAITING];
  open_gate(gates);
  for (int i = 0; i < HUNG; i += LSK_POOL_THREADS) {
    struct task *tasks[LSK_POOL_THREADS];
    for (int j = 0; j < LSK_POOL_THREADS; j++) {
      tasks[j] = new_task(gates[0]);
      CHECK(start(tasks[j]) >= 0);
    }
    CHECK(comes_to(&running, i + LSK_POOL_THREADS));
    struct task *queued = new_task(-1);
    int fd = start(queued);
    CHECK(lsk_pool_state(&queued->work) == LSK_WORK_QUEUED);
    for (int j = 0; j < LSK_POOL_THREADS; j++) lsk_pool_drop(&tasks[j]->work);
    if (i + LSK_POOL_THREADS < HUNG) CHECK(becomes_readable(fd));
    lsk_pool_drop(&queued->work);
  }
  for (int i = 0; i < WAITING; i++) {
    waiting[i] = new_task(-1);
    fds[i] = start(waiting[i]);
  }
  CHECK(atomic_load(&running) == HUNG);
  CHECK(lsk_pool_state(&waiting[0]->work) == LSK_WORK_QUEUED);
  let_through(gates, HUNG);
  for (int i = 0; i < WAITING; i++) {
    CHECK(becomes_readable(fds[i]));
    lsk_pool_drop(&waiting[i]->work);
  }
  CHECK(comes_to(&destroyed, HUNG + HUNG / LSK_POOL_THREADS + WAITING));
  CHECK(comes_to(&running, 0));
  atomic_store(&destroyed, 0);
  atomic_store(&most_running, 0);
  close_gate(gates);
}

/* In the child: one's own work is done, what the parent's threads have is
   lost, and both can be dropped. */
static int child(struct task *busy, struct task *waiting) {
  atomic_store(&destroyed, 0);
  CHECK(lsk_pool_state(&busy->work) == LSK_WORK_LOST);
  CHECK(lsk_pool_state(&waiting->work) == LSK_WORK_LOST);
  lsk_pool_drop(&busy->work);
  lsk_pool_drop(&waiting->work);
  CHECK(atomic_exchange(&destroyed, 0) == 2);
  test_one();
  return check_result();
}

static void test_fork(void) {
  struct task *tasks[LSK_POOL_THREADS + 1];
  int gates[2], fd = -1;
  open_gate(gates);
  for (int i = 0; i <= LSK_POOL_THREADS; i++) {
    tasks[i] = new_task(gates[0]);
    fd = start(tasks[i]);
  }
  CHECK(comes_to(&running, LSK_POOL_THREADS));
  (void)fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    int rc = child(tasks[0], tasks[LSK_POOL_THREADS]);
    (void)fflush(NULL);
    _exit(rc);
  }
  int status = -1;
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  let_through(gates, LSK_POOL_THREADS + 1);
  CHECK(becomes_readable(fd));
  for (int i = 0; i <= LSK_POOL_THREADS; i++) lsk_pool_drop(&tasks[i]->work);
  CHECK(comes_to(&destroyed, LSK_POOL_THREADS + 1));
  atomic_store(&destroyed, 0);
  close_gate(gates);
}

int main(void) {
  test_never_started();
  test_one();
  test_shared_wake();
  test_bound();
  test_drop();
  test_bound();
  test_abandoned();
  test_bound();
  test_fork();
  test_one();
  return check_result();
}
