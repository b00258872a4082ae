/*
** What the system knows of the server, and what a load found out.
*/

#include "load.h"

#include "common.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More than a load of some seconds has. */
#define MOST_LATENCIES ((size_t)1 << 22)

uint64_t process_time(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  check(clock_getcpuclockid(pid, &clock) == 0, "clock_getcpuclockid");
  check(clock_gettime(clock, &time) == 0, "clock_gettime");
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

double process_memory(pid_t pid) {
  char path[64], line[256];
  double kilobytes = -1;
  (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
  FILE *file = fopen(path, "re");
  check(file != NULL, path);
  while (kilobytes < 0 && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "Rss:", 4) == 0) kilobytes = strtod(line + 4, NULL);
  (void)fclose(file);
  check(kilobytes >= 0, path);
  return kilobytes * 1024;
}

int process_fds(pid_t pid) {
  char path[64];
  int count = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
  DIR *folder = opendir(path);
  check(folder != NULL, path);
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count - 2; /* "." and ".." */
}

uint64_t load_duration(const struct load *load) {
  return (uint64_t)(load->seconds * 1e9);
}

uint64_t load_warming(const struct load *load) {
  return (uint64_t)(load->warming * 1e9);
}

void window_begin(struct window *window, const struct load *load) {
  window->pid = load->pid;
  window->cpu = process_time(load->pid);
  window->start = now();
}

void window_end(const struct window *window, double operations) {
  double elapsed = (double)(now() - window->start);
  double cpu = (double)(process_time(window->pid) - window->cpu);
  printf("rate=%.1f cpu=%.1f busy=%.3f operations=%.0f ",
         operations / elapsed * 1e9, cpu / operations, cpu / elapsed,
         operations);
}

void latencies_add(struct latencies *latencies, uint64_t nanoseconds) {
  if (latencies->list == NULL) {
    latencies->list = malloc(MOST_LATENCIES * sizeof *latencies->list);
    check(latencies->list != NULL, "malloc");
    latencies->room = MOST_LATENCIES;
  }
  if (latencies->count == latencies->room) return;
  latencies->list[latencies->count++] =
      nanoseconds < UINT32_MAX ? (uint32_t)nanoseconds : UINT32_MAX;
}

static int compare(const void *a, const void *b) {
  const uint32_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

double latencies_at(struct latencies *latencies, double part) {
  if (latencies->count == 0) return 0;
  qsort(latencies->list, latencies->count, sizeof *latencies->list, compare);
  return latencies->list[(size_t)(part * (double)(latencies->count - 1))];
}
