import { access, readFile } from 'node:fs/promises';
import type { RunnerIdentity } from './arguments.ts';
import { recordPaths } from './record-paths.ts';

/**
 * What a runner finds where its record should be: its own; none; another runner's, which took its place;
 * or not even the home.
 */
export type RecordFinding = 'own' | 'missing' | 'superseded' | 'home_gone';

/** Looks for the runner's record. A file that cannot be read for another reason than absence counts as its own. */
export async function findRecord(identity: RunnerIdentity): Promise<RecordFinding> {
  const paths = recordPaths(identity.home, identity.app, identity.generation);
  // In this order: a flip renames staged over primary, and must not slip past between the two looks.
  const staged = await ownerOf(paths.staged);
  const primary = await ownerOf(paths.primary);
  if ([staged, primary].some((owner) => owner === identity.nonce || owner === 'unreadable')) return 'own';
  if (primary !== null) return 'superseded';
  return (await exists(identity.home)) ? 'missing' : 'home_gone';
}

async function ownerOf(path: string): Promise<string | null> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as { nonce?: unknown };
    return typeof record.nonce === 'string' ? record.nonce : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
