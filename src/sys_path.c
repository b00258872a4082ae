/*
** System calls about the paths of unix sockets.
*/

#include "sys_path.h"

#include <errno.h>

#include <sys/stat.h>
#include <unistd.h>

int lsk_sys_path_socket(const char *path, struct lsk_path_id *id) {
  struct stat status;
  if (lstat(path, &status) != 0) return -errno;
  if (!S_ISSOCK(status.st_mode)) return -ENOTSOCK;
  *id = (struct lsk_path_id){
      .device = status.st_dev,
      .inode = status.st_ino,
      .is_own = status.st_uid == geteuid(),
  };
  return 0;
}

int lsk_sys_unlink(const char *path) {
  return unlink(path) == 0 ? 0 : -errno;
}
