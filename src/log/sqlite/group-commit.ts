import type { PreparedDraft } from '../envelope-schema.ts';
import { logError } from '../errors.ts';
import type { AppendResult } from '../log-store.ts';
import type { Appended } from '../tail.ts';
import { type AppendOutcome, type AppendRow, appendRow, type Failure } from './messages.ts';

/** Bounds of one group, so that a long queue neither starves readers nor makes one huge message. */
const GROUP_EVENTS = 1024;
const GROUP_CHARS = 4 * 1024 * 1024;

interface Waiting {
  readonly row: AppendRow;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Groups appends: one group is under way, what arrives meanwhile is the next. Calls of the same turn of the event loop
 * share the first group as well.
 *
 * @param send hands a group to the thread that writes
 * @param publish is told of what became durable, before the callers are
 */
export function createGroupCommit(
  send: (rows: readonly AppendRow[]) => void,
  publish: (events: readonly Appended[]) => void,
) {
  let queue: Waiting[] = [];
  let underWay: Waiting[] | null = null;
  let scheduled = false;
  let appended = 0;
  let commits = 0;
  const idlers: (() => void)[] = [];

  const next = () => {
    scheduled = false;
    if (underWay !== null) return;
    if (queue.length === 0) {
      for (const resolve of idlers.splice(0)) resolve();
      return;
    }
    let chars = 0;
    let size = 0;
    while (size < queue.length && size < GROUP_EVENTS && chars < GROUP_CHARS) {
      chars += queue[size++]?.row.body.length ?? 0;
    }
    underWay = queue.splice(0, size);
    send(underWay.map((waiting) => waiting.row));
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(next);
  };
  const finish = (): Waiting[] => {
    const done = underWay ?? [];
    underWay = null;
    schedule();
    return done;
  };

  return {
    append: (prepared: PreparedDraft, expected: number | null): Promise<AppendResult> =>
      new Promise((resolve, reject) => {
        queue.push({ row: appendRow(prepared, expected), resolve, reject });
        if (underWay === null) schedule();
      }),
    committed(outcomes: readonly AppendOutcome[]) {
      const done = finish();
      const durable: Appended[] = [];
      done.forEach(({ row }, index) => {
        const outcome = outcomes[index];
        if (outcome?.kind === 'appended') durable.push({ ...row, position: outcome.position });
      });
      if (durable.length > 0) commits++;
      appended += durable.length;
      publish(durable);
      done.forEach(({ row, resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome?.kind === 'conflict') reject(conflict(row, outcome.last));
        else if (outcome?.kind === 'blob_missing') reject(blobMissing(row));
        else if (outcome) resolve({ position: outcome.position, duplicate: outcome.kind === 'duplicate' });
      });
    },
    /** The group under way was not made durable; later ones are tried. */
    refused(failure: Failure) {
      for (const { reject } of finish()) reject(unavailable(failure));
    },
    /** Nothing can be appended any more. */
    fail(failure: Failure) {
      const lost = [...finish(), ...queue];
      queue = [];
      for (const { reject } of lost) reject(unavailable(failure));
    },
    /** Resolves when every append so far was answered. */
    idle: (): Promise<void> =>
      new Promise((resolve) => {
        idlers.push(resolve);
        schedule();
      }),
    stats: () => ({ appended, commits }),
  };
}

function conflict(row: AppendRow, last: number) {
  return logError('position_conflict', {
    what: `The ${row.type} event was not appended`,
    why: `the last event of ${row.subject} in ${row.segment} is at position ${last}, expected was ${row.expected}`,
    hint: 'Read what happened since, decide anew, and append with the new position',
  });
}

function blobMissing(row: AppendRow) {
  return logError('blob_missing', {
    what: `The ${row.type} event was not appended`,
    why: `the office ${row.tenant} has no blob ${row.dataref}`,
    hint: 'Store the blob first, then append the event that names it; the same id may be used again',
  });
}

function unavailable({ why, hint }: Failure) {
  return logError('log_unavailable', { what: 'The event was not appended', why, hint });
}
