import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../kit/index.ts';
import type { KeptLog, LogStore, StoredEvent } from '../../log/index.ts';
import type { Answer, Question, Standing } from './messages.ts';
import type { Progress } from './standing.ts';
import type { ProjectionThread } from './thread.ts';

/** Events that are handed over together; one transaction. */
const BATCH = 100;
/** Events that are taken in while a search waits; when more are missing it is told to come back. */
const CATCH_UP = 5_000;
/** Milliseconds between two words about how far a building is. */
const SAY_EVERY_MS = 5_000;

/** What the thread answered when it could not. */
export class ProjectionFailure extends Error {
  readonly damaged: boolean;
  readonly full: boolean;

  constructor({ damaged, full, why }: Extract<Answer, { kind: 'failed' }>) {
    super(why);
    this.name = 'ProjectionFailure';
    this.damaged = damaged;
    this.full = full;
  }
}

export interface Followed {
  readonly log: Pick<KeptLog, 'read' | 'watch' | 'head'>;
  readonly thread: ProjectionThread;
  readonly progress: Progress;
  readonly logger: Logger;
}

/**
 * Opens the projections' file and feeds it from the log, until the signal aborts.
 *
 * @throws ProjectionFailure when the file cannot be used; what the log says when it cannot be read
 */
export async function followProjections(followed: Followed, signal: AbortSignal): Promise<void> {
  const { log, thread, progress, logger } = followed;
  let standing = await standingOf(thread, { kind: 'open' });
  if (await isOfAnotherLog(log, standing)) {
    logger.warn(
      { position: standing.cursor },
      'the projections are of another log, which was put back to an older copy: they are built anew',
    );
    await thread.ask({ kind: 'discard' });
    standing = await standingOf(thread, { kind: 'open' });
  }
  const head = await log.head();
  const building = head - standing.cursor > CATCH_UP;
  progress.building(building ? head : 0);
  progress.moved(standing);
  const began = performance.now();
  let saidAt = began;
  let through = standing.cursor;
  let batch: StoredEvent[] = [];
  let handing: Promise<void> = Promise.resolve();

  const hand = (): Promise<void> => {
    const events = batch;
    batch = [];
    const upTo = through;
    handing = handing.then(async () => {
      const now = await standingOf(thread, { kind: 'apply', events, through: upTo });
      progress.moved(now);
      if (!building || now.cursor > head) return;
      const time = performance.now();
      if (now.cursor === head) {
        logger.info({ events: head, ms: Math.round(time - began) }, 'projections are built');
      } else if (time - saidAt >= SAY_EVERY_MS) {
        saidAt = time;
        logger.info({ position: now.cursor, head }, 'projections are being built from the log');
      }
    });
    return handing;
  };
  let failure: { readonly error: unknown } | null = null;
  let arrived = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    failure ??= { error };
    arrived.resolve();
  };
  const watch = log.watch(
    {
      after: standing.cursor,
      onGap(gap) {
        through = Math.max(through, gap.kind === 'erased' ? gap.through : Math.max(...gap.positions));
        if (batch.length === 0) hand().catch(fail);
      },
    },
    signal,
    () => arrived.resolve(),
  );
  /** @returns how many came */
  const take = (): number => {
    const before = batch.length;
    while (batch.length < BATCH) {
      const event = watch.take();
      if (event === null) break;
      batch.push(event);
      through = event.position;
    }
    return batch.length - before;
  };
  try {
    // taken, not awaited one by one: a wait of its own for each event would be garbage for as long as the office runs
    while (!signal.aborted) {
      const came = take();
      if (failure !== null) throw (failure as { readonly error: unknown }).error;
      // what has come is handed over once a turn of the event loop brought nothing more
      if (batch.length >= BATCH || (batch.length > 0 && came === 0)) await hand();
      else if (batch.length > 0) await nextTurn();
      else if (watch.ended !== null) break;
      else {
        await arrived.promise;
        arrived = Promise.withResolvers();
      }
    }
    await hand();
    if (watch.ended?.error) throw watch.ended.error;
  } finally {
    watch.close();
  }
}

async function standingOf(thread: ProjectionThread, question: Question): Promise<Standing> {
  const answer = await thread.ask(question);
  if (answer.kind === 'standing') return answer.standing;
  if (answer.kind === 'failed') throw new ProjectionFailure(answer);
  throw new Error(`the projections answered ${answer.kind}`);
}

/** The log was put back to an older copy, or is a new one: what it does not hold must not be found. */
async function isOfAnotherLog(log: Pick<LogStore, 'read'>, { cursor, last }: Standing): Promise<boolean> {
  if (cursor === 0) return false;
  const page = await log.read({ after: (last?.position ?? 1) - 1, limit: 1 });
  if (page.head < cursor) return true;
  const [found] = page.events;
  return last !== null && found?.position === last.position && found.id !== last.event;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits, or ends early. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // ended: whoever asked looks himself
}
