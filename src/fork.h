/*
** Tells whether this process is a child of the one that made something.
*/

#ifndef LSK_FORK_H
#define LSK_FORK_H

/* How many forks led from the process that asked first to this one. Only
   lsk_fork_count reads it. */
extern unsigned lsk_forks;

/* Counts forks from here on: 0 | -errno. Costs little when that is so
   already. */
int lsk_fork_watch(void);

/* A number that a child of fork(2) has other than its parent. Costs no system
   call. */
static inline unsigned lsk_fork_count(void) {
  return lsk_forks;
}

#endif
