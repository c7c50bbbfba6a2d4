import { readdir, readFile } from 'node:fs/promises';

export interface LivingProcess {
  readonly pid: number;
  /** Its command line, words apart by spaces. */
  readonly command: string;
}

/** Living processes that have this folder in their command line or environment, this one left out. */
export async function processesOf(folder: string): Promise<LivingProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
      const [words, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
      const isDead = stat === '' || /\) [ZX] /.test(stat);
      const isIts = !isDead && `${words}\0${environment}`.includes(folder);
      return isIts ? { pid, command: words.replaceAll('\0', ' ').trim() } : null;
    }),
  );
  return found.filter((each) => each !== null);
}
