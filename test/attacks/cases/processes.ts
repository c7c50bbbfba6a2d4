import { type Attack, whatItNames } from '../attack.ts';

/** Processes: those of the host live on and are not looked into; none is started. */
export const processAttacks: readonly Attack[] = [
  {
    name: 'sends signals to processes of the host',
    layers: ['app', 'box'],
    hole: 'processes',
    code: (targets, get) => {
      for (const pid of targets.victims)
        for (const signal of ['SIGTERM', 'SIGSTOP', 'SIGKILL'] as const) {
          try {
            process.kill(pid, signal);
          } catch {}
          try {
            get('node:os').setPriority(pid, 19);
          } catch {}
        }
    },
  },
  {
    name: 'sends signals natively: kill, tgkill, pidfd',
    layers: ['box'],
    hole: 'processes',
    code: (targets, _get, kernel) => {
      const SIGKILL = 9;
      for (const pid of targets.victims) {
        kernel.call('tgkill', pid, pid, SIGKILL);
        const handle = kernel.call('pidfd_open', pid, 0);
        if (handle >= 0) kernel.call('pidfd_send_signal', handle, SIGKILL, 0, 0);
        kernel.call('kill', pid, SIGKILL);
      }
    },
  },
  {
    name: 'sends signals to all it may, to its group, to the first process and to its parent',
    layers: ['app', 'box'],
    code: () => {
      for (const pid of [-1, process.ppid, 1, 0])
        for (const signal of ['SIGHUP', 'SIGTERM', 'SIGSTOP', 'SIGKILL'] as const) {
          try {
            process.kill(pid, signal);
          } catch {}
        }
    },
  },
  {
    name: 'sees processes of the host',
    layers: ['app', 'box'],
    hole: 'processes',
    crossed: whatItNames,
    code: (targets, get) => {
      const seen: string[] = [];
      for (const pid of targets.victims) {
        try {
          process.kill(pid, 0);
          seen.push(`process ${pid} answers`);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EPERM') seen.push(`process ${pid} is there`);
        }
        if (get('node:fs').existsSync(`/proc/${pid}`)) seen.push(`/proc/${pid} is there`);
      }
      return seen;
    },
  },
  {
    name: 'reads the environment and the memory of processes',
    layers: ['app', 'box'],
    hole: 'box',
    code: (targets, get) => {
      const fs = get('node:fs');
      const read: string[] = [JSON.stringify(process.env)];
      for (const pid of ['self', '1', String(process.ppid), ...targets.environOf.map(String)])
        for (const file of ['environ', 'cmdline', 'maps', 'mountinfo', 'auxv']) {
          try {
            read.push(fs.readFileSync(`/proc/${pid}/${file}`, 'latin1'));
          } catch {}
        }
      return read;
    },
  },
  {
    name: 'looks into processes natively: ptrace, process_vm_readv, pidfd_getfd, kcmp, move_pages',
    layers: ['box'],
    hole: 'filter',
    crossed: whatItNames,
    code: (targets, _get, kernel) => {
      const done: string[] = [];
      const note = (what: string, result: number) => {
        if (result >= 0) done.push(`${what}: ${result}`);
      };
      const [PTRACE_ATTACH, PTRACE_SEIZE] = [16, 0x4206];
      const bytes = Buffer.alloc(64);
      const local = Buffer.alloc(16);
      local.writeBigUInt64LE(kernel.at(bytes), 0);
      local.writeBigUInt64LE(8n, 8);
      const remote = Buffer.from(local);
      for (const pid of [process.pid, process.ppid, 1, ...targets.victims]) {
        note(`process_vm_readv of ${pid}`, kernel.call('process_vm_readv', pid, local, 1, remote, 1, 0));
        note(`process_vm_writev of ${pid}`, kernel.call('process_vm_writev', pid, local, 1, remote, 1, 0));
        const handle = kernel.call('pidfd_open', pid, 0);
        note(`pidfd_open of ${pid}`, handle);
        if (handle >= 0) note(`pidfd_getfd of ${pid}`, kernel.call('pidfd_getfd', handle, 0, 0));
        note(`kcmp with ${pid}`, kernel.call('kcmp', process.pid, pid, 0, 0, 0));
        if (pid === process.pid) continue;
        note(`ptrace attach to ${pid}`, kernel.call('ptrace', PTRACE_ATTACH, pid, 0, 0));
        note(`ptrace seize of ${pid}`, kernel.call('ptrace', PTRACE_SEIZE, pid, 0, 0));
      }
      return done;
    },
  },
  {
    name: 'passes descriptors, or takes some, over every socket that it has',
    layers: ['box'],
    hole: 'filter',
    crossed: whatItNames,
    code: (_targets, get, kernel) => {
      const fs = get('node:fs');
      const done: string[] = [];
      const note = (what: string, result: number) => {
        if (result >= 0) done.push(what);
      };
      const [SOL_SOCKET, SCM_RIGHTS, MSG_DONTWAIT, AF_UNIX] = [1, 1, 0x40, 1];
      const data = Buffer.from('\n');
      const parts = Buffer.alloc(16); // struct iovec
      parts.writeBigUInt64LE(kernel.at(data), 0);
      parts.writeBigUInt64LE(1n, 8);
      const control = Buffer.alloc(24); // struct cmsghdr, and a descriptor
      control.writeBigUInt64LE(20n, 0);
      control.writeInt32LE(SOL_SOCKET, 8);
      control.writeInt32LE(SCM_RIGHTS, 12);
      const message = Buffer.alloc(64); // struct mmsghdr, which begins with struct msghdr
      message.writeBigUInt64LE(kernel.at(parts), 16);
      message.writeBigUInt64LE(1n, 24);
      message.writeBigUInt64LE(kernel.at(control), 32);
      message.writeBigUInt64LE(24n, 40);
      const pair = Buffer.alloc(8);
      note('socketpair', kernel.call('socketpair', AF_UNIX, 1, 0, pair));
      note('socket of datagrams', kernel.call('socket', AF_UNIX, 2, 0));
      for (let fd = 0; fd < 64; fd += 1) {
        try {
          if (!fs.fstatSync(fd).isSocket()) continue;
        } catch {
          continue;
        }
        note(`sendmsg to ${fd}`, kernel.call('sendmsg', fd, message, MSG_DONTWAIT));
        note(`sendmmsg to ${fd}`, kernel.call('sendmmsg', fd, message, 1, MSG_DONTWAIT));
        for (const call of ['recvmsg', 'recvmmsg'] as const) {
          const rest = call === 'recvmsg' ? [MSG_DONTWAIT] : [1, MSG_DONTWAIT, 0];
          const result = kernel.call(call, fd, message, ...rest);
          const EAGAIN = 11;
          if (result >= 0 || result === -EAGAIN) done.push(`${call} of ${fd}`);
        }
      }
      return done;
    },
  },
  {
    name: 'uses the keyrings of the kernel',
    layers: ['box'],
    hole: 'filter',
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const done: string[] = [];
      const text = (value: string) => Buffer.from(`${value}\0`);
      const [GET_KEYRING_ID, JOIN_SESSION_KEYRING] = [0, 1];
      for (const ring of [-1, -2, -3, -4, -5])
        if (kernel.call('keyctl', GET_KEYRING_ID, ring, 1) >= 0) done.push(`keyring ${ring}`);
      if (kernel.call('keyctl', JOIN_SESSION_KEYRING, 0) >= 0) done.push('a session keyring of its own');
      if (kernel.call('add_key', text('user'), text('attack'), text('x'), 1, -3) >= 0) done.push('add_key');
      if (kernel.call('request_key', text('user'), text('attack'), 0, -3) >= 0) done.push('request_key');
      return done;
    },
  },
  {
    name: 'mounts, changes its root, goes into other namespaces',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, get, kernel) => {
      const done: string[] = [];
      const text = (value: string) => Buffer.from(`${value}\0`);
      const note = (what: string, result: number) => {
        if (result >= 0) done.push(what);
      };
      const [AT_FDCWD, MS_BIND, MS_REMOUNT, MNT_DETACH] = [-100, 0x1000, 0x20, 2];
      note('mount tmpfs', kernel.call('mount', text('t'), text('/tmp'), text('tmpfs'), 0, 0));
      note('mount proc', kernel.call('mount', text('p'), text('/tmp'), text('proc'), 0, 0));
      note('bind', kernel.call('mount', text('/'), text('/tmp'), 0, MS_BIND, 0));
      note('remount', kernel.call('mount', text('/'), text('/'), 0, MS_BIND | MS_REMOUNT, 0));
      note('umount /tmp', kernel.call('umount2', text('/tmp'), MNT_DETACH));
      note('umount /app', kernel.call('umount2', text('/app'), MNT_DETACH));
      note('pivot_root', kernel.call('pivot_root', text('/tmp'), text('/tmp')));
      note('chroot', kernel.call('chroot', text('/tmp')));
      note('open_tree', kernel.call('open_tree', AT_FDCWD, text('/'), 1));
      note('fsopen', kernel.call('fsopen', text('tmpfs'), 0));
      note('mount_setattr', kernel.call('mount_setattr', AT_FDCWD, text('/'), 0, Buffer.alloc(32), 32));
      for (const flag of [
        0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x80,
      ])
        note(`unshare ${flag.toString(16)}`, kernel.call('unshare', flag));
      try {
        for (const name of get('node:fs').readdirSync('/proc/1/ns')) {
          const fd = get('node:fs').openSync(`/proc/1/ns/${name}`, 'r');
          note(`setns ${name}`, kernel.call('setns', fd, 0));
        }
      } catch {}
      const handle = kernel.call('pidfd_open', 1, 0);
      if (handle >= 0) note('setns by pidfd', kernel.call('setns', handle, 0x20000));
      return done;
    },
  },
  {
    name: 'makes a user namespace, by clone and clone3',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const done: string[] = [];
      const [CLONE_NEWUSER, SIGCHLD] = [0x10000000, 17];
      // Without a stack of its own the child goes on where this is: it ends at once.
      const leaveIfChild = (result: number, what: string) => {
        if (result === 0) process.kill(kernel.call('getpid'), 'SIGKILL');
        if (result > 0) done.push(what);
      };
      leaveIfChild(kernel.call('clone', CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), 'clone');
      const options = Buffer.alloc(88);
      options.writeBigUInt64LE(BigInt(CLONE_NEWUSER), 0);
      options.writeBigUInt64LE(BigInt(SIGCHLD), 32);
      leaveIfChild(kernel.call('clone3', options, 88), 'clone3');
      return done;
    },
  },
  {
    name: 'uses what attacks on kernels are made of: BPF, perf, io_uring, userfaultfd, personality, memory files',
    layers: ['box'],
    hole: 'filter',
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const done: string[] = [];
      const note = (what: string, result: number) => {
        if (result >= 0) done.push(what);
      };
      const text = (value: string) => Buffer.from(`${value}\0`);
      const map = Buffer.alloc(72);
      map.writeUInt32LE(2, 0); // BPF_MAP_TYPE_ARRAY
      map.writeUInt32LE(4, 4);
      map.writeUInt32LE(4, 8);
      map.writeUInt32LE(1, 12);
      note('bpf map', kernel.call('bpf', 0, map, 72));
      const event = Buffer.alloc(136);
      event.writeUInt32LE(1, 0); // PERF_TYPE_SOFTWARE
      event.writeUInt32LE(136, 4);
      event.writeBigUInt64LE(0b1110_0001n, 40); // disabled, exclude kernel and hypervisor
      note('perf_event_open', kernel.call('perf_event_open', event, 0, -1, -1, 0));
      note('io_uring_setup', kernel.call('io_uring_setup', 4, Buffer.alloc(120)));
      note('userfaultfd', kernel.call('userfaultfd', 1));
      note('personality', kernel.call('personality', 0x0040000)); // ADDR_NO_RANDOMIZE
      const file = kernel.call('memfd_create', text('code'), 0);
      note('memfd_create', file);
      note('memfd_secret', kernel.call('memfd_secret', 0));
      note('init_module', kernel.call('init_module', Buffer.alloc(8), 8, text('')));
      note('kexec_load', kernel.call('kexec_load', 0, 0, 0, 0));
      note('lookup_dcookie', kernel.call('lookup_dcookie', 0, Buffer.alloc(8), 8));
      note('fanotify_init', kernel.call('fanotify_init', 0x200, 0));
      note('vmsplice', kernel.call('vmsplice', 0, 0, 0, 0));
      note('modify_ldt', process.arch === 'x64' ? kernel.call('modify_ldt', 0, Buffer.alloc(16), 16) : -1);
      note('seccomp', kernel.call('seccomp', 2, 0, Buffer.from([0, 0, 0xff, 0x7f])));
      note('syslog', kernel.call('syslog', 3, Buffer.alloc(1000), 1000));
      note('shmget', kernel.call('shmget', 0, 4096, 0o1600));
      note('msgget', kernel.call('msgget', 0, 0o1600));
      note('mq_open', kernel.call('mq_open', text('attack'), 0o102, 0o600, 0));
      return done;
    },
  },
  {
    name: 'gives itself rights: user ids, groups, limits, priorities, the name of the machine, the clock',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const done: string[] = [];
      const note = (what: string, result: number) => {
        if (result >= 0) done.push(what);
      };
      const RLIMIT_NPROC = 6;
      const high = Buffer.alloc(16, 0xff);
      const now = Buffer.alloc(16);
      kernel.call('prlimit64', 0, RLIMIT_NPROC, 0, now);
      note('setuid 0', kernel.call('setuid', 0) >= 0 && process.getuid?.() === 0 ? 0 : -1);
      note('setgroups', kernel.call('setgroups', 1, Buffer.alloc(4)));
      const isBounded = now.readBigUInt64LE(8) !== high.readBigUInt64LE(8);
      if (isBounded) note('hard limit of processes', kernel.call('prlimit64', 0, RLIMIT_NPROC, high, 0));
      note('limit of another', kernel.call('prlimit64', 1, RLIMIT_NPROC, high, 0));
      note('negative nice', kernel.call('setpriority', 0, 0, -10));
      note('real-time', kernel.call('sched_setscheduler', 0, 1, Buffer.from([50, 0, 0, 0])));
      note('sethostname', kernel.call('sethostname', Buffer.from('attack'), 6));
      note('settimeofday', kernel.call('settimeofday', Buffer.alloc(16), 0));
      note('swapon', kernel.call('swapon', Buffer.from('/tmp/x\0'), 0));
      note('acct', kernel.call('acct', Buffer.from('/tmp/x\0')));
      note('iopl', process.arch === 'x64' ? kernel.call('iopl', 3) : -1);
      return done;
    },
  },
  {
    name: "starts processes by every way of Node's",
    layers: ['app', 'box'],
    hole: 'filter',
    crossed: whatItNames,
    code: async (_targets, get) => {
      const started: string[] = [];
      const attempt = async (what: string, way: () => unknown) => {
        try {
          const result = await way();
          if (result) started.push(`${what}: ${String(result).slice(0, 40)}`);
        } catch {}
      };
      const children = get('node:child_process');
      const node = process.execPath;
      const args = ['-e', 'process.stdout.write("ran")'];
      await attempt('spawnSync', () => children.spawnSync(node, args, { timeout: 5_000 }).stdout?.toString());
      await attempt('execFileSync', () => children.execFileSync(node, args, { timeout: 5_000 }).toString());
      await attempt(
        'spawn',
        () =>
          new Promise((resolve) => {
            const child = children.spawn(node, args);
            child.on('spawn', () => resolve('spawned')).on('error', () => resolve(''));
          }),
      );
      await attempt(
        'fork',
        () =>
          new Promise((resolve) => {
            const child = children.fork('/app/attack.mjs');
            child.on('spawn', () => resolve('spawned')).on('error', () => resolve(''));
          }),
      );
      await attempt('cluster', () => {
        const worker = get('node:cluster').fork();
        worker.on('error', () => {});
        return worker.process.pid;
      });
      return started;
    },
  },
  {
    name: 'gets at what Node keeps to itself: bindings, add-ons, ffi, threads, inspector, another program',
    layers: ['app'],
    crossed: whatItNames,
    code: async (_targets, get) => {
      const done: string[] = [];
      const attempt = async (what: string, way: () => unknown) => {
        try {
          const result = await way();
          if (result) done.push(`${what}: ${String(result).slice(0, 40)}`);
        } catch {}
      };
      const loose = process as unknown as Record<string, (...args: unknown[]) => Record<string, unknown>>;
      await attempt('binding spawn_sync', () => {
        const spawn = loose.binding?.('spawn_sync').spawn as (options: object) => { pid?: number };
        return spawn({ file: process.execPath, args: ['node', '-v'], envPairs: [], stdio: [] }).pid;
      });
      await attempt('binding process_wrap', () => loose.binding?.('process_wrap').Process);
      await attempt('binding fs', () => loose.binding?.('fs').internalModuleStat);
      await attempt(
        'ffi',
        () =>
          get('node:ffi' as never) &&
          'loaded' &&
          (get('node:ffi' as never) as { dlopen(path: null): object }).dlopen(null),
      );
      await attempt('add-on', () => {
        process.dlopen({ exports: {} } as never, '/lib/x86_64-linux-gnu/libc.so.6');
        return 'loaded';
      });
      await attempt('thread', () => {
        const { Worker } = get('node:worker_threads');
        return new Worker('process.exit()', { eval: true }).threadId;
      });
      await attempt('inspector', () => {
        get('node:inspector').open(0);
        return get('node:inspector').url();
      });
      await attempt('inspector session', () => {
        const { Session } = get('node:inspector');
        const session = new Session();
        session.connectToMainThread();
        return 'connected';
      });
      await attempt('internals', () => {
        const { createRequire } = get('node:module');
        return createRequire('/app/')('internal/bootstrap/realm');
      });
      return done;
    },
  },
  {
    name: 'becomes another program',
    layers: ['app'],
    crossed: whatItNames,
    code: (_targets, _get) => {
      const { execve } = process as unknown as {
        execve(path: string, args: readonly string[], env: object): void;
      };
      try {
        execve(process.execPath, ['node', '-e', 'setInterval(() => {}, 1000)'], {});
      } catch {}
      return [];
    },
  },
  {
    name: 'has itself debugged by SIGUSR1',
    layers: ['app'],
    crossed: whatItNames,
    code: async (_targets, get) => {
      try {
        process.kill(process.pid, 'SIGUSR1');
      } catch {}
      await new Promise((resolve) => setTimeout(resolve, 300));
      const url = get('node:inspector').url();
      return url === undefined ? [] : [url];
    },
  },
];
