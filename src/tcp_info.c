/*
** The text of the statistics that the option TCP_INFO gives: some bytes, then
** numbers of 32 bits.
*/

#include "tcp_info.h"

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

/* How many bytes stand before the numbers, and which of them is what. */
enum {
  STATE,
  CA_STATE,
  RETRANSMITS,
  PROBES,
  BACKOFF,
  OPTIONS, /* the two after it hold the windows' scales */
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
