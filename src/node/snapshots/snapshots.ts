import { type Logger, messageOf } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { emptyOffice, encodeSnapshot, type OfficeState } from '../../state/index.ts';
import type { LiveState } from '../live-state.ts';
import { codeHash } from './code-hash.ts';
import { snapshotFolder } from './files.ts';
import { foldInThread } from './fold-thread.ts';
import { newestPosition, newestState } from './load.ts';

/** Snapshots of the state in the home, and the state as it was. All of them may be deleted at any time. */
export interface Snapshots {
  /** Where the fold begins: the newest snapshot that is of use, else the empty office. */
  load(): Promise<OfficeState>;
  /** From now on writes a snapshot after every so many events, without holding the loop. */
  keep(live: LiveState): Promise<void>;
  /**
   * The office as it was at a position, as canonical JSON (`stateDocument`). One at a time; the others wait.
   *
   * @param at 0 to the log's head
   * @throws the signal's reason when it aborts
   */
  documentAt(at: number, office: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends what is under way and writes the state as it is, so that the next start has nothing to fold. */
  close(): Promise<void>;
}

export interface SnapshotOptions {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly log: Pick<LogStore, 'read'>;
  readonly logger: Logger;
  /** Events after which the next snapshot is written; default 20,000: they are folded in a tenth of a second. */
  readonly every?: number;
  /**
   * Milliseconds of rest between two of them; default 60,000. Starting a thread takes time from visitors, and what comes
   * in a minute of the busiest office is folded in two seconds at the next start.
   */
  readonly restMs?: number;
}

/** Reads the hash of the code, and nothing else yet. */
export async function createSnapshots(options: SnapshotOptions): Promise<Snapshots> {
  const { home, log, logger, every = 20_000, restMs = 60_000 } = options;
  const folder = snapshotFolder(home);
  const place = { folder, log, logger };
  const code = await codeHash();
  const ended = new AbortController();
  let live: LiveState | null = null;
  let unlisten = () => {};
  /** Position of the newest snapshot, also of one that could not be written: it is not tried again at once. */
  let last = 0;
  let lastAt = performance.now();
  let background: Promise<void> | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  /** Runs one fold in a thread when those before it are done: each takes as much memory as the state itself. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => {}); // told to the caller through `result`
    return result;
  }

  /** A cache that cannot be written costs time at the next start, nothing else. */
  const notWritten = (position: number) => (error: unknown) => {
    if (ended.signal.aborted && error === ended.signal.reason) return;
    logger.warn(
      { position, why: messageOf(error) },
      'no snapshot of the state was written; the office goes on, its next start takes longer',
    );
  };

  /** Goes on from the snapshot before, not from the state that is in use: that one changes meanwhile. */
  async function writeInThread(through: number, event: string): Promise<void> {
    const range = { home, from: await newestPosition(place, through), code, through };
    await foldInThread(log, range, { kind: 'snapshot', event }, ended.signal);
    logger.debug({ position: through }, 'snapshot of the state written');
  }

  /** For when nobody is served: takes the state as it is. */
  async function writeNow(state: OfficeState): Promise<void> {
    const { position } = state;
    if (position === 0 || position === last) return;
    last = position;
    const bytes = encodeSnapshot(state, code);
    const { events } = await log.read({ after: position - 1, limit: 1 });
    const [event] = events;
    if (event?.position === position) await folder.write({ position, event: event.id, bytes });
  }

  return {
    async load() {
      const state = (await newestState(place, code)) ?? emptyOffice();
      last = state.position;
      return state;
    },
    async keep(state) {
      live = state;
      const { position } = state.office;
      if (position - last >= every) await writeNow(state.office).catch(notWritten(position));
      unlisten = state.onEvent((event) => {
        if (background !== null || event.position - last < every) return;
        if (performance.now() - lastAt < restMs) return;
        last = event.position;
        lastAt = performance.now();
        background = inTurn(() => writeInThread(event.position, event.id))
          .catch(notWritten(event.position))
          .finally(() => {
            background = null;
          });
      });
    },
    documentAt: (at, office, signal) =>
      inTurn(async () => {
        signal.throwIfAborted();
        const range = { home, from: await newestPosition(place, at), code, through: at };
        const until = AbortSignal.any([signal, ended.signal]);
        return foldInThread(log, range, { kind: 'document', office }, until);
      }),
    async close() {
      unlisten();
      ended.abort();
      await background;
      await turn;
      if (live !== null) await writeNow(live.office).catch(notWritten(live.office.position));
    },
  };
}
