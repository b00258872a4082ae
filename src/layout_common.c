/*
** How the system lays out the values of socket options and control messages.
*/

#include "layout.h"

#include "compat.h"
#include "layout_fields.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

/* A value that is one field. */
#define SINGLE(layout_name, layout_size, ...)                                  \
  static const struct lsk_field layout_name##_field[] = {                      \
      {.size = layout_size, __VA_ARGS__}};                                     \
  const struct lsk_layout lsk_layout_##layout_name = {                         \
      .fields = layout_name##_field, .count = 1, .size = layout_size}

static const struct lsk_word hops_words[] = {{"default", -1}, {NULL, 0}};

static const struct lsk_word tos_words[] = {
    {"lowdelay", IPTOS_LOWDELAY},
    {"throughput", IPTOS_THROUGHPUT},
    {"reliability", IPTOS_RELIABILITY},
    {"mincost", IPTOS_MINCOST},
    {NULL, 0},
};

static const struct lsk_word family_words[] = {
    {"inet", AF_INET}, {"inet6", AF_INET6}, {NULL, 0}};

#if defined(IP_PMTUDISC_WANT)

static const struct lsk_word pmtudisc_words[] = {
    {"want", IP_PMTUDISC_WANT},
    {"dont", IP_PMTUDISC_DONT},
    {"do", IP_PMTUDISC_DO},
    {"probe", IP_PMTUDISC_PROBE},
    {NULL, 0},
};

#else

static const struct lsk_word pmtudisc_words[] = {{NULL, 0}};

#endif

SINGLE(bool, sizeof(int), .kind = LSK_BOOL);
SINGLE(int, sizeof(int), .kind = LSK_INT);
SINGLE(uint, sizeof(int), .kind = LSK_UINT);
SINGLE(byte, sizeof(int), .kind = LSK_BYTE);
SINGLE(ttl, sizeof(int), .kind = LSK_HOPS);
SINGLE(hops, sizeof(int), .kind = LSK_BYTE, .words = hops_words);
SINGLE(tos, sizeof(int), .kind = LSK_BYTE, .words = tos_words);
SINGLE(pmtudisc, sizeof(int), .kind = LSK_INT, .words = pmtudisc_words);
SINGLE(domain, sizeof(int), .kind = LSK_DOMAIN);
SINGLE(type, sizeof(int), .kind = LSK_TYPE);
SINGLE(protocol, sizeof(int), .kind = LSK_PROTOCOL);
SINGLE(addrform, sizeof(int), .kind = LSK_INT, .words = family_words);
SINGLE(ipv4, sizeof(struct in_addr), .kind = LSK_IPV4);
SINGLE(ifindex, sizeof(int), .kind = LSK_IFINDEX);
SINGLE(name, 1, .kind = LSK_NAME);
SINGLE(string, 1, .kind = LSK_STRING);
SINGLE(header, 1, .kind = LSK_HEADER);
SINGLE(tcp_info, 1, .kind = LSK_STATISTICS);

static const struct lsk_field linger_fields[] = {
    NEEDED("onoff", struct linger, l_onoff, LSK_BOOL),
    FIELD("linger", struct linger, l_linger, LSK_INT),
};

/* A close that sends a reset. */
static const struct linger linger_abort = {1, 0};

const struct lsk_layout lsk_layout_linger = {
    .fields = linger_fields,
    .count = COUNT(linger_fields),
    .size = sizeof(struct linger),
    .word = "abort",
    .word_bytes = &linger_abort,
    .word_size = sizeof linger_abort,
};

static const struct lsk_field timeval_fields[] = {
    NEEDED("sec", struct timeval, tv_sec, LSK_INT),
    NEEDED("usec", struct timeval, tv_usec, LSK_INT),
};

LAYOUT(timeval, struct timeval);

static const struct lsk_field timespec_fields[] = {
    NEEDED("sec", struct timespec, tv_sec, LSK_INT),
    NEEDED("nsec", struct timespec, tv_nsec, LSK_INT),
};

LAYOUT(timespec, struct timespec);

static const struct lsk_field ip_mreq_fields[] = {
    NEEDED("multiaddr", struct ip_mreq, imr_multiaddr, LSK_IPV4),
    FIELD("interface", struct ip_mreq, imr_interface, LSK_IPV4),
};

