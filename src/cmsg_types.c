/*
** The control messages whose values are known.
*/

#include "cmsg_types.h"

#include "codec_ip.h"
#include "consts.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

/* What the platform lacks is left out. Of rows with the same numbers the first
   is the one that is shown. */
static const struct lsk_cmsg_type types[] = {
    {SOL_SOCKET, SCM_RIGHTS, "rights", &lsk_codec_rights},
#ifdef SCM_CREDENTIALS
    {SOL_SOCKET, SCM_CREDENTIALS, "credentials", &lsk_codec_credentials},
#endif
#ifdef SCM_TIMESTAMP
    {SOL_SOCKET, SCM_TIMESTAMP, "timestamp", &lsk_codec_timeval},
#endif
#ifdef SCM_TIMESTAMPNS
    {SOL_SOCKET, SCM_TIMESTAMPNS, "timestampns", &lsk_codec_timespec},
#endif
#ifdef SCM_TIMESTAMPING
    {SOL_SOCKET, SCM_TIMESTAMPING, "timestamping", &lsk_codec_timespecs},
#endif
#ifdef SO_RXQ_OVFL
    {SOL_SOCKET, SO_RXQ_OVFL, "rxq_ovfl", &lsk_codec_uint32},
#endif
    {IPPROTO_IP, IP_TOS, "tos", &lsk_codec_tos},
    {IPPROTO_IP, IP_TTL, "ttl", &lsk_codec_int},
#ifdef IP_RECVTOS
    {IPPROTO_IP, IP_RECVTOS, "recvtos", &lsk_codec_tos},
#endif
#ifdef IP_RECVTTL
    {IPPROTO_IP, IP_RECVTTL, "recvttl", &lsk_codec_int},
#endif
#ifdef IP_PKTINFO
    {IPPROTO_IP, IP_PKTINFO, "pktinfo", &lsk_codec_pktinfo},
#endif
#ifdef IP_ORIGDSTADDR
    {IPPROTO_IP, IP_ORIGDSTADDR, "origdstaddr", &lsk_codec_sockaddr},
#endif
#ifdef IP_RECVERR
    {IPPROTO_IP, IP_RECVERR, "recverr", &lsk_codec_queued_error},
#endif
#ifdef IP_RECVOPTS
    {IPPROTO_IP, IP_RECVOPTS, "recvopts", &lsk_codec_bytes},
#endif
#ifdef IP_RETOPTS
    {IPPROTO_IP, IP_RETOPTS, "retopts", &lsk_codec_bytes},
#endif
    {IPPROTO_IPV6, IPV6_PKTINFO, "pktinfo", &lsk_codec_pktinfo6},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, "hoplimit", &lsk_codec_int},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, "hoplevel", &lsk_codec_int}, /* Erlang's */
    {IPPROTO_IPV6, IPV6_TCLASS, "tclass", &lsk_codec_int},
#ifdef IPV6_RECVERR
    {IPPROTO_IPV6, IPV6_RECVERR, "recverr", &lsk_codec_queued_error},
#endif
#ifdef IPV6_ORIGDSTADDR
    {IPPROTO_IPV6, IPV6_ORIGDSTADDR, "origdstaddr", &lsk_codec_sockaddr},
#endif
    {IPPROTO_IPV6, IPV6_HOPOPTS, "hopopts", &lsk_codec_bytes},
    {IPPROTO_IPV6, IPV6_DSTOPTS, "dstopts", &lsk_codec_bytes},
    {IPPROTO_IPV6, IPV6_RTHDR, "rthdr", &lsk_codec_bytes},
#ifdef UDP_GRO
    {IPPROTO_UDP, UDP_GRO, "gro", &lsk_codec_int},
#endif
};

#define COUNT (sizeof types / sizeof types[0])

const struct lsk_cmsg_type *lsk_cmsg_type(int level, int type) {
  for (size_t i = 0; i < COUNT; i++)
    if (types[i].level == level && types[i].type == type) return &types[i];
  return NULL;
}

const struct lsk_cmsg_type *lsk_cmsg_type_named(int level, const char *name,
                                                size_t length) {
  for (size_t i = 0; i < COUNT; i++)
    if (types[i].level == level && lsk_same_name(name, length, types[i].name))
      return &types[i];
  return NULL;
}
