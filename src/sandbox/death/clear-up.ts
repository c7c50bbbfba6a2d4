import { constants } from 'node:os';
import { signalProcess } from '../../kit/index.ts';
import type { BoxEnd } from '../box.ts';
import { removeGroup } from '../groups/folder.ts';
import { removeRecord } from '../records/record-files.ts';
import type { RunningParts } from '../running-parts.ts';
import { endAtExit } from './at-exit.ts';
import { endInit, exitOf, until } from './end-processes.ts';

/** Waits for the end of a box, makes sure that nothing of it lives, and removes what it left. */
export async function clearUp(parts: RunningParts, wasKilled: () => boolean): Promise<BoxEnd> {
  const { child, record, monitor, groups, place } = parts;
  const isOver = endAtExit(record, place);
  await exitOf(child);
  await endInit(record);
  // It has nothing to wait for any more; if the launcher was killed before it, it may not have noticed yet.
  if (monitor !== null) await until(() => !signalProcess(monitor, 'SIGKILL'));
  const memoryKills = groups.memoryKills();
  await until(() => record.groups.map(removeGroup).every(Boolean));
  removeRecord(place, record);
  isOver();
  const how = endOf(child.exitCode, child.signalCode);
  if (wasKilled()) return { ...how, cause: 'killed' };
  return { ...how, cause: memoryKills > 0 && how.signal === 'SIGKILL' ? 'memory' : 'itself' };
}

/** Bubblewrap ends with 128 and the number of the signal that ended the program, as a shell does. */
function endOf(code: number | null, signal: NodeJS.Signals | null): Pick<BoxEnd, 'code' | 'signal'> {
  if (code === null || code <= 128) return { code, signal };
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? { code, signal: null } : { code: null, signal: name };
}
