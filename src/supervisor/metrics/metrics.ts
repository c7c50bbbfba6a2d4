import { join } from 'node:path';
import type { Clock, Logger } from '../../kit/index.ts';
import { sendControl } from '../../runner/index.ts';
import { createLane } from '../lane.ts';
import type { LaunchOutcome } from '../launch.ts';
import type { LiveRunner } from '../live-runner.ts';
import type { Outbox } from '../outbox.ts';
import type { InstanceStatus } from '../protocol.ts';
import { findRecords, type RunnerRecord } from '../runner-record.ts';
import { type AppHistory, openAppHistory } from './app-history.ts';
import { type ChartQuery, type Point, STEP_MS } from './chart.ts';
import { figuresBetween, type RunnerCounters } from './counters.ts';
import { type Figures, NO_FIGURES } from './figures.ts';
import { openHistoryFile } from './history-file.ts';
import { processUse } from './process-use.ts';
import { type Chart, chartOf, pointNow } from './read-history.ts';

/** Milliseconds a runner has to say its figures; one that is busy is asked again with the next look. */
const HEALTH_MS = 500;
/** Milliseconds that a look stays fresh for whoever asks. */
const FRESH_MS = 1_000;
/** Runners that are looked at at a time. */
const AT_ONCE = 8;

/** An app as it does now. */
export interface AppNow {
  readonly app: string;
  readonly state: string;
  /** The last 30 s; null when nothing was seen in them. */
  readonly now: Point | null;
  /** All since this supervisor began; every figure only grows. */
  readonly total: Figures;
  readonly memory_bytes: number | null;
}

/** What the apps of a host do, in figures. */
export interface Metrics {
  chart(app: string, query: ChartQuery): Promise<Chart>;
  /** Every app, looked at just now. */
  now(): Promise<readonly AppNow[]>;
  /** Counts a start, and has a runner looked at a last time before it is stopped. */
  launched(cold: boolean, ms: number, outcome: LaunchOutcome): LaunchOutcome;
  /** Has a runner of an earlier supervisor looked at a last time before it is stopped. */
  watched(runner: LiveRunner): LiveRunner;
  /** Counts each runner that ended unasked when it is told; their number in a row is forgotten with the first that does well. */
  crashesOf(outbox: Outbox): Outbox;
  close(): Promise<void>;
}

export interface MetricsOptions {
  readonly home: string;
  /** Name of the supervisor. */
  readonly name: string;
  readonly list: () => readonly InstanceStatus[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is held of an app; looks at it come one after another. */
interface Watched {
  readonly lane: ReturnType<typeof createLane>;
  readonly history: Promise<AppHistory>;
  /** Id of the last crash that was counted: one that is told again is the same. */
  crash: string | null;
  memoryBytes: number | null;
  lookedAt: number;
}

/** Begins to look at every runner of this host every 10 s. */
export function startMetrics(options: MetricsOptions): Metrics {
  const { home, name, clock, logger } = options;
  const apps = new Map<string, Watched>();
  const fileOf = (app: string) => openHistoryFile(join(home, 'runners'), app);

  function watch(app: string): Watched {
    let watched = apps.get(app);
    if (watched === undefined) {
      const history = openAppHistory(fileOf(app), clock, logger);
      watched = { lane: createLane(), history, crash: null, memoryBytes: null, lookedAt: 0 };
      apps.set(app, watched);
    }
    return watched;
  }

  async function note(app: string, figures: Partial<Figures>): Promise<void> {
    const watched = watch(app);
    await watched.lane.run(async () => (await watched.history).add({ ...NO_FIGURES, ...figures }, null));
  }

  async function look(record: RunnerRecord): Promise<void> {
    const watched = watch(record.app);
    await watched.lane.run(async () => {
      const history = await watched.history;
      const [use, stats] = await Promise.all([processUse(record.pid), statsOf(record)]);
      if (use === null && stats === null) return;
      const before = history.counters;
      const same = before?.nonce === record.nonce ? before : null;
      const counters: RunnerCounters = {
        nonce: record.nonce,
        at: clock.now(),
        stats: stats ?? same?.stats ?? {},
        cpu_ms: use?.cpuMs ?? same?.cpu_ms ?? 0,
      };
      const memory = use?.memoryBytes ?? null;
      history.add(figuresBetween(before, counters, Date.parse(record.started_at), memory), counters);
      watched.memoryBytes = memory;
      watched.lookedAt = clock.now();
    });
  }

  async function sweep(): Promise<void> {
    const found = await findRecords(home);
    const records = found.flatMap(({ record, staged }) =>
      record !== null && !staged && record.supervisor === name ? [record] : [],
    );
    const statuses = new Map(options.list().map((status) => [status.app, status]));
    for (const { app, state } of statuses.values()) {
      const watched = watch(app);
      if (state !== 'running') watched.memoryBytes = null;
    }
    for (const app of apps.keys()) {
      if (!statuses.has(app)) apps.delete(app); // moved or purged: nothing of it is written any more
    }
    const due = records.filter(
      ({ app }) => statuses.get(app)?.state === 'running' && clock.now() - watch(app).lookedAt >= FRESH_MS,
    );
    const next = due.values();
    const looker = async () => {
      for (const record of next) await look(record);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, looker));
    for (const { history } of apps.values()) await (await history).save();
  }

  let sweeping: Promise<void> | null = null;
  /** Those who ask at once share one look. */
  const fresh = (): Promise<void> => {
    sweeping ??= sweep()
      .catch((error: unknown) => logger.error({ err: error }, 'the runners cannot be looked at'))
      .finally(() => {
        sweeping = null;
      });
    return sweeping;
  };
  const timer = setInterval(() => void fresh(), STEP_MS).unref();

  const watched = (runner: LiveRunner): LiveRunner => ({
    ...runner,
    async stop(...how) {
      await look(runner.record).catch(() => {});
      return runner.stop(...how);
    },
  });

  async function crashed(app: string, id: string): Promise<void> {
    const watched = watch(app);
    if (watched.crash === id) return;
    watched.crash = id;
    await note(app, { restarts: 1 });
    await (await watched.history).save({ now: true }); // rare, and a supervisor in trouble may not live for long
  }

  return {
    watched,
    crashesOf: (outbox) => ({
      ...outbox,
      send(draft) {
        if (draft.type === 'app_crashed') void crashed(String(draft.data.app), draft.id).catch(() => {});
        return outbox.send(draft);
      },
    }),
    async chart(app, query) {
      await fresh();
      return chartOf(app, await watch(app).history, query);
    },
    async now() {
      await fresh();
      return Promise.all(
        options.list().map(async ({ app, state }) => {
          const { history, memoryBytes } = watch(app);
          const known = await history;
          const { total } = known;
          const now = pointNow(known, clock.now());
          return { app, state, now, total, memory_bytes: memoryBytes };
        }),
      );
    },
    launched(cold, ms, outcome) {
      if (!outcome.ok) return outcome;
      const { app } = outcome.runner.record;
      if (cold) void note(app, { cold_starts: 1, cold_start_ms: Math.round(ms) }).catch(() => {});
      return { ...outcome, runner: watched(outcome.runner) };
    },
    async close() {
      clearInterval(timer);
      await sweeping;
      for (const { history } of apps.values()) await (await history).save({ now: true });
    },
  };
}

async function statsOf(record: RunnerRecord): Promise<Readonly<Record<string, number>> | null> {
  try {
    const health = await sendControl(record.socket, { cmd: 'health' }, HEALTH_MS);
    return health.reply === 'health' ? health.stats : null;
  } catch {
    return null; // it is busy, or ends; its monitor sees to that
  }
}
