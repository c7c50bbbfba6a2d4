import type { PreparedDraft } from '../envelope-schema.ts';
import { logError } from '../errors.ts';
import type { Appended } from '../held-event.ts';
import type { AppendResult } from '../log-store.ts';
import { appendedAt, keptDraft, settle, type Waiting } from './append-answers.ts';
import type { AppendOutcome, AppendRow, Failure } from './messages.ts';

/** Bounds of one group, so that a long queue neither starves readers nor makes one huge message. */
const GROUP_EVENTS = 1024;
const GROUP_CHARS = 4 * 1024 * 1024;

/**
 * Callers answered in one turn of the event loop: between two turns it serves visitors. With what each does next a turn
 * stays about a millisecond; 32 made it three.
 */
const ANSWERED_A_TURN = 8;

/** A group that was made durable and whose callers are being told. */
interface Answering {
  readonly done: readonly Waiting[];
  readonly outcomes: readonly AppendOutcome[];
  /** How many were told. */
  told: number;
}

/**
 * Groups appends: one group is under way, what arrives meanwhile is the next. Calls of the same turn of the event loop
 * share the first group as well. Outcomes are told in slices, so that a large group never holds the event loop.
 *
 * @param send hands a group to the thread that writes
 * @param publish is told of what became durable, in order, before the callers are
 */
export function createGroupCommit(
  send: (rows: readonly AppendRow[]) => void,
  publish: (events: readonly Appended[]) => void,
) {
  let queue: Waiting[] = [];
  let underWay: Waiting[] | null = null;
  const answering: Answering[] = [];
  let scheduled = false;
  let appended = 0;
  let commits = 0;
  const idlers: (() => void)[] = [];

  const next = () => {
    scheduled = false;
    if (underWay !== null) return;
    if (queue.length === 0) {
      if (answering.length === 0) for (const resolve of idlers.splice(0)) resolve();
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
    // After every microtask of this turn: who was just told may append again, and comes along.
    queueMicrotask(() => process.nextTick(next));
  };
  const finish = (): Waiting[] => {
    const done = underWay ?? [];
    underWay = null;
    return done;
  };
  /** Readers are told before writers, both in the order of the log: a group begins when the one before is through. */
  const answer = () => {
    const [group] = answering;
    if (group === undefined) return;
    const slice = group.done.slice(group.told, group.told + ANSWERED_A_TURN);
    const outcomes = group.outcomes.slice(group.told, group.told + ANSWERED_A_TURN);
    const durable = slice.flatMap((waiting, index) => appendedAt(waiting, outcomes[index]));
    publish(durable);
    for (const [index, waiting] of slice.entries()) settle(waiting, outcomes[index]);
    group.told += slice.length;
    if (group.told >= group.done.length) answering.shift();
    if (answering.length > 0) setImmediate(answer);
    else schedule();
  };

  return {
    append: (prepared: PreparedDraft, expected: number | null): Promise<AppendResult> =>
      new Promise((resolve, reject) => {
        queue.push({ ...keptDraft(prepared, expected), resolve, reject });
        if (underWay === null && answering.length === 0) schedule();
      }),
    committed(outcomes: readonly AppendOutcome[]) {
      const made = outcomes.filter((outcome) => outcome.kind === 'appended').length;
      appended += made;
      if (made > 0) commits++;
      answering.push({ done: finish(), outcomes, told: 0 });
      if (answering.length === 1) answer();
    },
    /** The group under way was not made durable; later ones are tried. */
    refused(failure: Failure) {
      for (const { reject } of finish()) reject(unavailable(failure));
      schedule();
    },
    /** Nothing can be appended any more. */
    fail(failure: Failure) {
      const lost = [...finish(), ...queue];
      queue = [];
      for (const { reject } of lost) reject(unavailable(failure));
      schedule();
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

function unavailable({ why, hint }: Failure) {
  return logError('log_unavailable', { what: 'The event was not appended', why, hint });
}
