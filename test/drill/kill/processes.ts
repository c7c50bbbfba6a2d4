import { readdir, readFile, readlink } from 'node:fs/promises';

/** Pids of living processes that have this directory in their command line or environment, this one left out. */
export async function processesOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [words, environment, stat] = await Promise.all(
        ['cmdline', 'environ', 'stat'].map((name) =>
          readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => ''),
        ),
      );
      const isDead = stat === '' || /\) [ZX] /.test(stat ?? '');
      return !isDead && `${words}\0${environment}`.includes(directory);
    }),
  );
  return pids.filter((_, index) => found[index]);
}

/** Does the process have a file open whose path ends so? */
export async function hasOpen(pid: number, ending: string): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.some((target) => target.endsWith(ending));
}
