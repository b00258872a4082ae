/*
** The system headers that define the constants of consts.list. Those that not
** every system has are taken where they exist: what they define is absent
** elsewhere.
*/

#ifndef LSK_CONSTS_HEADERS_H
#define LSK_CONSTS_HEADERS_H

#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/netlink.h>)
#include <linux/netlink.h>
#endif
#if __has_include(<linux/vm_sockets.h>)
#include <linux/vm_sockets.h>
#endif
#endif

/* Elsewhere the kernel's header and the library's define the same types. */
#if defined(__GLIBC__) && defined(__has_include)
#if __has_include(<linux/if.h>)
#include <linux/if.h>
#endif
#if __has_include(<linux/in6.h>)
#include <linux/in6.h>
#endif
#if __has_include(<linux/sctp.h>)
#include <linux/sctp.h>
#endif
#if __has_include(<netatalk/at.h>)
#include <netatalk/at.h>
#endif
#if __has_include(<netax25/ax25.h>)
#include <netax25/ax25.h>
#endif
#if __has_include(<netipx/ipx.h>)
#include <netipx/ipx.h>
#endif
#endif

/* An enumerator without a macro of its name, unlike its neighbours. */
#if defined(__GLIBC__) && !defined(IPPORT_USERRESERVED)
#define IPPORT_USERRESERVED IPPORT_USERRESERVED
#endif

#endif
