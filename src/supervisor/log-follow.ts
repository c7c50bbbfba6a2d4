import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type LogLine, parseLogLine } from '../runner/index.ts';
import { closeLogFiles, isSameFile, type LogFile, openLogFiles } from './log-files.ts';
import type { LogPlace } from './log-tail.ts';

/** How often a followed log is looked at, in milliseconds. */
const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/**
 * Lines appended to a log behind a place, until the signal aborts; a log that does not exist yet is waited for. Goes on
 * over rotations without a gap, however slowly the lines are taken, as long as the files are kept; after that it says
 * that lines are missing and goes on with the oldest.
 */
export async function* followLog(path: string, from: LogPlace, signal: AbortSignal): AsyncGenerator<LogLine> {
  let place = from;
  let rest: Buffer = Buffer.alloc(0);
  let seen = '';
  while (!signal.aborted) {
    const now = await stampOf(path);
    if (now === seen) {
      await wait(POLL_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    seen = now; // from before the look: what is written during it is looked for again
    const files = await openLogFiles(path);
    try {
      for (let index = indexOf(files, place); ; index--) {
        let file = files[index];
        if (file === undefined) {
          index = files.length - 1;
          file = files[index];
          if (file === undefined) break; // there is no log any more
          if (place.head.length > 0) yield missing();
          rest = Buffer.alloc(0);
          place = { head: file.head, offset: 0 };
        }
        for (let offset = place.offset; offset < file.size && !signal.aborted; ) {
          const chunk = await file.read(offset, Math.min(file.size - offset, CHUNK_BYTES));
          if (chunk.length === 0) break; // rotated just now: the next look finds where it went
          offset += chunk.length;
          place = { head: file.head, offset };
          const lines = Buffer.concat([rest, chunk]);
          const end = lines.lastIndexOf(0x0a) + 1;
          rest = lines.subarray(end);
          for (const line of lines.toString('utf8', 0, end).split('\n')) {
            if (line !== '') yield parseLogLine(line);
          }
        }
        if (index <= 0 || signal.aborted) break;
        if (rest.length > 0) yield parseLogLine(rest.toString('utf8')); // a runner was killed in the middle of it
        rest = Buffer.alloc(0);
        place = { head: files[index - 1]?.head ?? Buffer.alloc(0), offset: 0 };
      }
    } finally {
      await closeLogFiles(files);
    }
  }
}

/** Where the place is now; -1 when its file is gone. An empty log was where the newest file is. */
function indexOf(files: readonly LogFile[], place: LogPlace): number {
  if (place.head.length === 0) return files.length === 0 ? -1 : 0;
  return files.findIndex((file) => file.size >= place.offset && isSameFile(file.head, place.head));
}

function missing(): LogLine {
  const line = 'lines are missing here: the log was rotated faster than it was read';
  return { time: new Date().toISOString(), origin: 'platform', line, generation: null };
}

/** Changes with every write and every rotation: a new file may happen to be as long as the one before. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? '' : `${found.size} ${found.mtimeNs}`;
}
