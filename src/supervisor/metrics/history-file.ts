import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isUuid, writeFileAtomic } from '../../kit/index.ts';
import { HOUR_MS, HOURS } from './chart.ts';
import { runnerCounters } from './counters.ts';
import { type Figures, SUMS } from './figures.ts';

const count = z.number().nonnegative().default(0);
const figures = z
  .object({
    ...(Object.fromEntries(SUMS.map((name) => [name, count])) as Record<(typeof SUMS)[number], typeof count>),
    buckets: z.array(z.number().nonnegative()).default([]),
    memory_max_bytes: count,
  })
  .transform((read): Figures => read);

/** One line: an hour as it is known by now. A later line of the same hour takes its place. */
const line = z.object({
  /** Begin of the hour, milliseconds since the epoch. */
  at: z.number().int(),
  figures,
  /** What the runner had counted then: from there on a later supervisor goes on without counting anything twice. */
  counters: runnerCounters.nullable(),
});

export type HistoryLine = z.infer<typeof line>;

/** Lines of hours that were superseded, before the file is written anew without them. */
const MAX_SUPERSEDED = 1_000;

/**
 * The hours of an app on disk: JSON lines, appended to. What a kill or a full disk has torn is skipped, so every line
 * begins with a newline of its own.
 */
export interface HistoryFile {
  /** Oldest first, none older than 90 days; empty when there is no file. */
  load(now: number): Promise<readonly HistoryLine[]>;
  /** @throws the system's error (ENOSPC …): the figures are kept in memory and saved with the next try */
  save(hour: HistoryLine, now: number): Promise<void>;
}

/** @param directory where the app's log and record lie as well: a purge removes all of it by its name */
export function openHistoryFile(directory: string, app: string): HistoryFile {
  if (!isUuid(app)) throw new TypeError(`no app: ${app}`);
  const path = join(directory, `${app}.metrics.jsonl`);
  let lines: number | null = null;

  async function read(now: number): Promise<{ hours: HistoryLine[]; lines: number }> {
    const text = await readFile(path, 'utf8').catch(() => '');
    const hours = new Map<number, HistoryLine>();
    let found = 0;
    for (const each of text.split('\n')) {
      const parsed = each === '' ? null : parse(each);
      if (parsed === null) continue;
      found += 1;
      if (parsed.at > now - HOURS * HOUR_MS) hours.set(parsed.at, parsed);
    }
    return { hours: [...hours.values()].sort((a, b) => a.at - b.at), lines: found };
  }

  return {
    async load(now) {
      const found = await read(now);
      lines = found.lines;
      return found.hours;
    },
    async save(hour, now) {
      lines ??= (await read(now)).lines;
      if (lines > HOURS + MAX_SUPERSEDED) {
        const { hours } = await read(now);
        await writeFileAtomic(path, hours.map((each) => `\n${JSON.stringify(each)}\n`).join(''));
        lines = hours.length;
      }
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await appendFile(path, `\n${JSON.stringify(hour)}\n`, { mode: 0o600 });
      lines += 1;
    },
  };
}

function parse(text: string): HistoryLine | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
