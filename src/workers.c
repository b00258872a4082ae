/*
** Several processes that run the same script, and the one that watches over
** them: it starts those that die anew and passes the end on.
*/

#include "workers.h"

#include "sys_process.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/select.h>
#include <sys/types.h>
#include <sys/wait.h>

/* One that dies earlier, in seconds, waits before it is started anew: the first
   time so long, then twice as long each time, up to a limit. */
#define YOUTH 2.0
#define FIRST_PAUSE 0.1
#define LONGEST_PAUSE 10.0

/* How much longer than the workers' own limit the kill waits. */
#define PATIENCE 2.0

struct worker {
  pid_t id; /* 0: it does not run */
  double started;
  double due;   /* when it is to be started; INFINITY: never again */
  double pause; /* before the next start, if it dies young */
};

struct supervisor {
  const char *program;
  int count;
  double grace;
  double kill_time; /* when those that are left are killed */
  bool is_stopping;
  bool has_failed; /* a worker did not end well when it was to */
  struct worker *workers;
  sigset_t mask_before;
};

static const int watched[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
#define WATCHED (sizeof watched / sizeof watched[0])

static struct sigaction actions_before[WATCHED];

/* How many times the end was asked for, and how many of these are passed on. */
static volatile sig_atomic_t asked;
static sig_atomic_t passed;

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ask(int signal) {
  if (signal != SIGCHLD) asked++;
}

/* The signals come only while the supervisor sleeps, so none is missed. A
   signal that was ignored stays so, but for SIGCHLD. */
static void watch_signals(struct supervisor *all) {
  struct sigaction action = {.sa_handler = ask};
  (void)sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < WATCHED; i++)
    (void)sigaddset(&action.sa_mask, watched[i]);
  (void)pthread_sigmask(SIG_BLOCK, &action.sa_mask, &all->mask_before);
  for (size_t i = 0; i < WATCHED; i++) {
    (void)sigaction(watched[i], NULL, &actions_before[i]);
    bool is_ignored = actions_before[i].sa_handler == SIG_IGN;
    if (watched[i] == SIGCHLD || !is_ignored)
      (void)sigaction(watched[i], &action, NULL);
  }
}

/* As they were before: in a worker, or at the end. */
static void unwatch_signals(const struct supervisor *all) {
  for (size_t i = 0; i < WATCHED; i++)
    (void)sigaction(watched[i], &actions_before[i], NULL);
  (void)pthread_sigmask(SIG_SETMASK, &all->mask_before, NULL);
}

/* Sockets that the service manager has passed are for each worker, although
   they name the supervisor. */
static void take_listen_fds(pid_t parent) {
  char text[32];
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): no second thread yet */
  const char *id = getenv("LISTEN_PID");
  (void)snprintf(text, sizeof text, "%ld", (long)parent);
  if (id == NULL || strcmp(id, text) != 0) return;
  (void)snprintf(text, sizeof text, "%ld", (long)getpid());
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): no second thread yet */
  (void)setenv("LISTEN_PID", text, 1);
}

/* One line on stderr, at one go: workers write there, too. */
static void tell(const struct supervisor *all, const struct worker *worker,
                 const char *event, long id, const char *how) {
  int number = (int)(worker - all->workers) + 1;
  (void)fprintf(stderr, "%s: worker %d %s, pid %ld%s\n", all->program, number,
                event, id, how);
}

/* When one that dies young, or cannot be started, is due again. */
static void postpone(struct worker *worker) {
  worker->due = now() + worker->pause;
  worker->pause = fmin(2 * worker->pause, LONGEST_PAUSE);
}

/* Starts it. Whether this is the new process. */
static bool start(const struct supervisor *all, struct worker *worker) {
  pid_t parent = getpid();
  pid_t id = fork();
  if (id == 0) {
    unwatch_signals(all);
    if (!lsk_sys_end_with_parent(parent)) _exit(EXIT_FAILURE);
    take_listen_fds(parent);
    return true;
  }
  if (id > 0) {
    worker->id = id;
    worker->started = now();
    tell(all, worker, "started", (long)id, "");
  } else {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    (void)fprintf(stderr, "%s: fork(2): %s\n", all->program, strerror(errno));
    postpone(worker);
  }
  return false;
}

/* Starts those that are due. Whether this is a new process; `*number` says
   which, from 1. */
static bool start_due(const struct supervisor *all, int *number) {
  for (int i = 0; i < all->count; i++) {
    struct worker *worker = &all->workers[i];
    if (worker->id != 0 || worker->due > now()) continue;
    *number = i + 1;
    if (start(all, worker)) return true;
  }
  *number = 0;
  return false;
}

