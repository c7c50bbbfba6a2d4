import { readdirSync } from 'node:fs';

/**
 * What a tool sees of `/proc` besides processes of its box: Node reads these for os.cpus() and os.freemem(). The rest tells of the
 * machine (its kernel's command line, symbols, modules, disks …), and a new kernel may have more of it.
 */
const SHOWN = new Set(['cpuinfo', 'meminfo', 'stat', 'uptime']);

/**
 * Arguments of bubblewrap that cover the rest. What stays is `/proc/<pid>/mountinfo`, which has paths of what the box is shown on
 * the host.
 */
export function procMask(): string[] {
  return readdirSync('/proc', { withFileTypes: true }).flatMap((entry) => {
    if (/^\d+$/.test(entry.name) || SHOWN.has(entry.name)) return [];
    const path = `/proc/${entry.name}`;
    if (entry.isDirectory()) return ['--tmpfs', path, '--remount-ro', path];
    return entry.isFile() ? ['--ro-bind', '/dev/null', path] : []; // a link leads to the process that follows it
  });
}
