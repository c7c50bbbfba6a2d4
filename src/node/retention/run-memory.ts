import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import type { ClockHistory } from './judge-clock.ts';

const remembered = z.object({
  believed: z.iso.datetime(),
  doubted: z.iso.datetime().nullable(),
  erasing: z.boolean(),
});

/** What one run tells the next. */
export interface Remembered {
  readonly clock: ClockHistory;
  /** Bodies are being erased and the log has not been told of it yet. */
  readonly erasing: boolean;
}

/** Kept over restarts: neither a leap of the clock nor an erasure that was cut short is forgotten by starting again. */
export interface RunMemory {
  /** @param now what to begin with in an empty office */
  recall(now: number): Promise<Remembered>;
  remember(state: Remembered): Promise<void>;
}

/** @param file may be missing or lost: the newest event of the log then tells when the office was last open */
export function runMemory(file: string, log: LogStore): RunMemory {
  return {
    async recall(now) {
      const text = await readFile(file, 'utf8').catch(() => null);
      const kept = remembered.safeParse(text === null ? null : parsed(text));
      if (kept.success) {
        const { believed, doubted, erasing } = kept.data;
        const clock = {
          believed: Date.parse(believed),
          doubted: doubted === null ? null : Date.parse(doubted),
        };
        return { clock, erasing };
      }
      const [newest] = (await log.read({ order: 'newest', limit: 1 })).events;
      return {
        clock: { believed: newest === undefined ? now : Date.parse(newest.time), doubted: null },
        erasing: false,
      };
    },
    async remember({ clock: { believed, doubted }, erasing }) {
      const iso = (time: number) => new Date(time).toISOString();
      const kept = { believed: iso(believed), doubted: doubted === null ? null : iso(doubted), erasing };
      await writeFileAtomic(file, `${JSON.stringify(kept satisfies z.infer<typeof remembered>)}\n`);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
