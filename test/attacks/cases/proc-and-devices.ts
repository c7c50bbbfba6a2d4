import { type Attack, whatItNames } from '../attack.ts';

/** What a kernel and its host tell about themselves. */
export const hostAttacks: readonly Attack[] = [
  {
    name: 'reads what /proc tells of the host',
    layers: ['app', 'box'],
    hole: 'files',
    crossed: whatItNames,
    code: (_targets, get) => {
      const fs = get('node:fs');
      const names = [
        'version',
        'cmdline',
        'meminfo',
        'cpuinfo',
        'stat',
        'mounts',
        'kallsyms',
        'config.gz',
        'modules',
      ];
      const more = [
        'keys',
        'self/mountinfo',
        'self/status',
        'self/maps',
        'net/unix',
        'sys/kernel/hostname',
        'kcore',
      ];
      return [...names, ...more, 'sysrq-trigger', 'self/mem', 'partitions'].filter((name) => {
        try {
          fs.closeSync(fs.openSync(`/proc/${name}`, 'r'));
          return true;
        } catch {
          return false;
        }
      });
    },
  },
  {
    name: 'reads and changes what /sys has: devices, control groups, kernel parameters',
    layers: ['app', 'box'],
    hole: 'files',
    crossed: whatItNames,
    code: (_targets, get) => {
      const fs = get('node:fs');
      return [
        '/sys',
        '/sys/fs/cgroup',
        '/sys/kernel',
        '/sys/class/net',
        '/sys/block',
        '/sys/firmware',
      ].filter((path) => {
        try {
          return fs.readdirSync(path).length > 0;
        } catch {
          return false;
        }
      });
    },
  },
  {
    name: 'finds or opens a device besides null, zero, random and urandom',
    layers: ['app', 'box'],
    hole: 'files',
    crossed: whatItNames,
    code: (_targets, get) => {
      const fs = get('node:fs');
      const harmless = new Set(['null', 'zero', 'random', 'urandom']);
      const found = new Set<string>();
      try {
        for (const name of fs.readdirSync('/dev')) found.add(name);
      } catch {}
      for (const name of [
        'mem',
        'kmem',
        'kvm',
        'fuse',
        'tty',
        'ptmx',
        'console',
        'net/tun',
        'vhost-vsock',
        'loop-control',
        'sda',
        'vda',
        'shm',
        'full',
      ]) {
        try {
          fs.statSync(`/dev/${name}`);
          found.add(name);
        } catch {}
      }
      return [...found].filter((name) => !harmless.has(name));
    },
  },
  {
    name: 'makes devices, pipes and sockets where it may write',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, get, kernel) => {
      const fs = get('node:fs');
      const made: string[] = [];
      const kinds: [string, number, number][] = [
        ['disk', 0o60600, 0x800],
        ['memory', 0o20600, 0x101],
        ['terminal', 0o20600, 0x500],
      ];
      for (const [what, mode, device] of kinds)
        for (const folder of ['/tmp', '/dev', '/app']) {
          const at = `${folder}/${what}`;
          if (kernel.call('mknodat', -100, Buffer.from(`${at}\0`), mode, device) >= 0) made.push(at);
          try {
            fs.rmSync(at);
          } catch {}
        }
      return made;
    },
  },
  {
    name: 'types into the terminal of whoever started it',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const [TIOCSTI, TIOCLINUX, TIOCSCTTY] = [0x5412, 0x541c, 0x540e];
      const done: string[] = [];
      for (const fd of [0, 1, 2])
        for (const request of [TIOCSTI, TIOCLINUX, TIOCSCTTY])
          if (kernel.call('ioctl', fd, request, Buffer.from('x')) >= 0)
            done.push(`ioctl ${request} of ${fd}`);
      return done;
    },
  },
  {
    name: 'learns who and where the host is: its name, its users, its addresses',
    layers: ['app', 'box'],
    code: (_targets, get) => {
      const os = get('node:os');
      const said: unknown[] = [os.hostname(), process.title, process.argv, process.execPath, process.cwd()];
      for (const way of [
        () => os.userInfo(),
        () => os.networkInterfaces(),
        () => os.homedir(),
        () => process.report.getReport(),
        () => JSON.stringify(process.config),
      ]) {
        try {
          said.push(way());
        } catch {}
      }
      return said;
    },
  },
];
