import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GroupFile } from './driver.ts';

/** Makes the folder of a group, and of the office's group above it, which may just be removed by another process. */
export function makeGroup(path: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      makeFolder(dirname(path));
      makeFolder(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 20) throw error;
    }
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Ends all in a group at once, where the kernel can do that: version 2, from Linux 5.14 on. */
export function killGroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch {
    // then whoever asked ends them one by one
  }
}

/** Removes a group, and the office's above it once that is empty; false: something still runs in it. */
export function removeGroup(path: string): boolean {
  if (!removeFolder(path)) return false;
  removeFolder(dirname(path));
  return true;
}

/** Removes a group that nothing is in; false: something is. */
export function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Folders of the groups in it; none when it is not there. */
export function groupsBelow(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  } catch {
    return [];
  }
}

/** Pids in it; none when it is not there. */
export function processesIn(path: string): number[] {
  return readGroupFile(path, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
}

/** What stands in a file of a group; empty when it cannot be read. */
export function readGroupFile(path: string, file: string): string {
  try {
    return readFileSync(join(path, file), 'utf8').trim();
  } catch {
    return '';
  }
}

/** The number behind a name in a file like `cpu.stat`; null: there is none. */
export function countIn(path: string, file: string, name: string): number | null {
  const line = readGroupFile(path, file)
    .split('\n')
    .find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

/** @throws the kernel's error, naming the file */
export function writeGroupFiles(path: string, files: readonly GroupFile[]): void {
  for (const { file, value, optional } of files) {
    try {
      writeFileSync(join(path, file), value, { flag: 'r+' });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (optional && (code === 'ENOENT' || code === 'EOPNOTSUPP')) continue;
      throw new Error(`${file} does not take ${value}: ${code}`, { cause: error });
    }
  }
}

/** Sets how much of the CPU a group gets against those beside it, where the kernel can do that. */
export function weigh(path: string, file: 'cpu.shares' | 'cpu.weight', weight: number): void {
  try {
    writeFileSync(join(path, file), String(weight), { flag: 'r+' });
  } catch {
    // it bounds nothing: all get the same
  }
}

/**
 * Moves a process into a group. The kernel may hold the writer up for tens of milliseconds, which no event loop is to wait.
 *
 * @throws the kernel's error
 */
export async function moveInto(path: string, pid: number): Promise<void> {
  try {
    await writeFile(join(path, 'cgroup.procs'), String(pid), { flag: 'r+' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`cgroup.procs does not take ${pid}: ${code}`, { cause: error });
  }
}

/** Which files say something else, in words. */
export function unlike(path: string, files: readonly GroupFile[]): string[] {
  return files.flatMap(({ file, value, optional, passing }) => {
    if (passing) return [];
    const found = readGroupFile(path, file);
    return found === value || (optional && found === '')
      ? []
      : [`${file} is ${found || 'missing'}, not ${value}`];
  });
}
