/*
** The load that all servers get:
**
**   load NAME PORT PID [OPTION=NUMBER...]
**
** PID is the server's, whose processor time is measured.
*/

#include "load.h"

#include "common.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  void (*run)(const struct load *load);
} loads[] = {
    {"echo", load_echo},       /* connections, size, least, seconds */
    {"starve", load_starve},   /* connections, size, seconds */
    {"idle", load_idle},       /* connections */
    {"connect", load_connect}, /* connections, size, seconds or count */
    {"soak", load_soak},       /* connections, size, count */
    {"in", load_in},           /* connections, unit, seconds */
    {"out", load_out},         /* connections, unit, seconds */
    {"copy", load_copy},       /* unit, seconds */
    {"udp", load_udp},         /* connections (messages under way), seconds */
};

/* Whether the text is this option, whose number is then read. */
static int is_option(const char *text, const char *name, double *value) {
  size_t length = strlen(name);
  if (strncmp(text, name, length) != 0 || text[length] != '=') return 0;
  *value = strtod(text + length + 1, NULL);
  return 1;
}

static void read_option(struct load *load, const char *text) {
  double value;
  if (is_option(text, "connections", &value))
    load->connections = (int)value;
  else if (is_option(text, "size", &value))
    load->size = (size_t)value;
  else if (is_option(text, "least", &value))
    load->least = (size_t)value;
  else if (is_option(text, "unit", &value))
    load->unit = (size_t)value;
  else if (is_option(text, "count", &value))
    load->count = (long)value;
  else if (is_option(text, "seconds", &value))
    load->seconds = value;
  else if (is_option(text, "warming", &value))
    load->warming = value;
  else
    check(0, text);
}

int main(int argc, char **argv) {
  struct load load = {.connections = 1, .size = 64, .unit = BLOCK};
  load.seconds = 1;
  load.warming = 0.2;
  if (argc < 4) return 2;
  load.port = (int)strtol(argv[2], NULL, 10);
  load.pid = (pid_t)strtol(argv[3], NULL, 10);
  for (int i = 4; i < argc; i++) read_option(&load, argv[i]);
  raise_fd_limit();
  for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
    if (strcmp(argv[1], loads[i].name) != 0) continue;
    loads[i].run(&load);
    return 0;
  }
  return 2;
}
