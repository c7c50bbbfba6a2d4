import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunningApp, RuntimePlace } from '../../runtime.ts';

/**
 * Where boxes of a home leave something as long as they are there: records, sockets, control groups.
 *
 * @param start starts an app in a box: its record names the groups that those of all boxes are made in
 * @returns the names of what is there
 */
export async function boxTraces(
  place: RuntimePlace,
  start: () => Promise<RunningApp>,
): Promise<() => Promise<readonly string[]>> {
  const groups = await groupsOf(place, await start());
  return async () => [
    ...(await recordsIn(place)),
    ...(await readdir(place.sockets)),
    ...(await Promise.all(groups.map(foldersIn))).flat(),
  ];
}

async function groupsOf(place: RuntimePlace, app: RunningApp): Promise<string[]> {
  try {
    const [name = ''] = await recordsIn(place);
    const { groups } = JSON.parse(await readFile(join(place.home, 'boxes', name), 'utf8')) as {
      groups: string[];
    };
    return groups.map((group) => dirname(group));
  } finally {
    await app.purge();
  }
}

async function recordsIn(place: RuntimePlace): Promise<string[]> {
  return (await readdir(join(place.home, 'boxes'))).filter((name) => name.endsWith('.json'));
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