/* Whether a worker that has been told to end has done so: also by the signal
   itself, if it ran no server loop. */
static bool has_ended_well(const struct supervisor *all, int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status) == EXIT_SUCCESS;
  bool is_in_time = now() < all->kill_time - PATIENCE;
  return all->is_stopping && is_in_time && WTERMSIG(status) == SIGTERM;
}

static void tell_end(const struct supervisor *all, const struct worker *worker,
                     int status) {
  char how[100], when[50] = "";
  double left = worker->due - now();
  if (isfinite(left) && left > 0)
    (void)snprintf(when, sizeof when, ", starts anew in %.1f s", left);
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
  const char *name = strsignal(signal);
  if (signal == 0)
    (void)snprintf(how, sizeof how, ", status %d%s", WEXITSTATUS(status), when);
  else
    (void)snprintf(how, sizeof how, ", signal %d (%s)%s", signal, name, when);
  tell(all, worker, "ended", (long)worker->id, how);
}

/* Decides what follows the end of a worker. */
static void settle(struct supervisor *all, struct worker *worker, int status) {
  bool is_well = has_ended_well(all, status);
  if (is_well || all->is_stopping) {
    worker->due = INFINITY;
    if (!is_well) all->has_failed = true;
  } else if (now() - worker->started < YOUTH) {
    postpone(worker);
  } else {
    worker->due = 0;
    worker->pause = FIRST_PAUSE;
  }
  tell_end(all, worker, status);
  worker->id = 0;
}

/* Takes notice of those that have ended. */
static void reap(struct supervisor *all) {
  int status;
  pid_t id;
  while ((id = waitpid(-1, &status, WNOHANG)) > 0)
    for (int i = 0; i < all->count; i++)
      if (all->workers[i].id == id) settle(all, &all->workers[i], status);
}

static void send_all(const struct supervisor *all, int signal) {
  for (int i = 0; i < all->count; i++)
    if (all->workers[i].id != 0) (void)kill(all->workers[i].id, signal);
}

/* Nobody is started any more. */
static void begin_end(struct supervisor *all) {
  all->is_stopping = true;
  all->kill_time = now() + all->grace + PATIENCE;
  for (int i = 0; i < all->count; i++) all->workers[i].due = INFINITY;
}

/* Passes on what was asked for, and the kill when it is time. */
static void pass_signals(struct supervisor *all) {
  if (passed != asked) {
    passed = asked;
    if (!all->is_stopping) begin_end(all);
    send_all(all, SIGTERM);
  }
  if (all->is_stopping && now() >= all->kill_time) send_all(all, SIGKILL);
}

static bool is_over(const struct supervisor *all) {
  for (int i = 0; i < all->count; i++)
    if (all->workers[i].id != 0 || isfinite(all->workers[i].due)) return false;
  return true;
}

/* When there is something to do without a signal; INFINITY: never. */
static double next_time(const struct supervisor *all) {
  double next = all->is_stopping ? all->kill_time : INFINITY;
  for (int i = 0; i < all->count; i++)
    if (all->workers[i].id == 0) next = fmin(next, all->workers[i].due);
  return next;
}

/* Until the next signal, or until that time. */
static void sleep_until(const struct supervisor *all, double time) {
  sigset_t mask = all->mask_before;
  for (size_t i = 0; i < WATCHED; i++) (void)sigdelset(&mask, watched[i]);
  double seconds = fmax(time - now(), 0);
  if (isinf(seconds)) {
    (void)pselect(0, NULL, NULL, NULL, NULL, &mask);
    return;
  }
  seconds = fmin(seconds, 1e6) + 1e-3; /* never a little too early */
  struct timespec left = {.tv_sec = (time_t)seconds};
  left.tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
  (void)pselect(0, NULL, NULL, NULL, &left, &mask);
}

static int supervise(struct supervisor *all, int *worker) {
  while (!is_over(all)) {
    if (start_due(all, worker)) return EXIT_SUCCESS;
    sleep_until(all, next_time(all));
    pass_signals(all);
    reap(all);
  }
  unwatch_signals(all);
  return all->has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int lsk_workers_run(const char *program, int count, double grace, int *worker) {
  struct supervisor all = {
      .program = program,
      .count = count,
      .grace = grace,
      .workers = calloc((size_t)count, sizeof *all.workers),
  };
  *worker = 0;
  if (all.workers == NULL) {
    (void)fprintf(stderr, "%s: not enough memory\n", program);
    return EXIT_FAILURE;
  }
  for (int i = 0; i < count; i++) all.workers[i].pause = FIRST_PAUSE;
  watch_signals(&all);
  int status = supervise(&all, worker);
  free(all.workers);
  return status;
}
