/*
** Counts forks. A child has one thread when it counts, so nothing is locked.
*/

#include "fork.h"

#include <pthread.h>

unsigned lsk_forks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int outcome;

static void count(void) {
  lsk_forks++;
}

static void watch(void) {
  outcome = -pthread_atfork(NULL, NULL, count);
}

int lsk_fork_watch(void) {
  (void)pthread_once(&once, watch);
  return outcome;
}
