import type { BoxPlace } from './box.ts';
import { trustGroups } from './groups/choose.ts';
import { readyGate } from './launch/gate.ts';
import { findPrograms } from './launch/programs.ts';
import { recordPlace } from './records/record-files.ts';

/**
 * For a process that will open its first box in a moment: begins what takes others time. Whatever goes wrong is met again by the box.
 *
 * @param groupsWork a process of this office has made control groups here, so that they need not be tried again
 */
export function expectBox(place: BoxPlace, groupsWork: boolean): void {
  if (groupsWork) trustGroups();
  const { mkfifo } = findPrograms();
  if (mkfifo === undefined) return;
  try {
    readyGate(mkfifo, recordPlace(place).boxes);
  } catch {
    // told by the box
  }
}
