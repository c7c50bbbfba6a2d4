import { join } from 'node:path';
import { type Logger, messageOf } from '../../kit/index.ts';
import { type KeptLog, type ReadQuery, segmentMatches } from '../../log/index.ts';
import { nodeError } from '../errors.ts';
import type { DeadLetter } from './deliveries.ts';
import { followProjections, ProjectionFailure, pause } from './follower.ts';
import { PROJECTIONS } from './registry.ts';
import { createProgress, type ProjectionStatus } from './standing.ts';
import { createProjectionThread } from './thread.ts';
import { wordsExpression } from './timeline/words.ts';

/** What is looked for: `q` are words and "quoted phrases", all of which must be there. */
export type SearchQuery = Omit<ReadQuery, 'since' | 'until'> & { readonly q: string };

export interface Found {
  /** In the order asked for; default newest first. */
  readonly positions: readonly number[];
  /** Pass as `before` (newest first) or `after`; null: there is no more. A page may be shorter than asked. */
  readonly next: number | null;
  /** Everything up to here was searched. */
  readonly searchedTo: number;
  /** Some that are found may have been erased a moment ago. */
  readonly unfinished: boolean;
}

/**
 * Ways to look at the log that take more room than memory has: full-text search, deliveries. They live in one file that
 * can be deleted at any time, follow the log from a cursor of their own, and hold nobody up: when the file cannot be
 * written, they alone are away.
 */
export interface Projections {
  readonly status: ProjectionStatus;
  readonly names: readonly string[];
  /**
   * Positions of the events that have these words, as of now: it waits a little for the file to hold what the log holds.
   *
   * @throws projection_unavailable 503; request_invalid when there is no word in `q`
   */
  search(query: SearchQuery): Promise<Found>;
  /** Events that an app did not take in the end, those of the highest positions first. @throws projection_unavailable */
  deadLetters(
    app: string,
    page: { readonly before: number; readonly limit: number },
  ): Promise<readonly DeadLetter[]>;
  /** Throws the file away and begins anew; resolves when that is done, the building goes on. */
  rebuild(): Promise<void>;
  close(): Promise<void>;
}

export interface ProjectionsOptions {
  /** `TABBIFY_HOME`; the file is `projections.db` in it. */
  readonly home: string;
  readonly log: Pick<KeptLog, 'read' | 'watch' | 'head'>;
  readonly logger: Logger;
  /** Milliseconds that a search waits for what was appended before it; default 2000. */
  readonly patienceMs?: number;
}

/** Milliseconds after which a file that cannot be used is tried again: the first time, and at most. */
const RETRY_MS = { first: 250, most: 5_000 };

export function startProjections(options: ProjectionsOptions): Projections {
  const { home, log, logger, patienceMs = 2_000 } = options;
  const progress = createProgress();
  const ended = new AbortController();
  const thread = createProjectionThread(join(home, 'projections.db'), {
    finished: progress.finished,
    skipped: (position, why) => logger.error({ position, why }, 'a projection could not take an event in'),
  });
  let session = new AbortController();
  let rebuilding: PromiseWithResolvers<void> | null = null;

  async function discard(): Promise<void> {
    const answer = await thread.ask({ kind: 'discard' });
    if (answer.kind === 'failed') throw new ProjectionFailure(answer);
  }

  async function once(): Promise<void> {
    if (rebuilding !== null) {
      const asked = rebuilding;
      rebuilding = null;
      await discard().then(asked.resolve, (error: unknown) => {
        asked.reject(error);
        throw error;
      });
    }
    const signal = AbortSignal.any([ended.signal, session.signal]);
    await followProjections({ log, thread, progress, logger }, signal);
  }

  async function run(): Promise<void> {
    let wait = RETRY_MS.first;
    let failing = false;
    while (!ended.signal.aborted) {
      session = new AbortController();
      const watch = setInterval(() => {
        if (progress.status.state === 'unavailable') return;
        if (failing) logger.info('projections follow the log again');
        failing = false;
        wait = RETRY_MS.first;
      }, 1_000).unref();
      try {
        await once();
        continue;
      } catch (error) {
        if (ended.signal.aborted) return;
        const failure = error instanceof ProjectionFailure ? error : null;
        progress.failed(messageOf(error), failure?.full ?? false);
        if (!failing) {
          logger.warn(
            { why: messageOf(error) },
            failure?.damaged === true
              ? 'projections are damaged: they are built anew from the log'
              : 'projections cannot be kept up to date; everything else goes on, and it is tried again',
          );
        }
        failing = true;
        if (failure?.damaged === true) await thread.ask({ kind: 'discard' });
      } finally {
        clearInterval(watch);
      }
      await pause(wait, AbortSignal.any([ended.signal, session.signal]));
      wait = Math.min(wait * 2, RETRY_MS.most);
    }
  }

  const running = run();

  return {
    get status() {
      return progress.status;
    },
    names: PROJECTIONS.map(({ name }) => name),
    async search(query) {
      const words = wordsExpression(query.q);
      if (words === null) {
        throw nodeError('request_invalid', {
          what: 'This cannot be searched for',
          why: '`q` has no word in it',
          hint: 'Give words or a "quoted phrase"; all of them must be there',
        });
      }
      await progress.ready(await log.head(), patienceMs);
      const { position: searchedTo } = progress.status;
      const { unfinished } = progress;
      const { after = 0, before = Number.POSITIVE_INFINITY, order = 'newest', limit = 100 } = query;
      const answer = await thread.ask({
        kind: 'search',
        query: {
          words,
          ...narrowed(query, progress.segments),
          lowest: after + 1,
          highest: Math.min(before - 1, searchedTo),
          order,
          limit,
        },
      });
      if (answer.kind === 'found') return { ...answer.answer, searchedTo, unfinished };
      throw answer.kind === 'failed' ? retryLater(answer.why) : new Error(`unexpected ${answer.kind}`);
    },
    async deadLetters(app, { before, limit }) {
      await progress.ready(await log.head(), patienceMs);
      const answer = await thread.ask({ kind: 'dead_letters', app, before, limit });
      if (answer.kind === 'dead_letters') return answer.rows;
      throw answer.kind === 'failed' ? retryLater(answer.why) : new Error(`unexpected ${answer.kind}`);
    },
    rebuild() {
      rebuilding ??= Promise.withResolvers<void>();
      const { promise } = rebuilding;
      session.abort();
      return promise;
    },
    async close() {
      ended.abort();
      await running;
      rebuilding?.resolve(); // the next start builds what is missing
      await thread.close();
    },
  };

  function retryLater(why: string) {
    progress.failed(why, false);
    session.abort(); // opens the file again
    return nodeError('projection_unavailable', {
      what: 'The office cannot be searched now',
      why,
      hint: 'Try again in a moment; reading without `q` goes on',
    });
  }
}

/** The filter in the terms of the index: patterns become the segments that match. */
function narrowed(query: SearchQuery, segments: ReadonlySet<string>) {
  const { segments: patterns, types, subject, actor, tenants, class: only } = query;
  return {
    ...(patterns !== undefined && {
      segments: [...segments].filter((segment) => patterns.some((each) => segmentMatches(each, segment))),
    }),
    ...(types !== undefined && { types }),
    ...(subject !== undefined && { subjects: [subject] }),
    ...(actor !== undefined && { actors: [actor] }),
    ...(tenants !== undefined && { tenants }),
    ...(only !== undefined && { classes: [only] }),
  };
}
