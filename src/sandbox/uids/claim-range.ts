import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { seenProcesses } from '../death/processes.ts';
import { sandboxError } from '../errors.ts';
import type { RecordPlace } from '../records/record-files.ts';
import {
  claimIfFree,
  type HomeClaim,
  homeClaim,
  isHeld,
  readClaim,
  readHomeClaim,
  removeClaim,
} from './home-claim.ts';
import { RANGES, rangeOfUid } from './ranges.ts';

/** Where the offices that root runs on this machine agree on their uids: one file per range, named by its number. */
const RANGE_REGISTRY = '/var/lib/tabbify/uid-ranges';

/**
 * The range of uids that this office has; the first time, takes the lowest free one. A range of a home that is gone, or that is
 * not that home any more, is free.
 *
 * @param isInUse does a box run in this range?
 * @throws TabbifyError `box_unavailable` when no range can be had
 */
export function claimRange(
  { home, boxes }: RecordPlace,
  registry = RANGE_REGISTRY,
  isInUse: (range: number) => boolean = hasProcesses,
): number {
  try {
    const own = homeClaim(home, boxes);
    mkdirSync(registry, { recursive: true, mode: 0o700 });
    return claimedRange(registry, own) ?? takeRange(registry, own, isInUse);
  } catch (error) {
    if (error instanceof TabbifyError) throw error;
    throw sandboxError('box_unavailable', {
      what: 'No range of uids for the sandboxes of this office',
      why: messageOf(error),
      hint: `Make ${registry} writable for root.`,
      cause: error,
    });
  }
}

/** The range that this office has; null: it has none. */
export function heldRange({ home, boxes }: RecordPlace, registry = RANGE_REGISTRY): number | null {
  const own = readHomeClaim(boxes);
  return own === null ? null : claimedRange(registry, { home, id: own.id });
}

function claimedRange(registry: string, own: HomeClaim): number | null {
  return rangesIn(registry).find((range) => isOf(registry, range, own)) ?? null;
}

function takeRange(registry: string, own: HomeClaim, isInUse: (range: number) => boolean): number {
  const taken = new Set(rangesIn(registry).filter((range) => isInUse(range) || !isFreed(registry, range)));
  for (let range = 0; range < RANGES; range++) {
    if (taken.has(range)) continue;
    // Another process of this office may have been faster.
    if (claimIfFree(join(registry, String(range)), own) || isOf(registry, range, own)) return range;
  }
  throw sandboxError('box_unavailable', {
    what: 'No range of uids for the sandboxes of this office',
    why: `all ${RANGES} of them have an office on this machine`,
    hint: `Remove offices that are not needed, then their files in ${registry}.`,
  });
}

function rangesIn(registry: string): number[] {
  return namesIn(registry)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(registry: string): string[] {
  try {
    return readdirSync(registry);
  } catch {
    return []; // no office has claimed anything, or this is not root
  }
}

function isOf(registry: string, range: number, own: HomeClaim): boolean {
  const claim = readClaim(join(registry, String(range)));
  return claim !== null && claim.home === own.home && claim.id === own.id;
}

/** Does a box run that has a uid of this range? Then its home may be gone, and the range is not free. */
function hasProcesses(range: number): boolean {
  return seenProcesses().some(({ uid }) => rangeOfUid(uid) === range);
}

/** Gives the range back when nobody holds it; false: somebody has it. */
function isFreed(registry: string, range: number): boolean {
  const path = join(registry, String(range));
  const claim = readClaim(path);
  if (claim === null || isHeld(claim)) return false; // what cannot be read may be about to change
  return removeClaim(path, claim);
}
