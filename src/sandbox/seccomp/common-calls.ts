import type { AllowedCalls, AnsweredCalls } from './rule.ts';

const ENOSYS = 38;
/** Of prlimit64(2): the process that asks. */
const ITSELF = 0;

/** include/uapi/linux/futex.h */
const FUTEX = { WAIT: 0, WAKE: 1, WAIT_BITSET: 9, WAKE_BITSET: 10, PRIVATE_FLAG: 128, CLOCK_REALTIME: 256 };

/** include/uapi/asm-generic/fcntl.h, and F_DUPFD_CLOEXEC of include/uapi/linux/fcntl.h */
const FCNTL = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 5,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_DUPFD_CLOEXEC: 1030,
};

/** include/uapi/asm-generic/ioctls.h */
const IOCTL = { TCGETS: 0x5401, FIONBIO: 0x5421, FIONCLEX: 0x5450, FIOCLEX: 0x5451 };

/** include/uapi/linux/prctl.h */
const PRCTL = { PR_SET_NAME: 15, PR_GET_NAME: 16 };

/** include/uapi/asm-generic/mman-common.h: what only says how memory of the process itself is used. */
const ADVICE = {
  NORMAL: 0,
  RANDOM: 1,
  SEQUENTIAL: 2,
  WILLNEED: 3,
  DONTNEED: 4,
  FREE: 8,
  DONTFORK: 10,
  DOFORK: 11,
  HUGEPAGE: 14,
  NOHUGEPAGE: 15,
  DONTDUMP: 16,
  DODUMP: 17,
};

/** arch/x86/include/uapi/asm/prctl.h */
const ARCH_SET_FS = 0x1002;

/**
 * What every program needs that runs on glibc and a JavaScript engine. Measured: strace(1) of Node 26 in the box, with an HTTP
 * server, fetch, crypto, zlib, files in /tmp, WebAssembly, SQLite, timers and threads.
 */
export const COMMON_CALLS: readonly AllowedCalls[] = [
  {
    calls: ['mmap', 'mprotect', 'munmap', 'mremap', 'brk'],
    why: 'memory; also executable memory, which a JavaScript engine makes',
  },
  {
    calls: ['madvise'],
    why: 'a heap gives memory back; nothing that merges pages or acts on the hardware',
    when: [{ arg: 2, isOneOf: Object.values(ADVICE) }],
  },
  {
    calls: ['futex'],
    why: 'locks; not the kinds that inherit priorities or move waiters, which most holes of this call were in',
    when: [
      {
        arg: 1,
        isOneOf: [FUTEX.WAIT, FUTEX.WAKE, FUTEX.WAIT_BITSET, FUTEX.WAKE_BITSET],
        ignoring: FUTEX.PRIVATE_FLAG | FUTEX.CLOCK_REALTIME,
      },
    ],
  },
  {
    calls: ['set_robust_list', 'set_tid_address', 'rseq', 'gettid', 'sched_yield', 'exit', 'exit_group'],
    why: 'beginning and end of threads',
  },
  {
    calls: ['sched_getaffinity', 'sched_getscheduler', 'sched_getparam', 'getpriority'],
    why: 'how many threads are worth it; glibc asks the rest for the bounds of a stack',
  },
  {
    calls: ['arch_prctl'],
    why: 'the program loader sets where the data of the thread lies',
    when: [{ arg: 0, isOneOf: [ARCH_SET_FS] }],
  },
  {
    calls: ['prctl'],
    why: 'names of threads',
    when: [{ arg: 0, isOneOf: Object.values(PRCTL) }],
  },
  {
    calls: ['rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'sigaltstack', 'restart_syscall'],
    why: 'handlers of signals',
  },
  {
    calls: ['kill', 'tgkill'],
    why: 'process.kill(process.pid), abort(3) and the CPU profiler; the PID namespace ends at the box, and its first process takes no signals from inside',
  },
  {
    calls: ['clock_gettime', 'clock_getres', 'clock_nanosleep', 'nanosleep', 'gettimeofday', 'time'],
    why: 'time, where the kernel does not answer it without a call',
  },
  { calls: ['getrandom'], why: 'random bytes' },
  {
    calls: [
      'getpid',
      'getppid',
      'getuid',
      'geteuid',
      'getgid',
      'getegid',
      'getgroups',
      'getresuid',
      'getresgid',
      'capget',
    ],
    why: 'who it is; Node asks before it trusts its environment',
  },
  {
    calls: ['uname', 'sysinfo', 'getrusage', 'getcpu', 'times', 'umask'],
    why: 'process.cpuUsage(), os.totalmem() and the like',
  },
  {
    calls: ['prlimit64'],
    why: 'Node reads its limits, and raises that of descriptors as far as it may; of no other process',
    when: [{ arg: 0, isOneOf: [ITSELF] }],
  },
  { calls: ['getrlimit'], why: 'the same, of older libraries' },
  {
    calls: [
      'epoll_create1',
      'epoll_ctl',
      'epoll_wait',
      'epoll_pwait',
      'eventfd2',
      'pipe2',
      'poll',
      'ppoll',
      'dup',
      'dup2',
      'dup3',
      'close',
      'close_range',
    ],
    why: 'the event loop',
  },
  {
    calls: [
      'read',
      'write',
      'readv',
      'writev',
      'pread64',
      'pwrite64',
      'preadv',
      'pwritev',
      'lseek',
      'sendfile',
      'copy_file_range',
    ],
    why: 'bytes of what is open',
  },
  {
    calls: ['fcntl'],
    why: 'flags of descriptors, and the locks of SQLite',
    when: [{ arg: 1, isOneOf: Object.values(FCNTL) }],
  },
  {
    calls: ['ioctl'],
    why: 'streams are made non-blocking, and standard output is asked whether it is a terminal',
    when: [{ arg: 1, isOneOf: Object.values(IOCTL) }],
  },
  {
    calls: [
      'openat',
      'stat',
      'lstat',
      'fstat',
      'newfstatat',
      'statx',
      'statfs',
      'fstatfs',
      'access',
      'faccessat',
      'faccessat2',
      'readlink',
      'readlinkat',
      'getdents64',
      'getcwd',
      'chdir',
      'fchdir',
    ],
    why: 'files are found and read; the mounts of the box say which there are',
  },
  {
    calls: [
      'mkdir',
      'mkdirat',
      'rmdir',
      'unlink',
      'unlinkat',
      'rename',
      'renameat',
      'renameat2',
      'link',
      'linkat',
      'symlink',
      'symlinkat',
      'truncate',
      'ftruncate',
      'fallocate',
      'fsync',
      'fdatasync',
      'fadvise64',
      'utimensat',
    ],
    why: 'files are written, in /tmp and where the box may write',
  },
  {
    calls: ['chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat'],
    why: 'copied files keep modes and owners; the box has one user, and every mount ignores setuid bits',
  },
  {
    calls: ['execve'],
    why: 'the filter is in force when bubblewrap becomes the program. A program can become another that the box shows, under the same filter: nothing it could not do already',
  },
  {
    calls: ['wait4'],
    why: 'the first process of the box, which bubblewrap leaves there under the same filter, waits for the others',
  },
];

/** What is refused so that programs know it. */
export const COMMON_ANSWERS: readonly AnsweredCalls[] = [
  {
    calls: ['clone3'],
    errno: ENOSYS,
    why: 'its flags lie in memory, where a filter cannot read them; glibc and Go then use clone',
  },
  {
    calls: ['fchmodat2'],
    errno: ENOSYS,
    why: 'glibc then uses fchmodat',
  },
];
