import { isAlive, signalProcess } from '../../kit/index.ts';
import { processesIn, removeGroup } from '../groups/folder.ts';
import type { BoxRecord } from '../records/record.ts';
import { type RecordPlace, removeRecord } from '../records/record-files.ts';

/** Milliseconds that a process which exits waits for its boxes to be gone; what is left then is for the sweep. */
const PATIENCE_MS = 500;
const LOOK_MS = 2;

/** Boxes of this process, by their records. */
const live = new Map<BoxRecord, RecordPlace>();

/**
 * Has a box end with this process when that exits while the box runs. Nobody may come by later to sweep: a runner also exits because its home is
 * gone.
 *
 * @returns what is called when the box has ended
 */
export function endAtExit(record: BoxRecord, place: RecordPlace): () => void {
  if (live.size === 0) process.on('exit', endAll);
  live.set(record, place);
  return () => {
    live.delete(record);
    if (live.size === 0) process.off('exit', endAll);
  };
}

/** In an `exit` listener nothing can be waited for but by standing still. */
function endAll(): void {
  const deadline = performance.now() + PATIENCE_MS;
  for (const [record, place] of live) {
    while (!endedNow(record) && performance.now() < deadline) stand(LOOK_MS);
    if (endedNow(record)) removeRecord(place, record);
  }
}

function endedNow(record: BoxRecord): boolean {
  const { init, groups } = record;
  if (init !== null) signalProcess(init, 'SIGKILL');
  for (const pid of groups.flatMap(processesIn)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended in between
    }
  }
  return (init === null || !isAlive(init)) && groups.map(removeGroup).every(Boolean);
}

function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
