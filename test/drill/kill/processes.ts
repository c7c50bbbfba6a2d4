import { readdir, readlink } from 'node:fs/promises';

/** Does the process have a file open whose path ends so? */
export async function hasOpen(pid: number, ending: string): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.some((target) => target.endsWith(ending));
}
