/*
** How the system lays out the values of socket options and control messages:
** for each a list of fields, which value.c follows in both directions.
*/

#ifndef LSK_LAYOUT_H
#define LSK_LAYOUT_H

#include <stddef.h>

/* What a field holds. Integers have the field's size, in host order. */
enum lsk_field_kind {
  LSK_BOOL,
  LSK_INT,
  LSK_UINT,
  LSK_BYTE, /* an integer from 0 to 255 */
  LSK_HOPS, /* an integer from 1 to 255 */
  LSK_DOMAIN,
  LSK_TYPE,
  LSK_PROTOCOL,
  LSK_IPV4,    /* 4 bytes */
  LSK_IPV6,    /* 16 bytes */
  LSK_IFINDEX, /* an interface by its number; may be given by its name */
  LSK_ADDRESS, /* a struct sockaddr_storage */
  LSK_STRUCT,  /* fields of its own: `inner` */
  /* Of any length, up to the end of the value: */
  LSK_NAME,       /* text that a NUL ends */
  LSK_STRING,     /* bytes */
  LSK_HEADER,     /* bytes, or false for none */
  LSK_STATISTICS, /* of TCP, which tcp_info.c knows */
  /* The same, and a number elsewhere counts the elements: */
  LSK_COUNTED_BYTES,
  LSK_COUNTED_UINT16,
  LSK_COUNTED_IPV4
};

/* A name for one number; where one is known, it is read and may be written. */
struct lsk_word {
  const char *name; /* NULL ends a list */
  int number;
};

struct lsk_layout;

struct lsk_field {
  const char *name; /* NULL: it is the whole value, no field of a table */
  enum lsk_field_kind kind;
  unsigned short offset;
  unsigned short size;
  unsigned short count_at;   /* where the elements are counted, and in */
  unsigned short count_size; /* how many bytes */
  unsigned char is_needed;   /* to be written; others are 0 by default */
  const struct lsk_word *words;
  const struct lsk_layout *inner;
};

struct lsk_layout {
  const struct lsk_field *fields;
  unsigned short count;
  unsigned short size; /* bytes without the elements that are counted; 0: the
                          platform does not have it */
  const char *word;    /* may be written for these bytes; NULL: none */
  const void *word_bytes;
  unsigned short word_size;
};

/* Values that are no tables. */
extern const struct lsk_layout lsk_layout_bool, lsk_layout_int, lsk_layout_uint,
    lsk_layout_byte, lsk_layout_ttl, lsk_layout_hops, lsk_layout_tos,
    lsk_layout_pmtudisc, lsk_layout_domain, lsk_layout_type,
    lsk_layout_protocol, lsk_layout_addrform, lsk_layout_ipv4,
    lsk_layout_ifindex, lsk_layout_name, lsk_layout_string, lsk_layout_header,
    lsk_layout_tcp_info;

/* Tables. */
extern const struct lsk_layout lsk_layout_linger, lsk_layout_timeval,
    lsk_layout_timespec, lsk_layout_ucred, lsk_layout_ip_mreq,
    lsk_layout_ip_mreq_source, lsk_layout_ip_msfilter, lsk_layout_ipv6_mreq,
    lsk_layout_ip_pktinfo, lsk_layout_ipv6_pktinfo, lsk_layout_md5sig;

/* Those of SCTP. */
extern const struct lsk_layout lsk_layout_sctp_assocparams,
    lsk_layout_sctp_assoc_value, lsk_layout_sctp_authchunk,
    lsk_layout_sctp_authchunks, lsk_layout_sctp_authkey,
    lsk_layout_sctp_authkeyid, lsk_layout_sctp_events, lsk_layout_sctp_hmacalgo,
    lsk_layout_sctp_initmsg, lsk_layout_sctp_paddrinfo,
    lsk_layout_sctp_paddrparams, lsk_layout_sctp_prim,
    lsk_layout_sctp_reset_streams, lsk_layout_sctp_rtoinfo,
    lsk_layout_sctp_sack_info, lsk_layout_sctp_setadaptation,
    lsk_layout_sctp_sndrcvinfo, lsk_layout_sctp_status;

#endif
