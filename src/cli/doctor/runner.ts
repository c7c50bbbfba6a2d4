import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, fine, problemFound } from './check.ts';

/** Runners start from `TABBIFY_HOME/runtime/<digest>/`, which the office makes at its start (CONTRACTS §8). */
export const runner: Check = {
  name: 'Runner',
  async look({ home }) {
    const folder = join(home, 'runtime');
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const bundles = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    if (bundles.length === 0) return fine('Runner', 'its bundle is made when the office starts');
    const empty: string[] = [];
    for (const name of bundles) {
      if ((await readdir(join(folder, name))).length === 0) empty.push(name);
    }
    if (empty.length > 0) {
      return problemFound(
        'Runner',
        `the bundle ${empty.join(', ')} is empty`,
        `rm -r ${join(folder, empty[0] ?? '')} and start the office again.`,
      );
    }
    return fine('Runner', `${bundles.length} ${bundles.length === 1 ? 'bundle' : 'bundles'} in ${folder}`);
  },
};
