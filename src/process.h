/*
** What the interpreter sockeye and the module in it know of the process
** together. The interpreter puts the address of its one into the registry
** before anything is loaded; in every other program there is none, and nothing
** here happens.
*/

#ifndef LSK_PROCESS_H
#define LSK_PROCESS_H

#include <signal.h>

/* The name in the registry: a light userdata. */
#define LSK_PROCESS "socket.process"

/* How far the end of the process has come, in the order of time. */
enum lsk_stop {
  LSK_STOP_NONE,
  LSK_STOP_LOOPS, /* the server loops are to end */
  LSK_STOP_TASKS  /* the time is over: what still runs is to end */
};

struct lsk_process {
  volatile sig_atomic_t stop;  /* enum lsk_stop; signal handlers set it */
  volatile sig_atomic_t loops; /* how many server loops run; they read it */
  int worker;                  /* which of several processes, from 1; 0: none */
};

#endif
