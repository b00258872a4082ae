/*
** What the loads share: their options, the server as the system sees it, and
** what is printed. A load prints its figures on one line, as name=value.
*/

#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

struct load {
  int port;
  pid_t pid;       /* of the server */
  int connections; /* at a time */
  size_t size;     /* of a message */
  size_t least;    /* messages vary from this to `size` */
  size_t unit;     /* bytes of a stream that count as one */
  long count;      /* in place of a time */
  double seconds;
  double warming; /* seconds before those, which do not count */
};

/* Processor time of all threads of a process, in nanoseconds. */
uint64_t process_time(pid_t pid);

/* Bytes of its memory that are in pages, counted page by page. */
double process_memory(pid_t pid);

int process_fds(pid_t pid);

/* What happens between a begin and an end: operations a second, and the
   server's processor time for each in nanoseconds. */
struct window {
  pid_t pid;
  uint64_t start, cpu;
};

void window_begin(struct window *window, const struct load *load);
void window_end(const struct window *window, double operations);

/* The same two in nanoseconds. */
uint64_t load_duration(const struct load *load);
uint64_t load_warming(const struct load *load);

/* What single exchanges took, in nanoseconds. */
struct latencies {
  uint32_t *list;
  size_t count, room;
};

void latencies_add(struct latencies *latencies, uint64_t nanoseconds);

/* The one that this part of them does not exceed. Sorts the list. */
double latencies_at(struct latencies *latencies, double part);

/* A message of this size that is also a line. */
const char *message_of(size_t size);

/* Opens a connection that the server has taken, since it has answered. */
int open_served(const struct load *load, size_t size);

/* Sends a message and waits until it is back. */
void exchange(int fd, size_t size);

void load_echo(const struct load *load);
void load_starve(const struct load *load);
void load_idle(const struct load *load);
void load_connect(const struct load *load);
void load_soak(const struct load *load);
void load_in(const struct load *load);
void load_out(const struct load *load);
void load_copy(const struct load *load);
void load_udp(const struct load *load);

#endif
