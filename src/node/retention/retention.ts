import { join } from 'node:path';
import { type Clock, type Logger, messageOf } from '../../kit/index.ts';
import type { EventDraft, SealedLog } from '../../log/index.ts';
import { domainEvent } from '../../state/index.ts';
import { erasedUpTo, eraseOld } from './erase-old.ts';
import { judgeClock } from './judge-clock.ts';
import { type Remembered, runMemory } from './run-memory.ts';
import type { RetentionSettings } from './settings.ts';

/** Milliseconds between two runs. */
const RUN_EVERY_MS = 3_600_000;
/** Milliseconds between two looks at the size: the log counts it as it goes, so a look is cheap. */
const LOOK_EVERY_MS = 10_000;

export interface RetentionTools {
  readonly home: string;
  readonly log: SealedLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: RetentionSettings;
  /** Milliseconds from one run to the next. */
  readonly runEveryMs?: number;
  /** Milliseconds from one look at the size to the next. */
  readonly lookEveryMs?: number;
}

/** Erases old bodies of class `traffic`, so that what comes from outside does not take ever more room. */
export interface Retention {
  /**
   * Runs now and then every hour, or as soon as the size is passed.
   *
   * @param append how it tells what it did
   * @returns resolves when the first run is done, whatever came of it
   */
  start(append: (draft: EventDraft) => Promise<unknown>): Promise<void>;
  /** Ends after the step that runs. */
  close(): Promise<void>;
}

/** @returns not started yet; what earlier runs knew is read before anything is appended */
export async function openRetention({
  home,
  log,
  clock,
  logger,
  settings,
  runEveryMs = RUN_EVERY_MS,
  lookEveryMs = LOOK_EVERY_MS,
}: RetentionTools): Promise<Retention> {
  const memory = runMemory(join(home, 'retention.json'), log);
  let known: Remembered = await memory.recall(clock.now());
  const ended = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let timers: NodeJS.Timeout[] = [];

  const remember = async (next: Remembered) => {
    known = next;
    await memory.remember(next);
  };

  /** The time by which bodies are too old; null when the clock is not believed. */
  const judged = async (): Promise<number | null> => {
    const now = clock.now();
    const { history, believe } = judgeClock(known.clock, now, runEveryMs);
    if (!believe && history.doubted !== known.clock.doubted) {
      const [is, was] = [now, history.believed].map((time) => new Date(time).toISOString());
      logger.warn(
        { now: is, last: was },
        'the clock has leapt ahead, or the office was closed for long: nothing is erased by age before the next run',
      );
    }
    await remember({ ...known, clock: history }).catch((error: unknown) => {
      logger.warn({ why: messageOf(error) }, 'the time of this run could not be written down');
    });
    return believe ? now : null;
  };

  const sweep = async () => {
    const { removed, bytes } = await log.sweepBlobs();
    if (removed > 0) logger.info({ removed, bytes }, 'removed blobs that no event names');
  };

  const run = async (append: (draft: EventDraft) => Promise<unknown>) => {
    const now = await judged();
    const cutShort = known.erasing;
    const begin = async () => {
      if (!known.erasing) await remember({ ...known, erasing: true });
    };
    const { reason, ...done } = await eraseOld(log, settings, now, begin, ended.signal);
    if (now !== null) await sweep();
    if (!known.erasing) return;
    // What a run that was cut short had erased is told of now; which bodies these were it could not say any more.
    const through = cutShort ? Math.max(done.through, await erasedUpTo(log)) : done.through;
    if (through > 0) {
      const data = { subject: 'retention', reason, ...done, keys: 0, through };
      await append(domainEvent('payload_erased', data, { actor: 'system', source: '/node', clock }));
      logger.info(data, 'erased old bodies');
    }
    await remember({ ...known, erasing: false });
  };

  /** After the runs that were asked for before; it never fails, the next one tries again. */
  const queued = (append: (draft: EventDraft) => Promise<unknown>) => {
    running = running.then(async () => {
      if (ended.signal.aborted) return;
      await run(append).catch((error: unknown) => {
        if (!ended.signal.aborted) logger.error({ err: error }, 'old bodies could not be erased');
      });
    });
    return running;
  };

  return {
    start(append) {
      const look = async () => {
        const { traffic } = await log.usage();
        if (traffic.bytes > settings.trafficBytes) await queued(append);
      };
      const quietly = (error: unknown) => logger.debug({ why: messageOf(error) }, 'the size is not known');
      timers = [
        setInterval(() => void queued(append), runEveryMs),
        setInterval(() => void look().catch(quietly), lookEveryMs),
      ];
      for (const timer of timers) timer.unref();
      return queued(append);
    },
    async close() {
      ended.abort();
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
}
