import { setTimeout as wait } from 'node:timers/promises';
import type { EventDraft } from '../log/index.ts';
import type { InstanceState } from './instance-state.ts';
import { lastWords } from './log-tail.ts';
import { count } from './remember.ts';
import type { Trouble } from './restarts.ts';
import { forgetRunner, type RunnerRecord } from './runner-record.ts';

/** Milliseconds that something waits to be written down; a disk that refuses must not hold the app. */
const WRITTEN_MS = 2_000;

/**
 * Says how a runner ended, counts it if that is a failure, then removes its record: until the word is on disk the record
 * tells that there was a runner, so a supervisor that dies in between leaves it for the next one to say. Doing it again
 * says and counts nothing twice.
 */
export async function settleEnd(
  state: InstanceState,
  record: RunnerRecord,
  end: EventDraft,
  failure: Trouble | null = null,
): Promise<void> {
  const { outbox, home, hook } = state.context;
  await soon(outbox.send(end));
  await hook('end told');
  if (failure !== null) {
    count(state, failure);
    await soon(state.saving);
    await hook('failure counted');
  }
  await forgetRunner(home, record);
  await hook('record removed');
}

/** What is said of a runner that was ended on purpose. @param reason `idle`: nobody asked for it */
export function purposefulEnd({ context }: InstanceState, record: RunnerRecord, reason: string): EventDraft {
  const { app, observer } = context;
  const { nonce, generation } = record;
  return reason === 'idle'
    ? observer.idled(nonce, { app, generation })
    : observer.stopped(nonce, { app, generation, reason });
}

/** What is said of a runner that died. */
export async function crash(
  { context }: InstanceState,
  { nonce, generation, log_file }: RunnerRecord,
  { code, signal }: { readonly code: number | null; readonly signal: string | null },
): Promise<{ readonly event: EventDraft; readonly logTail: string[] }> {
  const { app, observer } = context;
  const logTail = await lastWords(log_file, generation);
  return { event: observer.crashed(nonce, { app, generation, code, signal, log_tail: logTail }), logTail };
}

async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, wait(WRITTEN_MS, undefined, { ref: false })]);
}
