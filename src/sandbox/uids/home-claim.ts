import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freshName } from '../../kit/index.ts';

/** Who has a range of uids; stands in the range's file. */
export interface HomeClaim {
  /** Real path. */
  readonly home: string;
  /** Tells this home from a later one at the same path. */
  readonly id: string;
}

/** What this home claims with; made once. */
export function homeClaim(home: string, boxes: string): HomeClaim {
  const path = join(boxes, 'uid-claim');
  const claim = readClaim(path) ?? firstClaim(path, home);
  return { home, id: claim.id };
}

/** Another process of the office may be faster: then its claim counts. */
function firstClaim(path: string, home: string): HomeClaim {
  claimIfFree(path, { home, id: freshName() });
  const claim = readClaim(path);
  if (claim === null) throw new Error(`${path} cannot be read`);
  return claim;
}

/** What this home has claimed with; null: nothing. */
export function readHomeClaim(boxes: string): HomeClaim | null {
  return readClaim(join(boxes, 'uid-claim'));
}

/** Is there still the home that claimed this? */
export function isHeld(claim: HomeClaim): boolean {
  return readHomeClaim(join(claim.home, 'boxes'))?.id === claim.id;
}

export function readClaim(path: string): HomeClaim | null {
  try {
    const { home, id } = JSON.parse(readFileSync(path, 'utf8'));
    return typeof home === 'string' && typeof id === 'string' ? { home, id } : null;
  } catch {
    return null;
  }
}

/** Writes the claim, whole, where there is none; false: there is one. */
export function claimIfFree(path: string, claim: HomeClaim): boolean {
  const temporary = join(dirname(path), `${freshName()}.tmp`);
  writeFileSync(temporary, JSON.stringify(claim), { mode: 0o600, flag: 'wx' });
  try {
    return linkIfFree(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Removes this very claim; false when another one stands there by now. */
export function removeClaim(path: string, claim: HomeClaim): boolean {
  const aside = join(dirname(path), `${freshName()}.tmp`);
  try {
    renameSync(path, aside);
  } catch {
    return true; // another office was faster
  }
  const same = readClaim(aside)?.id === claim.id;
  if (!same) linkIfFree(aside, path);
  rmSync(aside, { force: true });
  return same;
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