LAYOUT(ip_mreq, struct ip_mreq);

static const struct lsk_field ipv6_mreq_fields[] = {
    NEEDED("multiaddr", struct ipv6_mreq, ipv6mr_multiaddr, LSK_IPV6),
    FIELD("interface", struct ipv6_mreq, ipv6mr_interface, LSK_IFINDEX),
};

LAYOUT(ipv6_mreq, struct ipv6_mreq);

static const struct lsk_field ipv6_pktinfo_fields[] = {
    FIELD("addr", struct in6_pktinfo, ipi6_addr, LSK_IPV6),
    FIELD("ifindex", struct in6_pktinfo, ipi6_ifindex, LSK_IFINDEX),
};

LAYOUT(ipv6_pktinfo, struct in6_pktinfo);

#if LSK_HAVE_PEERCRED

static const struct lsk_field ucred_fields[] = {
    NEEDED("pid", struct ucred, pid, LSK_INT),
    NEEDED("uid", struct ucred, uid, LSK_UINT),
    NEEDED("gid", struct ucred, gid, LSK_UINT),
};

LAYOUT(ucred, struct ucred);

#else

ABSENT(ucred);

#endif

#if LSK_HAVE_IP_PKTINFO

static const struct lsk_field ip_pktinfo_fields[] = {
    FIELD("ifindex", struct in_pktinfo, ipi_ifindex, LSK_IFINDEX),
    FIELD("spec_dst", struct in_pktinfo, ipi_spec_dst, LSK_IPV4),
    FIELD("addr", struct in_pktinfo, ipi_addr, LSK_IPV4),
};

LAYOUT(ip_pktinfo, struct in_pktinfo);

#else

ABSENT(ip_pktinfo);

#endif

#if LSK_HAVE_SOURCE_FILTER

static const struct lsk_field ip_mreq_source_fields[] = {
    NEEDED("multiaddr", struct ip_mreq_source, imr_multiaddr, LSK_IPV4),
    FIELD("interface", struct ip_mreq_source, imr_interface, LSK_IPV4),
    NEEDED("sourceaddr", struct ip_mreq_source, imr_sourceaddr, LSK_IPV4),
};

LAYOUT(ip_mreq_source, struct ip_mreq_source);

static const struct lsk_word filter_words[] = {
    {"include", MCAST_INCLUDE}, {"exclude", MCAST_EXCLUDE}, {NULL, 0}};

static const struct lsk_field ip_msfilter_fields[] = {
    NEEDED("multiaddr", struct ip_msfilter, imsf_multiaddr, LSK_IPV4),
    FIELD("interface", struct ip_msfilter, imsf_interface, LSK_IPV4),
    {.name = "mode",
     .kind = LSK_UINT,
     .offset = offsetof(struct ip_msfilter, imsf_fmode),
     .size = SIZE(struct ip_msfilter, imsf_fmode),
     .is_needed = 1,
     .words = filter_words},
    COUNTED("slist", struct ip_msfilter, imsf_slist, imsf_numsrc,
            LSK_COUNTED_IPV4),
};

const struct lsk_layout lsk_layout_ip_msfilter = {
    .fields = ip_msfilter_fields,
    .count = COUNT(ip_msfilter_fields),
    .size = IP_MSFILTER_SIZE(0),
    .word = "null",
};

#else

ABSENT(ip_mreq_source);
ABSENT(ip_msfilter);

#endif

#if LSK_HAVE_TCP_MD5SIG

static const struct lsk_field md5sig_fields[] = {
    NEEDED("addr", struct tcp_md5sig, tcpm_addr, LSK_ADDRESS),
    {.name = "key",
     .kind = LSK_COUNTED_BYTES,
     .offset = offsetof(struct tcp_md5sig, tcpm_key),
     .size = SIZE(struct tcp_md5sig, tcpm_key),
     .count_at = offsetof(struct tcp_md5sig, tcpm_keylen),
     .count_size = SIZE(struct tcp_md5sig, tcpm_keylen),
     .is_needed = 1},
};

LAYOUT(md5sig, struct tcp_md5sig);

#else

ABSENT(md5sig);

#endif
