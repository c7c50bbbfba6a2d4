import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { groupsBelow, removeFolder } from './folder.ts';

/** Of an office (`officeGroup`), or of a trial (`chooseGroups`) whose process was killed. */
const GROUP_OF_OFFICE = /^tabbify-([0-9a-f]{12}(-tools)?|trial-\d+)$/;
/** Groups stand empty only between their making and the first process, which is a matter of seconds. */
const FORSAKEN_MS = 3_600_000;
/** In one go; whatever is left waits for the next. */
const MOST = 200;

/** Folders of offices' groups in there. */
export function officesIn(folder: string): string[] {
  return groupsBelow(folder).filter((path) => GROUP_OF_OFFICE.test(basename(path)));
}

/**
 * Removes groups of boxes in which nothing runs and nothing has changed for an hour: what offices left whose home is gone, so that nobody
 * sweeps after them. To an office that is there it makes no difference: it makes its groups when it needs them. The kernel
 * removes no group that something runs in, and says of a group it has not been asked about for long that it is new: then a
 * later look removes it.
 *
 * @param nowMs milliseconds since 1970
 */
export function removeForsaken(offices: readonly string[], nowMs: number): void {
  let left = MOST;
  for (const office of offices) {
    const isOfficeOld = isOld(office, nowMs); // before a group is taken out of it, which is a change
    for (const group of [...groupsBelow(office), office]) {
      if (left-- === 0) return;
      if (group === office ? isOfficeOld : isOld(group, nowMs)) removeFolder(group); // not one that others are below
    }
  }
}

function isOld(path: string, nowMs: number): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && nowMs - changed > FORSAKEN_MS;
}
