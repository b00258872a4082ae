/*
** How the system lays out the values of SCTP's options. The names are Erlang's
** where it has some, else the kernel's without their prefix.
*/

#include "layout.h"

#include "compat.h"
#include "layout_fields.h"

#if LSK_HAVE_SCTP

#include <stdint.h>

#include <sys/socket.h>

#include <linux/sctp.h>

static const struct lsk_field sctp_assocparams_fields[] = {
    FIELD("assoc_id", struct sctp_assocparams, sasoc_assoc_id, LSK_INT),
    FIELD("max_rxt", struct sctp_assocparams, sasoc_asocmaxrxt, LSK_UINT),
    FIELD("num_peer_dests", struct sctp_assocparams,
          sasoc_number_peer_destinations, LSK_UINT),
    FIELD("peer_rwnd", struct sctp_assocparams, sasoc_peer_rwnd, LSK_UINT),
    FIELD("local_rwnd", struct sctp_assocparams, sasoc_local_rwnd, LSK_UINT),
    FIELD("cookie_life", struct sctp_assocparams, sasoc_cookie_life, LSK_UINT),
};

LAYOUT(sctp_assocparams, struct sctp_assocparams);

/* A number; of the association, that of the socket is taken. */
static const struct lsk_field sctp_assoc_value_fields[] = {
    NEEDED(NULL, struct sctp_assoc_value, assoc_value, LSK_UINT),
};

LAYOUT(sctp_assoc_value, struct sctp_assoc_value);

static const struct lsk_field sctp_setadaptation_fields[] = {
    NEEDED("adaptation_ind", struct sctp_setadaptation, ssb_adaptation_ind,
           LSK_UINT),
};

LAYOUT(sctp_setadaptation, struct sctp_setadaptation);

static const struct lsk_field sctp_authchunk_fields[] = {
    NEEDED("chunk", struct sctp_authchunk, sauth_chunk, LSK_UINT),
};

LAYOUT(sctp_authchunk, struct sctp_authchunk);

static const struct lsk_field sctp_authchunks_fields[] = {
    FIELD("assoc_id", struct sctp_authchunks, gauth_assoc_id, LSK_INT),
    COUNTED("chunks", struct sctp_authchunks, gauth_chunks,
            gauth_number_of_chunks, LSK_COUNTED_BYTES),
};

LAYOUT(sctp_authchunks, struct sctp_authchunks);

static const struct lsk_field sctp_authkey_fields[] = {
    FIELD("assoc_id", struct sctp_authkey, sca_assoc_id, LSK_INT),
    FIELD("keynumber", struct sctp_authkey, sca_keynumber, LSK_UINT),
    COUNTED("key", struct sctp_authkey, sca_key, sca_keylength,
            LSK_COUNTED_BYTES),
};

LAYOUT(sctp_authkey, struct sctp_authkey);

static const struct lsk_field sctp_authkeyid_fields[] = {
    FIELD("assoc_id", struct sctp_authkeyid, scact_assoc_id, LSK_INT),
    NEEDED("keynumber", struct sctp_authkeyid, scact_keynumber, LSK_UINT),
};

LAYOUT(sctp_authkeyid, struct sctp_authkeyid);

static const struct lsk_field sctp_events_fields[] = {
    FIELD("data_in", struct sctp_event_subscribe, sctp_data_io_event, LSK_BOOL),
    FIELD("association", struct sctp_event_subscribe, sctp_association_event,
          LSK_BOOL),
    FIELD("address", struct sctp_event_subscribe, sctp_address_event, LSK_BOOL),
    FIELD("send_failure", struct sctp_event_subscribe, sctp_send_failure_event,
          LSK_BOOL),
    FIELD("peer_error", struct sctp_event_subscribe, sctp_peer_error_event,
          LSK_BOOL),
    FIELD("shutdown", struct sctp_event_subscribe, sctp_shutdown_event,
          LSK_BOOL),
    FIELD("partial_delivery", struct sctp_event_subscribe,
          sctp_partial_delivery_event, LSK_BOOL),
    FIELD("adaptation_layer", struct sctp_event_subscribe,
          sctp_adaptation_layer_event, LSK_BOOL),
    FIELD("authentication", struct sctp_event_subscribe,
          sctp_authentication_event, LSK_BOOL),
    FIELD("sender_dry", struct sctp_event_subscribe, sctp_sender_dry_event,
          LSK_BOOL),
};

