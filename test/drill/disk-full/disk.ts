import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../../../src/kit/index.ts';

/** A disk that can be made full and given room again while an office works on it. */
export interface Disk {
  readonly kind: 'tmpfs' | 'prlimit';
  /** Leaves about this many bytes. */
  fill(bytes: number): Promise<void>;
  makeRoom(): Promise<void>;
}

/** Room for a copy of the runner's program and for the office's reserve; what is not used takes no memory. */
const ROOMY = '900m';

const FILL_ATTEMPTS = 50;

async function tool(program: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await runChild(program, args, { env: {}, timeoutMs: 10_000 });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** A file system in memory at this directory; only for a process in a mount namespace of its own, with which it goes away. */
export async function mountSmallDisk(directory: string): Promise<Disk> {
  await tool('/usr/bin/mount', '-t', 'tmpfs', '-o', `size=${ROOMY}`, 'drill', directory);
  const resize = (size: string) => tool('/usr/bin/mount', '-o', `remount,size=${size}`, directory);
  return {
    kind: 'tmpfs',
    async fill(bytes) {
      for (let attempt = 1; ; attempt++) {
        const { blocks, bfree, bsize } = await statfs(directory);
        try {
          return await resize(String((blocks - bfree) * bsize + bytes));
        } catch (error) {
          // the kernel refuses less than there is, and the office has written something since it was asked
          if (attempt === FILL_ATTEMPTS) throw error;
        }
      }
    },
    makeRoom: () => resize(ROOMY),
  };
}

/** Without the right to mount: a bound on the size of files meets SQLite where a full disk does, at its write. */
export function boundFiles(pid: () => number, home: string): Disk {
  const limit = (size: string) =>
    tool('/usr/bin/prlimit', '--pid', String(pid()), `--fsize=${size}:unlimited`);
  return {
    kind: 'prlimit',
    async fill(bytes) {
      const sizes = await Promise.all(
        ['log.db', 'log.db-wal'].map(
          async (name) => (await stat(join(home, name)).catch(() => null))?.size ?? 0,
        ),
      );
      await limit(String(Math.max(...sizes) + bytes));
    },
    makeRoom: () => limit('unlimited'),
  };
}

/** What this machine offers for the drill. */
export function possibleDisk(): Disk['kind'] | null {
  if (process.getuid?.() === 0 && ['unshare', 'mount'].every((name) => existsSync(`/usr/bin/${name}`)))
    return 'tmpfs';
  return existsSync('/usr/bin/prlimit') ? 'prlimit' : null;
}
