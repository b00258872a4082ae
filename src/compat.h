/*
** What the platform has beyond POSIX: one macro a feature, 1 or 0.
** `make PORTABLE=1` sets those for calls to 0, so that the other branch is
** tested too.
*/

#ifndef LSK_COMPAT_H
#define LSK_COMPAT_H

#include <limits.h> /* with it, a C library tells its name */

#if defined(LSK_PORTABLE)
#define LSK_LINUX 0
#elif defined(__linux__)
#define LSK_LINUX 1
#else
#define LSK_LINUX 0
#endif

/* Link-layer addresses (struct sockaddr_ll): a layout, not a call. */
#if defined(__linux__)
#define LSK_HAVE_PACKET 1
#else
#define LSK_HAVE_PACKET 0
#endif

/* Addresses of the kernel's own services (struct sockaddr_nl), and of virtual
   machines (struct sockaddr_vm): layouts as well. */
#if defined(__linux__)
#define LSK_HAVE_NETLINK 1
#else
#define LSK_HAVE_NETLINK 0
#endif
#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/vm_sockets.h>)
#define LSK_HAVE_VSOCK 1
#endif
#endif
#if !defined(LSK_HAVE_VSOCK)
#define LSK_HAVE_VSOCK 0
#endif

/* SO_PEERCRED tells who is at the other end; elsewhere getpeereid(3) does. */
#if defined(__linux__)
#define LSK_HAVE_PEERCRED 1
#else
#define LSK_HAVE_PEERCRED 0
#endif

/* accept4(2), and SOCK_CLOEXEC / SOCK_NONBLOCK in socket(2). */
#define LSK_HAVE_ACCEPT4 LSK_LINUX

/* SO_DOMAIN and SO_PROTOCOL tell what an unknown fd is. */
#define LSK_HAVE_SO_DOMAIN LSK_LINUX

/* recv(2) with MSG_TRUNC tells a datagram's whole length. */
#define LSK_HAVE_TRUNC_LENGTH LSK_LINUX

/* recvmsg(2) makes passed fds close-on-exec (MSG_CMSG_CLOEXEC). */
#define LSK_HAVE_CMSG_CLOEXEC LSK_LINUX

/* A queue of errors beside that of messages (MSG_ERRQUEUE). */
#if defined(__linux__)
#define LSK_HAVE_ERROR_QUEUE 1
#else
#define LSK_HAVE_ERROR_QUEUE 0
#endif

/* eventfd(2): an fd that one thread makes readable for another. */
#define LSK_HAVE_EVENTFD LSK_LINUX

/* gethostbyaddr_r(3), getservbyname_r(3) and their like, in GNU's form. */
#define LSK_HAVE_NETDB_R LSK_LINUX

/* splice(2), sendfile(2) as Linux has it, pipe2(2). */
#define LSK_HAVE_SPLICE LSK_LINUX

/* recvmmsg(2) and sendmmsg(2): several datagrams with one call. */
#define LSK_HAVE_RECVMMSG LSK_LINUX

/* setns(2): a thread goes to another namespace. */
#define LSK_HAVE_SETNS LSK_LINUX

/* epoll(7): which of many fds have become ready. */
#define LSK_HAVE_EPOLL LSK_LINUX

/* prctl(2) lets a process get a signal when its parent ends. */
#define LSK_HAVE_PDEATHSIG LSK_LINUX

/* Return addresses that the processor keeps a second time, on a stack of its
   own. */
#if defined(__ARM_FEATURE_GCS_DEFAULT)
#define LSK_HAVE_SHADOW_STACK 1
#elif defined(__CET__)
#define LSK_HAVE_SHADOW_STACK (__CET__ >> 1)
#else
#define LSK_HAVE_SHADOW_STACK 0
#endif

/* Instructions that change the C stack, but no shadow stack: so `make
   CFLAGS=-fcf-protection` tests the other branch. */
#if defined(LSK_PORTABLE) || LSK_HAVE_SHADOW_STACK || !defined(__ELF__)
#define LSK_HAVE_SWITCH 0
#elif defined(__x86_64__) && defined(__LP64__)
#define LSK_HAVE_SWITCH 1
#elif defined(__AARCH64EL__) && defined(__LP64__)
#define LSK_HAVE_SWITCH 1
#else
#define LSK_HAVE_SWITCH 0
#endif

/* makecontext(3) and its like, which POSIX has given up and musl never had. */
#if defined(__GLIBC__) && !defined(LSK_PORTABLE)
#define LSK_HAVE_UCONTEXT 1
#else
#define LSK_HAVE_UCONTEXT 0
#endif

/* A way from one C stack to another. */
#define LSK_HAVE_CSTACK (LSK_HAVE_SWITCH || LSK_HAVE_UCONTEXT)

/* IP_PKTINFO tells and sets the local address of an IPv4 datagram. */
#if defined(__linux__)
#define LSK_HAVE_IP_PKTINFO 1
#else
#define LSK_HAVE_IP_PKTINFO 0
#endif

/* ioctl(2) tells of network interfaces and sets them (struct ifreq). */
#define LSK_HAVE_IFREQ LSK_LINUX

/* Multicast from chosen sources (IP_MSFILTER) and signed segments
   (TCP_MD5SIG): layouts, not calls. */
#if defined(__linux__)
#define LSK_HAVE_SOURCE_FILTER 1
#define LSK_HAVE_TCP_MD5SIG 1
#else
#define LSK_HAVE_SOURCE_FILTER 0
#define LSK_HAVE_TCP_MD5SIG 0
#endif

/* The layouts of SCTP's options, where the kernel's header has all of them.
 */
#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/sctp.h>) && __has_include(<linux/version.h>)
#include <linux/version.h>
#define LSK_HAVE_SCTP (LINUX_VERSION_CODE >= KERNEL_VERSION(4, 20, 0))
#endif
#endif
#if !defined(LSK_HAVE_SCTP)
#define LSK_HAVE_SCTP 0
#endif

#endif