LAYOUT(sctp_events, struct sctp_event_subscribe);

static const struct lsk_field sctp_hmacalgo_fields[] = {
    COUNTED("idents", struct sctp_hmacalgo, shmac_idents, shmac_num_idents,
            LSK_COUNTED_UINT16),
};

LAYOUT(sctp_hmacalgo, struct sctp_hmacalgo);

static const struct lsk_field sctp_initmsg_fields[] = {
    FIELD("num_outstreams", struct sctp_initmsg, sinit_num_ostreams, LSK_UINT),
    FIELD("max_instreams", struct sctp_initmsg, sinit_max_instreams, LSK_UINT),
    FIELD("max_attempts", struct sctp_initmsg, sinit_max_attempts, LSK_UINT),
    FIELD("max_init_timeo", struct sctp_initmsg, sinit_max_init_timeo,
          LSK_UINT),
};

LAYOUT(sctp_initmsg, struct sctp_initmsg);

static const struct lsk_field sctp_paddrinfo_fields[] = {
    FIELD("assoc_id", struct sctp_paddrinfo, spinfo_assoc_id, LSK_INT),
    FIELD("address", struct sctp_paddrinfo, spinfo_address, LSK_ADDRESS),
    FIELD("state", struct sctp_paddrinfo, spinfo_state, LSK_INT),
    FIELD("cwnd", struct sctp_paddrinfo, spinfo_cwnd, LSK_UINT),
    FIELD("srtt", struct sctp_paddrinfo, spinfo_srtt, LSK_UINT),
    FIELD("rto", struct sctp_paddrinfo, spinfo_rto, LSK_UINT),
    FIELD("mtu", struct sctp_paddrinfo, spinfo_mtu, LSK_UINT),
};

LAYOUT(sctp_paddrinfo, struct sctp_paddrinfo);

static const struct lsk_field sctp_paddrparams_fields[] = {
    FIELD("assoc_id", struct sctp_paddrparams, spp_assoc_id, LSK_INT),
    FIELD("address", struct sctp_paddrparams, spp_address, LSK_ADDRESS),
    FIELD("hbinterval", struct sctp_paddrparams, spp_hbinterval, LSK_UINT),
    FIELD("pathmaxrxt", struct sctp_paddrparams, spp_pathmaxrxt, LSK_UINT),
    FIELD("pathmtu", struct sctp_paddrparams, spp_pathmtu, LSK_UINT),
    FIELD("sackdelay", struct sctp_paddrparams, spp_sackdelay, LSK_UINT),
    FIELD("flags", struct sctp_paddrparams, spp_flags, LSK_UINT),
    FIELD("ipv6_flowlabel", struct sctp_paddrparams, spp_ipv6_flowlabel,
          LSK_UINT),
    FIELD("dscp", struct sctp_paddrparams, spp_dscp, LSK_UINT),
};

LAYOUT(sctp_paddrparams, struct sctp_paddrparams);

/* The same for one's own primary address and for the peer's. */
static const struct lsk_field sctp_prim_fields[] = {
    FIELD("assoc_id", struct sctp_prim, ssp_assoc_id, LSK_INT),
    NEEDED("addr", struct sctp_prim, ssp_addr, LSK_ADDRESS),
};

LAYOUT(sctp_prim, struct sctp_prim);

static const struct lsk_field sctp_reset_streams_fields[] = {
    FIELD("assoc_id", struct sctp_reset_streams, srs_assoc_id, LSK_INT),
    FIELD("flags", struct sctp_reset_streams, srs_flags, LSK_UINT),
    COUNTED("streams", struct sctp_reset_streams, srs_stream_list,
            srs_number_streams, LSK_COUNTED_UINT16),
};

