import { readdir, readFile, readlink } from 'node:fs/promises';

/** Living processes that have this directory in their command line or environment, this one left out: `<pid> <command line>`. */
export async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
      const [words, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
      const isDead = stat === '' || /\) [ZX] /.test(stat);
      const isIts = !isDead && `${words}\0${environment}`.includes(directory);
      return isIts ? `${pid} ${words.replaceAll('\0', ' ')}` : null;
    }),
  );
  return found.filter((each) => each !== null);
}

/** Does the process have a file open whose path ends so? */
export async function hasOpen(pid: number, ending: string): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.some((target) => target.endsWith(ending));
}
