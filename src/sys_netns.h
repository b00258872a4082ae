/*
** Sockets of another network namespace.
*/

#ifndef LSK_SYS_NETNS_H
#define LSK_SYS_NETNS_H

/*
** A new socket in the namespace that the path names: its fd | -errno, of the
** call in `*call`. The calling thread is in that namespace for a moment; should
** it not get back, the process ends. Never raises.
*/
int lsk_sys_socket_in(const char *path, int domain, int type, int protocol,
                      const char **call);

#endif