LAYOUT(sctp_reset_streams, struct sctp_reset_streams);

static const struct lsk_field sctp_rtoinfo_fields[] = {
    FIELD("assoc_id", struct sctp_rtoinfo, srto_assoc_id, LSK_INT),
    FIELD("initial", struct sctp_rtoinfo, srto_initial, LSK_UINT),
    FIELD("max", struct sctp_rtoinfo, srto_max, LSK_UINT),
    FIELD("min", struct sctp_rtoinfo, srto_min, LSK_UINT),
};

LAYOUT(sctp_rtoinfo, struct sctp_rtoinfo);

static const struct lsk_field sctp_sack_info_fields[] = {
    FIELD("assoc_id", struct sctp_sack_info, sack_assoc_id, LSK_INT),
    FIELD("delay", struct sctp_sack_info, sack_delay, LSK_UINT),
    FIELD("freq", struct sctp_sack_info, sack_freq, LSK_UINT),
};

LAYOUT(sctp_sack_info, struct sctp_sack_info);

static const struct lsk_field sctp_sndrcvinfo_fields[] = {
    FIELD("stream", struct sctp_sndrcvinfo, sinfo_stream, LSK_UINT),
    FIELD("ssn", struct sctp_sndrcvinfo, sinfo_ssn, LSK_UINT),
    FIELD("flags", struct sctp_sndrcvinfo, sinfo_flags, LSK_UINT),
    FIELD("ppid", struct sctp_sndrcvinfo, sinfo_ppid, LSK_UINT),
    FIELD("context", struct sctp_sndrcvinfo, sinfo_context, LSK_UINT),
    FIELD("timetolive", struct sctp_sndrcvinfo, sinfo_timetolive, LSK_UINT),
    FIELD("tsn", struct sctp_sndrcvinfo, sinfo_tsn, LSK_UINT),
    FIELD("cumtsn", struct sctp_sndrcvinfo, sinfo_cumtsn, LSK_UINT),
    FIELD("assoc_id", struct sctp_sndrcvinfo, sinfo_assoc_id, LSK_INT),
};

LAYOUT(sctp_sndrcvinfo, struct sctp_sndrcvinfo);

static const struct lsk_field sctp_status_fields[] = {
    FIELD("assoc_id", struct sctp_status, sstat_assoc_id, LSK_INT),
    FIELD("state", struct sctp_status, sstat_state, LSK_INT),
    FIELD("rwnd", struct sctp_status, sstat_rwnd, LSK_UINT),
    FIELD("unackdata", struct sctp_status, sstat_unackdata, LSK_UINT),
    FIELD("penddata", struct sctp_status, sstat_penddata, LSK_UINT),
    FIELD("instrms", struct sctp_status, sstat_instrms, LSK_UINT),
    FIELD("outstrms", struct sctp_status, sstat_outstrms, LSK_UINT),
    FIELD("fragmentation_point", struct sctp_status, sstat_fragmentation_point,
          LSK_UINT),
    {.name = "primary",
     .kind = LSK_STRUCT,
     .offset = offsetof(struct sctp_status, sstat_primary),
     .size = sizeof(struct sctp_paddrinfo),
     .inner = &lsk_layout_sctp_paddrinfo},
};

LAYOUT(sctp_status, struct sctp_status);

#else

ABSENT(sctp_assocparams);
ABSENT(sctp_assoc_value);
ABSENT(sctp_authchunk);
ABSENT(sctp_authchunks);
ABSENT(sctp_authkey);
ABSENT(sctp_authkeyid);
ABSENT(sctp_events);
ABSENT(sctp_hmacalgo);
ABSENT(sctp_initmsg);
ABSENT(sctp_paddrinfo);
ABSENT(sctp_paddrparams);
ABSENT(sctp_prim);
ABSENT(sctp_reset_streams);
ABSENT(sctp_rtoinfo);
ABSENT(sctp_sack_info);
ABSENT(sctp_setadaptation);
ABSENT(sctp_sndrcvinfo);
ABSENT(sctp_status);

#endif
