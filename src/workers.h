/*
** Several processes that run the same script, and the one that watches over
** them.
*/

#ifndef LSK_WORKERS_H
#define LSK_WORKERS_H

/*
** Starts `count` workers. Returns in each of them with its number in `*worker`,
** from 1; and in the process that called, when all have ended, with the
** process's status and 0 in `*worker`.
**
** A worker that fails is started anew, one that ends well is not. SIGTERM,
** SIGINT and SIGHUP make the workers end: each gets a SIGTERM, and whoever is
** still there some time after `grace` seconds is killed; a second signal is
** passed on, too. What happens is told on stderr, in the name of `program`.
*/
int lsk_workers_run(const char *program, int count, double grace, int *worker);

#endif
