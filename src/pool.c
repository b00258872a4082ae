/*
** A few threads that do work which blocks.
*/

#include "pool.h"

#include <stddef.h>

#include <pthread.h>
#include <signal.h>
#include <time.h>

/* How many threads stay when there is nothing to do. */
#define SPARE_THREADS 2

/* How long a fork waits for threads that work, or begin to, in nanoseconds:
   what runs then may hold locks of the C library, which the child could never
   take.
 */
#define FORK_PATIENCE 50000000L

/*
** One for the process, whatever number of Lua states it has. Everything here,
** and the state of all work given to it, is guarded by the lock.
*/
static struct {
  pthread_mutex_t lock;
  pthread_cond_t is_filled; /* there is work in the queue */
  pthread_cond_t is_quiet;  /* all threads wait */
  struct lsk_work *first, *last;
  size_t queued;
  size_t threads;   /* all there are */
  size_t idle;      /* those that wait for work */
  size_t abandoned; /* those whose work was dropped */
  bool is_forking;  /* no work begins */
  unsigned generation;
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .is_filled = PTHREAD_COND_INITIALIZER,
    .is_quiet = PTHREAD_COND_INITIALIZER,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock(void) {
  (void)pthread_mutex_lock(&pool.lock);
}

static void unlock(void) {
  (void)pthread_mutex_unlock(&pool.lock);
}

static struct timespec fork_deadline(void) {
  struct timespec end = {0};
  (void)clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += FORK_PATIENCE;
  end.tv_sec += end.tv_nsec / 1000000000L;
  end.tv_nsec %= 1000000000L;
  return end;
}

/* A look-up that takes longer waits for an answer, and holds no lock. */
static void before_fork(void) {
  struct timespec end = fork_deadline();
  int err = 0;
  lock();
  pool.is_forking = true;
  while (pool.idle < pool.threads && err == 0)
    err = pthread_cond_timedwait(&pool.is_quiet, &pool.lock, &end);
}

static void after_fork(void) {
  pool.is_forking = false;
  (void)pthread_cond_broadcast(&pool.is_filled);
  unlock();
}

/*
** The child has only the thread that forked, so the pool is empty there. The
** work that it had is lost: its owners in the child see that by the generation.
*/
static void after_fork_in_child(void) {
  pool.is_filled = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  pool.is_quiet = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  pool.first = pool.last = NULL;
  pool.queued = pool.threads = pool.idle = pool.abandoned = 0;
  pool.is_forking = false;
  pool.generation++;
  unlock();
}

static void heed_forks(void) {
  (void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void append(struct lsk_work *work) {
  work->next = NULL;
  if (pool.last == NULL)
    pool.first = work;
  else
    pool.last->next = work;
  pool.last = work;
  pool.queued++;
}

static void unlink_work(struct lsk_work *work) {
  struct lsk_work *before = NULL;
  for (struct lsk_work *at = pool.first; at != work; at = at->next) before = at;
  if (before == NULL)
    pool.first = work->next;
  else
    before->next = work->next;
  if (pool.last == work) pool.last = before;
  pool.queued--;
}

/* How many threads there may be now. */
static size_t most_threads(void) {
  size_t most = LSK_POOL_THREADS + pool.abandoned;
  return most < LSK_POOL_MOST ? most : LSK_POOL_MOST;
}

/* The next work, waited for; NULL when this thread is one too many, as it may
   be once abandoned work has come back. */
static struct lsk_work *take(void) {
  if (pool.threads > most_threads()) return NULL;
  while (pool.first == NULL || pool.is_forking) {
    if (pool.idle >= SPARE_THREADS && !pool.is_forking) return NULL;
    if (++pool.idle == pool.threads) (void)pthread_cond_signal(&pool.is_quiet);
    (void)pthread_cond_wait(&pool.is_filled, &pool.lock);
    pool.idle--;
  }
  struct lsk_work *work = pool.first;
  unlink_work(work);
  return work;
}

/* Holds the lock, except while the work runs. */
static void run(struct lsk_work *work) {
  work->state = LSK_WORK_RUNNING;
  unlock();
  work->run(work);
  lock();
  work->state = LSK_WORK_DONE;
  if (!work->dropped) {
    lsk_wake_post(work->wake); /* under the lock: it may be dropped after */
    return;
  }
  pool.abandoned--;
  unlock();
  work->destroy(work);
  lock();
}

static void *serve(void *unused) {
  lock();
  for (struct lsk_work *work; (work = take()) != NULL;) run(work);
  if (--pool.threads == pool.idle) (void)pthread_cond_signal(&pool.is_quiet);
  unlock();
  return unused;
}

/* A thread takes no signals: they are for the program's own threads. */
static int add_thread(void) {
  pthread_t thread;
  sigset_t all, before;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  int err = pthread_create(&thread, NULL, serve, NULL);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (err != 0) return -err;
  (void)pthread_detach(thread);
  pool.threads++;
  return 0;
}

/* Makes a thread if the queue needs one and there may be one: 0 | -errno. */
static int add_needed_thread(void) {
  bool is_needed = pool.queued > pool.idle && pool.threads < most_threads();
  return is_needed ? add_thread() : 0;
}

/* Queues the work and sees to it that somebody takes it: 0 | -errno. */
static int enqueue(struct lsk_work *work) {
  append(work);
  int rc = add_needed_thread();
  if (rc < 0 && pool.threads == 0) {
    unlink_work(work);
    return rc;
  }
  work->state = LSK_WORK_QUEUED;
  work->generation = pool.generation;
  (void)pthread_cond_signal(&pool.is_filled);
  return 0;
}

int lsk_pool_start(struct lsk_work *work, struct lsk_wake *wake) {
  (void)pthread_once(&once, heed_forks);
  int rc = lsk_wake_use(wake);
  if (rc < 0) return rc;
  work->wake = wake;
  lock();
  rc = enqueue(work);
  unlock();
  if (rc < 0) lsk_wake_leave(wake);
  return rc;
}

/* Whether threads of the parent process have the work, or had it. */
static bool is_lost(const struct lsk_work *work) {
  return work->generation != pool.generation &&
         (work->state == LSK_WORK_QUEUED || work->state == LSK_WORK_RUNNING);
}

enum lsk_work_state lsk_pool_state(struct lsk_work *work) {
  lock();
  enum lsk_work_state state = is_lost(work) ? LSK_WORK_LOST : work->state;
  unlock();
  return state;
}

void lsk_pool_drop(struct lsk_work *work) {
  lock();
  bool lost = is_lost(work);
  struct lsk_wake *wake = work->state == LSK_WORK_NEW ? NULL : work->wake;
  if (work->state == LSK_WORK_QUEUED && !lost) unlink_work(work);
  bool runs = work->state == LSK_WORK_RUNNING && !lost;
  work->dropped = runs;
  if (runs) {
    pool.abandoned++;
    (void)add_needed_thread(); /* without it the queue waits, as it did */
  }
  unlock();
  if (wake != NULL) lsk_wake_leave(wake);
  if (!runs) work->destroy(work);
}
