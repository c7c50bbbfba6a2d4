import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { runChild, startTimeOf } from '../../kit/index.ts';
import type { OfficeFile } from '../client/address.ts';

/** Is there a process with this pid that we may signal? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Does the process live that wrote this record? After a crash its number may be another's, even another office's. */
export async function isOpen({ pid, start_time }: Pick<OfficeFile, 'pid' | 'start_time'>): Promise<boolean> {
  if (start_time === null) return isAlive(pid);
  return startTimeOf(pid) === start_time;
}

/** Is the process `tabbify up`? After a crash its number may belong to something else, which must not be ended. */
export async function isOffice(pid: number): Promise<boolean> {
  const argv = await argvOf(pid);
  return argv.some((word) => /^tabbify(\.(mjs|js|ts))?$/.test(basename(word))) && argv.includes('up');
}

async function argvOf(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0');
  }
  const env = { PATH: '/usr/bin:/bin' };
  const { stdout } = await runChild('ps', ['-o', 'command=', '-p', String(pid)], { env, timeoutMs: 5000 });
  return stdout.trim().split(/\s+/);
}
