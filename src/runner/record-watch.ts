import { access, readFile } from 'node:fs/promises';
import { recordPaths } from './record-paths.ts';

/**
 * What a runner finds where its record should be: its own; none; another runner's, which took its place;
 * or not even the home.
 */
export type RecordFinding = 'own' | 'missing' | 'superseded' | 'home_gone';

/** What a record is looked for by. */
export interface RecordOwner {
  readonly home: string;
  readonly app: string;
  readonly generation: number;
  readonly nonce: string;
}

/** Looks for the runner's record. A file that cannot be read for another reason than absence counts as its own. */
export async function findRecord(identity: RecordOwner): Promise<RecordFinding> {
  const paths = recordPaths(identity.home, identity.app, identity.generation);
  // In this order: a flip renames staged over primary, and must not slip past between the two looks.
  const staged = await ownerOf(paths.staged);
  const primary = await ownerOf(paths.primary);
  if ([staged, primary].some((owner) => owner === identity.nonce || owner === 'unreadable')) return 'own';
  if (primary !== null) return 'superseded';
  return (await hasVanished(identity.home)) ? 'home_gone' : 'missing';
}

async function ownerOf(path: string): Promise<string | null> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as { nonce?: unknown };
    return typeof record.nonce === 'string' ? record.nonce : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}

/** Is the home of the office gone for certain? What cannot be looked at is not. */
export async function hasVanished(home: string): Promise<boolean> {
  try {
    await access(home);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
