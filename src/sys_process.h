/*
** What processes are to each other. Nothing here raises.
*/

#ifndef LSK_SYS_PROCESS_H
#define LSK_SYS_PROCESS_H

#include <stdbool.h>

#include <sys/types.h>

/* Gets this process a SIGTERM when its parent ends, where the system can do
   that; false when that parent has ended already. */
bool lsk_sys_end_with_parent(pid_t parent);

#endif
