/*
** The statistics that the option TCP_INFO gives: some bytes, then numbers of 32
** bits, then what newer kernels append, of 32 or 64 bits.
*/

#include "tcp_info.h"

#include "field.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum unit { COUNT, MILLISECONDS, MICROSECONDS };

static const struct {
  const char *name;
  enum unit unit;
} numbers[] = {
    {"rto", MICROSECONDS},
    {"ato", MICROSECONDS},
    {"snd_mss", COUNT},
    {"rcv_mss", COUNT},
    {"unacked", COUNT},
    {"sacked", COUNT},
    {"lost", COUNT},
    {"retrans", COUNT},
    {"fackets", COUNT},
    {"last_data_sent", MILLISECONDS},
    {"last_ack_sent", MILLISECONDS},
    {"last_data_recv", MILLISECONDS},
    {"last_ack_recv", MILLISECONDS},
    {"pmtu", COUNT},
    {"rcv_ssthresh", COUNT},
    {"rtt", MICROSECONDS},
    {"rttvar", MICROSECONDS},
    {"snd_ssthresh", COUNT},
    {"snd_cwnd", COUNT},
    {"advmss", COUNT},
    {"reordering", COUNT},
    {"rcv_rtt", MICROSECONDS},
    {"rcv_space", COUNT},
    {"total_retrans", COUNT},
};

#define NUMBERS (sizeof numbers / sizeof numbers[0])

/* Only the table has them. */
static const struct {
  const char *name;
  size_t size;
} newer[] = {
    {"pacing_rate", 8},    {"max_pacing_rate", 8}, {"bytes_acked", 8},
    {"bytes_received", 8}, {"segs_out", 4},        {"segs_in", 4},
    {"notsent_bytes", 4},  {"min_rtt", 4},         {"data_segs_in", 4},
    {"data_segs_out", 4},  {"delivery_rate", 8},   {"busy_time", 8},
    {"rwnd_limited", 8},   {"sndbuf_limited", 8},  {"delivered", 4},
    {"delivered_ce", 4},   {"bytes_sent", 8},      {"bytes_retrans", 8},
    {"dsack_dups", 4},     {"reord_seen", 4},      {"rcv_ooopack", 4},
    {"snd_wnd", 4},        {"rcv_wnd", 4},         {"rehash", 4},
};

/* How many bytes stand before the numbers, and which of them is what. */
enum {
  STATE,
  CA_STATE,
  RETRANSMITS,
  PROBES,
  BACKOFF,
  OPTIONS,
  SCALES, /* of the windows: what is sent in the low four bits */
  HEAD = 8
};

static const char *const states[] = {
    NULL,         "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
    "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSED",
    "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING",
};

static const char *const ca_states[] = {"Open", "Disorder", "CWR", "Recovery",
                                        "Loss"};

/* The bits of OPTIONS, from the lowest. */
static const char *const options[] = {"TIMESTAMPS", "SACK",     "WSCALE",
                                      "ECN",        "ECN_SEEN", "SYN_DATA"};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void add_number(luaL_Buffer *text, unsigned number) {
  char digits[16];
  (void)snprintf(digits, sizeof digits, "%u", number);
  luaL_addstring(text, digits);
}

/* Adds "label=" and the name of that index, or the number. */
static void add_name(luaL_Buffer *text, const char *label,
                     const char *const *names, size_t count, unsigned index) {
  luaL_addstring(text, label);
  if (index < count && names[index] != NULL)
    luaL_addstring(text, names[index]);
  else
    add_number(text, index);
}

static void add_byte(luaL_Buffer *text, const char *label, unsigned value) {
  add_name(text, label, NULL, 0, value);
}

/* Adds the names of the bits that are set, and what is left as a number. */
static void add_options(luaL_Buffer *text, unsigned set) {
  const char *separator = "";
  luaL_addstring(text, " options=");
  unsigned left = set;
  for (size_t i = 0; i < LENGTH(options); i++) {
    if ((set & (1U << i)) == 0) continue;
    left &= ~(1U << i);
    luaL_addstring(text, separator);
    luaL_addstring(text, options[i]);
    separator = ",";
  }
  if (set != 0 && left == 0) return;
  luaL_addstring(text, separator);
  add_number(text, left);
}

