/*
** Options whose length the kernel does not count in bytes.
*/

#include "sys.h"

#include "check.h"

#include <string.h>

#ifdef SO_GET_FILTER

#include <linux/filter.h>

enum { INSTRUCTIONS = 3 };

/* A buffer with room for the filter in bytes, and one that is too small. */
static void test_filter(void) {
  struct sock_filter code[INSTRUCTIONS] = {
      {BPF_LD | BPF_IMM, 0, 0, 7},
      {BPF_LD | BPF_IMM, 0, 0, 9},
      {BPF_RET | BPF_K, 0, 0, 0xFFFF},
  };
  struct sock_fprog program = {INSTRUCTIONS, code};
  struct sock_filter got[INSTRUCTIONS + 2] = {0};
  int fd = lsk_sys_socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(lsk_sys_setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                           sizeof program) == 0);
  socklen_t length = sizeof got;
  CHECK(lsk_sys_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &length) == 0);
  CHECK(length == sizeof code);
  CHECK(memcmp(got, code, sizeof code) == 0);

  memset(got, 0x55, sizeof got);
  length = sizeof code - 1;
  CHECK(lsk_sys_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &length) < 0);
  CHECK(got[0].code == 0x5555);
  (void)lsk_sys_close(fd);
}

#else

static void test_filter(void) {
}

#endif

int main(void) {
  test_filter();
  return check_result();
}
