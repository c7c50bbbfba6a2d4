import type { Clock, Logger } from '../../kit/index.ts';
import { type ChartQuery, HOUR_MS, type Span, STEP_MS, STEPS } from './chart.ts';
import type { RunnerCounters } from './counters.ts';
import { addFigures, type Figures, NO_FIGURES } from './figures.ts';
import type { HistoryFile, HistoryLine } from './history-file.ts';

/** Milliseconds between two saves of the hour that runs: what a kill takes of a runner that ended meanwhile. */
const SAVE_MS = 60_000;
/** Hours that wait in memory for a disk that takes nothing. */
const MAX_UNSAVED = 48;

/** What is known of one app: the last hour in memory, the hours before on disk. */
export interface AppHistory {
  /** Of the last look, also of one by an earlier supervisor. */
  readonly counters: RunnerCounters | null;
  /** Since this supervisor began. */
  readonly total: Figures;
  /** @param counters what the runner had counted; null: these figures come from elsewhere */
  add(figures: Figures, counters: RunnerCounters | null): void;
  /** Steps since a moment, oldest first; they lie in memory. */
  recent(since: number): readonly Span[];
  /** Spans of a chart: recent ones in steps of 10 s or, for a query by the hour, hours. */
  spans(query: ChartQuery): Promise<readonly Span[]>;
  /** Saves when it is time to, or `now`. Never rejects: what the disk does not take waits. */
  save(how?: { readonly now: boolean }): Promise<void>;
}

/** Reads what an earlier supervisor left and goes on with it. */
export async function openAppHistory(file: HistoryFile, clock: Clock, logger: Logger): Promise<AppHistory> {
  const hourOf = (at: number) => Math.floor(at / HOUR_MS) * HOUR_MS;
  const steps: Span[] = [];
  const unsaved = new Map<number, HistoryLine>();
  const last = (await file.load(clock.now())).at(-1);
  let counters = last?.counters ?? null;
  let hour: Span = last?.at === hourOf(clock.now()) ? last : { at: hourOf(clock.now()), figures: NO_FIGURES };
  let total = NO_FIGURES;
  let savedAt = clock.now();
  let changed = false;

  /** Ends an hour that is over. */
  function turn(now: number): void {
    if (hourOf(now) === hour.at) return;
    if (changed) unsaved.set(hour.at, { ...hour, counters });
    const oldest = unsaved.keys().next();
    if (unsaved.size > MAX_UNSAVED && !oldest.done) unsaved.delete(oldest.value);
    hour = { at: hourOf(now), figures: NO_FIGURES };
    changed = false;
  }

  const recent = (since: number): readonly Span[] =>
    steps.filter((step) => step.at >= since && step.at > clock.now() - (STEPS + 1) * STEP_MS);

  return {
    get counters() {
      return counters;
    },
    get total() {
      return total;
    },
    add(figures, seen) {
      const now = clock.now();
      turn(now);
      const at = Math.floor(now / STEP_MS) * STEP_MS;
      const newest = steps.at(-1);
      if (newest?.at === at) steps[steps.length - 1] = { at, figures: addFigures(newest.figures, figures) };
      else steps.push({ at, figures });
      if (steps.length > STEPS) steps.splice(0, steps.length - STEPS);
      hour = { at: hour.at, figures: addFigures(hour.figures, figures) };
      total = addFigures(total, figures);
      counters = seen ?? counters;
      changed = true;
    },
    recent,
    async spans({ from, to, step }) {
      const now = clock.now();
      if (step % HOUR_MS !== 0) return recent(from - (from % STEP_MS)).filter(({ at }) => at < to);
      const hours = new Map((await file.load(now)).map((line) => [line.at, line.figures]));
      for (const line of unsaved.values()) hours.set(line.at, line.figures);
      if (changed || !hours.has(hour.at)) hours.set(hour.at, hour.figures);
      const begin = from - (from % HOUR_MS);
      return [...hours]
        .filter(
          ([at, { observed_ms, cold_starts, restarts }]) =>
            at >= begin && at < to && observed_ms + cold_starts + restarts > 0,
        )
        .map(([at, figures]) => ({ at, figures }));
    },
    async save(how = { now: false }) {
      const now = clock.now();
      turn(now);
      if (changed && (how.now || now - savedAt >= SAVE_MS)) {
        unsaved.set(hour.at, { ...hour, counters });
        changed = false;
        savedAt = now;
      }
      for (const [at, line] of [...unsaved]) {
        try {
          await file.save(line, now);
          if (unsaved.get(at) === line) unsaved.delete(at);
        } catch (error) {
          logger.warn({ err: error }, 'metrics cannot be saved; they wait in memory');
          return;
        }
      }
    },
  };
}
