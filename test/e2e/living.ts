import { readdir, readFile } from 'node:fs/promises';

export interface LivingProcess {
  readonly pid: number;
  /** Its command line, words apart by spaces. */
  readonly command: string;
}

/** The first process in a box, and the one that has made it. */
const IS_BOX = /^[^\0]*\bbwrap\0/;

interface SeenProcess extends LivingProcess {
  readonly parent: number;
  readonly mentionsIt: boolean;
}

/**
 * Living processes that have this folder in their command line or environment, boxes that are shown something of it, and all that these
 * have started; this one left out.
 */
export async function processesOf(folder: string): Promise<LivingProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const seen = (await Promise.all(pids.map((pid) => look(pid, folder)))).filter((each) => each !== null);
  const found = new Set(seen.filter(({ mentionsIt }) => mentionsIt));
  const isFound = (pid: number) => [...found].some((each) => each.pid === pid);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const each of seen) if (isFound(each.parent)) found.add(each);
  }
  return [...found].map(({ pid, command }) => ({ pid, command }));
}

async function look(pid: number, folder: string): Promise<SeenProcess | null> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => ''); // it is gone
  const [words, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
  const [state = 'Z', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || state === 'Z' || state === 'X') return null;
  // A box is told of no folder. Of other processes the mounts are those of the machine.
  const mounts = IS_BOX.test(words) ? await read('mountinfo') : '';
  return {
    pid,
    command: words.replaceAll('\0', ' ').trim(),
    parent: Number(parent),
    mentionsIt: [words, environment, mounts].some((text) => text.includes(folder)),
  };
}
