/** Flags of clone(2), from include/uapi/linux/sched.h. */
const FLAG = {
  VM: 0x100,
  FS: 0x200,
  FILES: 0x400,
  SIGHAND: 0x800,
  PTRACE: 0x2000,
  THREAD: 0x10000,
  NEWNS: 0x20000,
  SYSVSEM: 0x40000,
  SETTLS: 0x80000,
  PARENT_SETTID: 0x100000,
  CHILD_CLEARTID: 0x200000,
  /** Without meaning since Linux 2.6.2; musl still sets it. */
  DETACHED: 0x400000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

/** What makes a thread of the same process. */
export const THREAD = FLAG.VM | FLAG.SIGHAND | FLAG.THREAD;

/** All that pthread_create(3) of glibc or musl does not ask for. */
export const OTHER_THAN_THREAD =
  ~(
    THREAD |
    FLAG.FS |
    FLAG.FILES |
    FLAG.SYSVSEM |
    FLAG.SETTLS |
    FLAG.PARENT_SETTID |
    FLAG.CHILD_CLEARTID |
    FLAG.DETACHED
  ) >>> 0;

/** What no process in a box starts another with. */
export const NEW_NAMESPACE_OR_TRACE =
  FLAG.PTRACE |
  FLAG.NEWNS |
  FLAG.NEWCGROUP |
  FLAG.NEWUTS |
  FLAG.NEWIPC |
  FLAG.NEWUSER |
  FLAG.NEWPID |
  FLAG.NEWNET;
