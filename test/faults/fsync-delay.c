// Preloaded into a process: every fsync and fdatasync takes FSYNC_DELAY_MS longer, as on a disk that really flushes.
// With FSYNC_COUNT_FILE each one adds a byte to that file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
  const char *text = getenv("FSYNC_DELAY_MS");
  double ms = text ? atof(text) : 0;
  struct timespec rest = {(time_t)(ms / 1000), (long)((ms - 1000 * (time_t)(ms / 1000)) * 1000000)};
  while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
  }
  const char *file = getenv("FSYNC_COUNT_FILE");
  if (file) {
    int kept = errno;
    int counter = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (counter >= 0) {
      if (write(counter, ".", 1) < 0) abort();
      close(counter);
    }
    errno = kept;
  }
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_for_the_disk();
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_for_the_disk();
  return real(fd);
}
