import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { TabbifyError } from '../kit/index.ts';
import { sendControl } from '../runner/index.ts';
import type { LiveRunner } from './live-runner.ts';

/** A runner that is busy for longer is taken to live: it answers its visitor no sooner either. */
const ANSWER_MS = 500;
/** A process that is killed closes its sockets some milliseconds before the system says that it is gone; a busy machine takes longer. */
const LAST_MOMENTS_MS = 2_000;

/**
 * Waits for the end of a runner that is about to end: it is still listed as a process, and breaks connections off. Resolves
 * as soon as it is gone, or has answered, or for `ANSWER_MS` has done neither.
 */
export async function passedAway({ record, ended, isAlive }: LiveRunner): Promise<void> {
  if (!isAlive()) return void (await ended);
  const { socket, nonce } = record;
  try {
    await Promise.race([sendControl(socket, { cmd: 'ping', nonce }, ANSWER_MS), ended]);
  } catch (error) {
    const isBroken = error instanceof TabbifyError && error.code === 'runner_unreachable';
    if (!isBroken || !existsSync(socket)) return; // a socket that was removed from the disk says nothing of the process
    await Promise.race([ended, lastMoments()]);
  }
}

/** As long as a process may go on breaking its connections off before its end is known. */
export function lastMoments(): Promise<void> {
  return wait(LAST_MOMENTS_MS, undefined, { ref: false });
}
