import { join } from 'node:path';
import type { Clock, Logger } from '../../kit/index.ts';
import { bucketOf, LATENCY_BOUNDS_MS, type TimedResponse } from '../../runner/index.ts';
import {
  type AppHistory,
  type AppNow,
  type Chart,
  type ChartQuery,
  chartOf,
  type Figures,
  NO_FIGURES,
  openAppHistory,
  openHistoryFile,
  pointNow,
  STEP_MS,
} from '../../supervisor/index.ts';

/** Milliseconds without an answer after which an app's files are looked at no more: rates are over the time that was looked at. */
const QUIET_MS = 60_000;

/** What the node answers with static files, counted per app as a runner counts what its app answers. */
export interface FileFigures {
  /** Counts an answer that is over. @param bytes written to its connection for it */
  count(app: string, response: TimedResponse, bytes: number): void;
  /** What was answered for an app, as a host would tell it; null: nothing since the node began. */
  now(app: string): Promise<AppNow | null>;
  chart(app: string, query: ChartQuery): Promise<Chart>;
  /** Saves what is known. */
  close(): Promise<void>;
}

interface Counted {
  readonly history: Promise<AppHistory>;
  /** Since the last look. */
  tally: Tally;
  lookedAt: number;
  answeredAt: number;
}

/** Begins to count. The hours lie below `metrics/` of the home. */
export function startFileFigures(options: {
  readonly home: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): FileFigures {
  const { home, clock, logger } = options;
  const apps = new Map<string, Counted>();

  function countedOf(app: string): Counted {
    const known = apps.get(app);
    if (known !== undefined) return known;
    const now = clock.now();
    const made = {
      history: openAppHistory(openHistoryFile(join(home, 'metrics'), app), clock, logger),
      tally: emptyTally(),
      lookedAt: now,
      answeredAt: now,
    };
    apps.set(app, made);
    return made;
  }

  /** Takes over what was counted since the last look. */
  async function look(counted: Counted): Promise<AppHistory> {
    const history = await counted.history;
    const now = clock.now();
    const { tally, lookedAt } = counted;
    counted.tally = emptyTally();
    counted.lookedAt = now;
    if (tally.requests > 0 || now - counted.answeredAt < QUIET_MS) {
      history.add({ ...figuresOf(tally), observed_ms: Math.max(0, now - lookedAt) }, null);
    }
    return history;
  }

  const saveAll = (now: boolean) =>
    Promise.all([...apps.values()].map(async (each) => (await look(each)).save({ now })));
  const timer = setInterval(() => {
    saveAll(false).catch((error: unknown) =>
      logger.error({ err: error }, 'static answers cannot be counted'),
    );
  }, STEP_MS).unref();

  return {
    count(app, response, bytes) {
      const counted = countedOf(app);
      counted.answeredAt = clock.now();
      addAnswer(counted.tally, response, bytes);
    },
    async now(app) {
      const counted = apps.get(app);
      if (counted === undefined) return null;
      const history = await look(counted);
      const { total } = history;
      return { app, state: 'serving', now: pointNow(history, clock.now()), total, memory_bytes: null };
    },
    async chart(app, query) {
      return chartOf(app, await look(countedOf(app)), query);
    },
    async close() {
      clearInterval(timer);
      await saveAll(true);
    },
  };
}

const CLASSES = ['answers_2xx', 'answers_3xx', 'answers_4xx', 'answers_5xx'] as const;

/** Answers that were counted: written to with each of them, so that counting makes nothing. */
interface Tally {
  requests: number;
  broken: number;
  bytes: number;
  latencyMs: number;
  /** 2xx to 5xx */
  readonly classes: number[];
  readonly buckets: number[];
}

function emptyTally(): Tally {
  const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  return { requests: 0, broken: 0, bytes: 0, latencyMs: 0, classes: [0, 0, 0, 0], buckets };
}

function addAnswer(
  tally: Tally,
  { headAfterMs, statusCode, writableFinished }: TimedResponse,
  bytes: number,
): void {
  tally.requests++;
  tally.bytes += bytes;
  if (!writableFinished) tally.broken++;
  if (headAfterMs === null) return;
  tally.latencyMs += headAfterMs;
  const kind = Math.min(Math.max(Math.floor(statusCode / 100), 2), 5) - 2;
  tally.classes[kind] = (tally.classes[kind] ?? 0) + 1;
  const bucket = bucketOf(headAfterMs);
  tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
}

function figuresOf({ requests, broken, bytes, latencyMs, classes, buckets }: Tally): Figures {
  const answers = Object.fromEntries(CLASSES.map((name, index) => [name, classes[index] ?? 0]));
  return { ...NO_FIGURES, ...answers, requests, broken, bytes, latency_ms: latencyMs, buckets };
}
