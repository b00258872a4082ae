/*
** What a service manager tells a process about the fds that it has opened for
** it, as sd_listen_fds(3) describes it. Nothing here raises.
*/

#ifndef LSK_ACTIVATION_H
#define LSK_ACTIVATION_H

/* The first of these fds; the others follow it. */
#define LSK_ACTIVATION_FIRST 3

/* How many there are, 0 where none are for this process | -errno. They become
   close-on-exec. */
int lsk_activation_count(void);

/* Their names with a ':' between, or NULL. */
const char *lsk_activation_names(void);

/* Takes what was told out of the environment: programs that are started from
   here have no such fds. */
void lsk_activation_forget(void);

#endif
