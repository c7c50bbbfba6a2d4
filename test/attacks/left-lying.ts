import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Paths of the control groups that boxes of this office have now, as their records say. */
export async function groupsOfBoxes(home: string): Promise<readonly string[]> {
  const groups = new Set<string>();
  for (const name of await recordsOf(home)) {
    const record = JSON.parse(await readFile(join(home, 'boxes', name), 'utf8')) as { groups?: string[] };
    for (const path of record.groups ?? []) groups.add(path);
  }
  return [...groups];
}

/**
 * Looks for what boxes left on the machine, when all of them have ended.
 *
 * @param groups control groups of one of them; those of the others stand beside it
 * @returns a sentence each
 */
export async function leftLying(home: string, groups: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const name of await recordsOf(home)) left.push(`a record: ${name}`);
  for (const path of groups) {
    if (existsSync(path)) left.push(`a control group: ${path}`);
    const beside = await readdir(join(path, '..'), { withFileTypes: true }).catch(() => []);
    for (const entry of beside) if (entry.isDirectory()) left.push(`a control group: ${entry.name}`);
    if (existsSync(join(path, '..'))) left.push(`the office's control group: ${join(path, '..')}`);
  }
  return left;
}

async function recordsOf(home: string): Promise<string[]> {
  const names = await readdir(join(home, 'boxes')).catch(() => []);
  return names.filter((name) => /^\d+\.json$/.test(name));
}

/** Sockets and shelves that runners which ended in order left; the control socket is for their supervisor to remove. */
export async function leftSockets({ sockets, targets }: World, running: number): Promise<string[]> {
  const own = new Set(targets().sockets);
  const names = (await readdir(sockets)).filter(
    (name) => !own.has(join(sockets, name)) && !name.endsWith('.sock'),
  );
  const each = 3; // the app's listener, its channel and its shelf
  return names.length > running * each ? [`sockets are left: ${names.join(', ')}`] : [];
}
