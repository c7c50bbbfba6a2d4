import { statSync } from 'node:fs';
import { CHAIN_START, chainAfter } from '../sqlite/groups.ts';
import type { TolerantFile } from './tolerant.ts';

/** A commit as the file keeps it. */
export interface Group {
  readonly last: number;
  readonly at: number;
  readonly chain: Uint8Array;
}

/** No file holds more events than this: a row takes more than 100 bytes. A larger position is a flipped bit. */
export function mostEvents(path: string): number {
  const bytes = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return Math.floor((bytes(path) + bytes(`${path}-wal`)) / 100) + 1;
}

/** @param most positions that the file can hold */
export function readGroups(file: TolerantFile, most: number): { groups: Group[]; damaged: string | null } {
  const { rows, damaged } = file.all('SELECT last, at, chain FROM groups ORDER BY last');
  const groups: Group[] = [];
  let wrong = damaged;
  for (const { last, at, chain } of rows) {
    const whole = typeof last === 'number' && typeof at === 'number' && chain instanceof Uint8Array;
    if (whole && last > (groups.at(-1)?.last ?? 0) && last <= most) groups.push({ last, at, chain });
    else wrong ??= `commit ${String(last)} is not where it belongs`;
  }
  return { groups, damaged: wrong };
}

/**
 * Follows the hash chain over the digests of the events, in order.
 *
 * A group is told from its neighbours by the chain that is stored before it, so that one break does not make
 * everything after it doubtful. One with an event that cannot be read proves nothing: that event is named by itself.
 */
export function createChainCheck(groups: readonly Group[]) {
  let index = 0;
  let before: Uint8Array = CHAIN_START;
  let first = 1;
  let at = 0;
  let digests: Uint8Array[] = [];
  let unreadable = false;
  let brokenAt: number | null = null;
  const broken = () => {
    brokenAt ??= first;
  };
  return {
    /** The next event. @param digest null when its row cannot be read or trusted */
    add(position: number, digest: Uint8Array | null): void {
      const group = groups[index];
      if (group === undefined) {
        first = Math.min(first, position);
        broken();
        return;
      }
      if (digest === null) unreadable = true;
      else digests.push(digest);
      if (position < group.last) return;
      if (group.at < at) broken();
      const sound = unreadable || Buffer.compare(chainAfter(before, group.at, digests), group.chain) === 0;
      if (!sound) broken();
      before = group.chain;
      at = group.at;
      first = position + 1;
      digests = [];
      unreadable = false;
      index++;
    },
    /** After the last event. */
    end(): 'ok' | { readonly brokenAt: number } {
      if (index < groups.length || digests.length > 0) broken();
      return brokenAt === null ? 'ok' : { brokenAt };
    },
  };
}
