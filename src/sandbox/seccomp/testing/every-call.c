/*
 * Makes the system calls it is told to on standard input, one a line: a number and up to six arguments; or the word `thread`
 * (pthread_create) or `i386` (a call as a 32-bit program makes it). Says on standard output what became of each: `errno N`,
 * `value N`, `signal N`, or `hung`.
 *
 *   every-call here                 in this process, under the filter that it was started with
 *   every-call apart FILTER WAIT    each in a process of its own, under the filter of a file (`-`: none); it is ended, hung,
 *                                   after WAIT milliseconds
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *argument) { return argument; }

/* What became of the call of a line. */
static void make(const char *line, char *said, size_t room) {
  long result;
  errno = 0;
  if (strncmp(line, "thread", 6) == 0) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    result = errno == 0 ? pthread_join(thread, NULL) : -1;
#ifdef __x86_64__
  } else if (strncmp(line, "i386", 4) == 0) {
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
#endif
  } else {
    char *rest;
    unsigned long number = strtoul(line, &rest, 10), a[6];
    for (int i = 0; i < 6; i++) a[i] = strtoul(rest, &rest, 10);
    result = syscall((long)number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  if (result == -1) snprintf(said, room, "errno %d", errno);
  else snprintf(said, room, "value %ld", result);
}

static void enter(const char *filter) {
  static struct sock_filter instructions[4096];
  int file = open(filter, O_RDONLY);
  ssize_t bytes = read(file, instructions, sizeof instructions);
  struct sock_fprog program = {(unsigned short)(bytes / (ssize_t)sizeof *instructions), instructions};
  close(file);
  if (bytes <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(99);
}

/* The same in a child, which reports through a pipe. */
static void make_apart(const char *line, const char *filter, int wait_ms, char *said, size_t room) {
  int ends[2], status;
  if (pipe2(ends, O_CLOEXEC) != 0) exit(98);
  pid_t child = fork();
  if (child == -1) exit(97);
  if (child == 0) {
    pid_t self = getpid();
    if (strcmp(filter, "-") != 0) enter(filter);
    make(line, said, room);
    if (getpid() != self) _exit(0); /* the call made this process */
    if (write(ends[1], said, strlen(said) + 1) < 0) _exit(96);
    _exit(0);
  }
  close(ends[1]);
  struct pollfd told = {ends[0], POLLIN, 0};
  int heard = poll(&told, 1, wait_ms);
  ssize_t bytes = heard > 0 ? read(ends[0], said, room) : 0;
  if (heard == 0) kill(child, SIGKILL);
  waitpid(child, &status, 0);
  close(ends[0]);
  if (heard == 0) snprintf(said, room, "hung");
  else if (bytes <= 0 && WIFSIGNALED(status)) snprintf(said, room, "signal %d", WTERMSIG(status));
  else if (bytes <= 0) snprintf(said, room, "exit %d", WEXITSTATUS(status));
}

int main(int count, char **words) {
  char line[256], said[64];
  if (count < 2) return 2;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(words[1], "here") == 0) make(line, said, sizeof said);
    else make_apart(line, words[2], atoi(words[3]), said, sizeof said);
    printf("%s\n", said);
    fflush(stdout);
  }
  return 0;
}
