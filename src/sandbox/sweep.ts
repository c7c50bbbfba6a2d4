import { isAlive, type ProcessIdentity } from '../kit/index.ts';
import type { BoxPlace } from './box.ts';
import { endInit, endSeen, QUIET_MS, until } from './death/end-processes.ts';
import { type SeenProcess, seenProcesses } from './death/processes.ts';
import { chooseGroups } from './groups/choose.ts';
import { removeGroup } from './groups/folder.ts';
import { removeForsaken } from './groups/forsaken.ts';
import { type BoxRecord, markerOf, officeGroups, officeTag } from './records/record.ts';
import {
  hasRecords,
  type RecordPlace,
  readRecords,
  recordPlace,
  removeLeftovers,
  removeRecord,
} from './records/record-files.ts';
import { heldRange } from './uids/claim-range.ts';
import { rangeOfUid, slotOfUid } from './uids/ranges.ts';

/**
 * Ends the boxes of this office that nobody owns any more, and removes what they left on the machine. Boxes of other offices are
 * untouched. Can be repeated, also while boxes are opened and end.
 *
 * @param isOwned does the process that opened a box still look after it? Default: it lives
 * @param withStrays also looks through all processes of the machine for what has no record; without it, and with no box to end,
 * nothing but the records is read, so that it can be done often where nothing may hold the event loop
 * @returns how many boxes it ended
 */
export async function sweepBoxes(
  place: BoxPlace,
  isOwned: (owner: ProcessIdentity) => boolean = isAlive,
  withStrays = true,
): Promise<number> {
  if (process.platform !== 'linux' || !hasRecords(place)) return 0;
  const records = recordPlace(place);
  const left = readRecords(records).filter(({ owner }) => !isOwned(owner));
  await endBoxes(records, left);
  const strays = withStrays ? await endStrays(records) : 0;
  removeLeftovers(records);
  return left.length + strays;
}

async function endBoxes(place: RecordPlace, left: readonly BoxRecord[]): Promise<void> {
  if (left.length === 0) return;
  const tag = officeTag(place.home);
  const markers = new Set(left.map((record) => markerOf(tag, record)));
  const uids = new Set(left.flatMap(({ uid }) => uid ?? []));
  const cutOff = left.some(({ init }) => init === null);
  await Promise.all(left.map((record) => endInit(record)));
  await endSeen(({ marker, uid }) => markers.has(marker ?? '') || uids.has(uid), cutOff ? QUIET_MS : 0);
  for (const record of left) {
    await until(() => record.groups.map(removeGroup).every(Boolean));
    removeRecord(place, record);
  }
}

/**
 * Ends what has a marker of this office, or a uid of its range, and no record: somebody removed the record. A record is written
 * before anything of a box runs and is removed after its end, so it is read after the look at the processes.
 */
async function endStrays(place: RecordPlace): Promise<number> {
  const tag = officeTag(place.home);
  const range = heldRange(place);
  const ofOffice = ({ marker, uid }: SeenProcess) =>
    marker?.startsWith(`${tag}/`) || (range !== null && rangeOfUid(uid) === range);
  const seen = seenProcesses().filter(ofOffice);
  const known = readRecords(place);
  const markers = new Set(known.map((record) => markerOf(tag, record)));
  const uids = new Set(known.flatMap(({ uid }) => uid ?? []));
  const strays = seen.filter(({ marker, uid }) => !markers.has(marker ?? '') && !uids.has(uid));
  const isStray = (one: SeenProcess) =>
    strays.some(({ pid, start_time }) => pid === one.pid && start_time === one.start_time);
  if (strays.length > 0) await endSeen(isStray, 0);
  removeStrayGroups(tag, known);
  return new Set(strays.map(({ marker, uid }) => marker?.split('/')[1] ?? String(slotOfUid(uid)))).size;
}

/** Those of this office, and those of offices that are gone. A group that is in use is not removed by this. */
function removeStrayGroups(tag: string, known: readonly BoxRecord[]): void {
  const used = new Set(known.flatMap(({ groups }) => groups));
  const driver = chooseGroups();
  for (const path of officeGroups(tag).flatMap(driver.below)) if (!used.has(path)) removeGroup(path);
  removeForsaken(driver.offices(), Date.now());
}