static void add_quantity(luaL_Buffer *text, size_t which, uint32_t value) {
  char piece[64];
  const char *name = numbers[which].name;
  switch (numbers[which].unit) {
  case MICROSECONDS:
    (void)snprintf(piece, sizeof piece, " %s=%u.%06us", name, value / 1000000,
                   value % 1000000);
    break;
  case MILLISECONDS:
    (void)snprintf(piece, sizeof piece, " %s=%u.%03us", name, value / 1000,
                   value % 1000);
    break;
  default:
    (void)snprintf(piece, sizeof piece, " %s=%u", name, value);
    break;
  }
  luaL_addstring(text, piece);
}

bool lsk_add_tcp_info(luaL_Buffer *text, const char *data, size_t length) {
  const size_t known = HEAD + NUMBERS * sizeof(uint32_t);
  unsigned char head[HEAD];
  if (length < known) return false;
  memcpy(head, data, sizeof head);
  add_name(text, "state=", states, LENGTH(states), head[STATE]);
  add_name(text, " ca_state=", ca_states, LENGTH(ca_states), head[CA_STATE]);
  add_byte(text, " retransmits=", head[RETRANSMITS]);
  add_byte(text, " probes=", head[PROBES]);
  add_byte(text, " backoff=", head[BACKOFF]);
  add_options(text, head[OPTIONS]);
  for (size_t i = 0; i < NUMBERS; i++) {
    uint32_t value;
    memcpy(&value, data + HEAD + i * sizeof value, sizeof value);
    add_quantity(text, i, value);
  }
  if (length > known) {
    luaL_addstring(text, " (");
    add_number(text, (unsigned)(length - known));
    luaL_addstring(text, " bytes too long)");
  }
  return true;
}

/* Sets a field to a name in lower case, or to the number without one. */
static void set_name(lua_State *L, const char *field, const char *const *names,
                     size_t count, unsigned index) {
  const char *name = index < count ? names[index] : NULL;
  if (name != NULL)
    lsk_push_lower(L, name);
  else
    lua_pushinteger(L, index);
  lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

/* Sets the field "options" to a table of the names that are set. */
static void set_options(lua_State *L, unsigned set) {
  lua_createtable(L, 0, LENGTH(options));
  for (size_t i = 0; i < LENGTH(options); i++) {
    lsk_push_lower(L, options[i]);
    lua_pushboolean(L, (set & (1U << i)) != 0);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "options");
}

/* Sets the numbers that newer kernels append, as many as there are. */
static void set_newer(lua_State *L, const char *data, size_t length) {
  size_t at = HEAD + NUMBERS * sizeof(uint32_t);
  for (size_t i = 0; i < LENGTH(newer); i++) {
    uint64_t wide = 0;
    uint32_t narrow;
    if (length - at < newer[i].size) return;
    if (newer[i].size == sizeof wide) {
      memcpy(&wide, data + at, sizeof wide);
    } else {
      memcpy(&narrow, data + at, sizeof narrow);
      wide = narrow;
    }
    set_integer(L, newer[i].name, (lua_Integer)wide);
    at += newer[i].size;
  }
}

bool lsk_push_tcp_info(lua_State *L, const char *data, size_t length) {
  unsigned char head[HEAD];
  if (length < HEAD + NUMBERS * sizeof(uint32_t)) return false;
  memcpy(head, data, sizeof head);
  lua_createtable(L, 0, HEAD + NUMBERS + LENGTH(newer));
  set_name(L, "state", states, LENGTH(states), head[STATE]);
  set_name(L, "ca_state", ca_states, LENGTH(ca_states), head[CA_STATE]);
  set_integer(L, "retransmits", head[RETRANSMITS]);
  set_integer(L, "probes", head[PROBES]);
  set_integer(L, "backoff", head[BACKOFF]);
  set_options(L, head[OPTIONS]);
  set_integer(L, "snd_wscale", head[SCALES] & 15);
  set_integer(L, "rcv_wscale", head[SCALES] >> 4);
  for (size_t i = 0; i < NUMBERS; i++) {
    uint32_t value;
    memcpy(&value, data + HEAD + i * sizeof value, sizeof value);
    set_integer(L, numbers[i].name, value);
  }
  set_newer(L, data, length);
  return true;
}
