import { setTimeout as wait } from 'node:timers/promises';
import type { EventDraft } from '../log/index.ts';
import type { Outbox } from './outbox.ts';
import { forgetRunner, type RunnerRecord } from './runner-record.ts';

/** Milliseconds an end waits to be written down; a disk that refuses must not hold the app. */
const SAID_MS = 2_000;

/**
 * Says how a runner ended, then removes its record: until the word is on disk the record tells that there was a runner,
 * so a supervisor that dies in between leaves it for the next one to say.
 */
export async function sayThenForget(
  outbox: Outbox,
  home: string,
  record: RunnerRecord,
  draft: EventDraft,
): Promise<void> {
  await Promise.race([outbox.send(draft), wait(SAID_MS, undefined, { ref: false })]);
  await forgetRunner(home, record);
}
