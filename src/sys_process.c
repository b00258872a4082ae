/*
** What processes are to each other.
*/

#include "sys_process.h"

#include "compat.h"

#include <signal.h>
#include <unistd.h>

#if LSK_HAVE_PDEATHSIG

#include <sys/prctl.h>

bool lsk_sys_end_with_parent(pid_t parent) {
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  return getppid() == parent;
}

#else

bool lsk_sys_end_with_parent(pid_t parent) {
  return getppid() == parent;
}

#endif
