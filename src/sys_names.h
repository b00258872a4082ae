/*
** What the system knows of this machine and of services without asking others.
** Nothing here raises.
*/

#ifndef LSK_SYS_NAMES_H
#define LSK_SYS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include <ifaddrs.h>

/* Room for the name of a host or of a service. */
#define LSK_NAME_MAX 1025

/* This machine's name: 0 | -errno. */
int lsk_sys_hostname(char name[LSK_NAME_MAX]);

/* The port of a service of that protocol ("tcp", "udp"); -1 when unknown. */
int lsk_sys_service_port(const char *service, const char *protocol);

/* The name of the service at that port; false when there is none. */
bool lsk_sys_service_name(int port, const char *protocol,
                          char name[LSK_NAME_MAX]);

/* The addresses of the network interfaces: 0 | -errno. The list is the
   caller's, for freeifaddrs. */
int lsk_sys_ifaddrs(struct ifaddrs **list);

/* The index of the interface of that name; 0 when there is none. */
unsigned int lsk_sys_ifindex(const char *name);

#endif
