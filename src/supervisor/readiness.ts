import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../kit/index.ts';
import { sendControl } from '../runner/index.ts';
import { type ProbeOptions, probe } from './probe.ts';

export interface ReadinessOptions extends ProbeOptions {
  /** The runner's control socket. */
  readonly socket: string;
}

/** Pause before its runtime is asked again, in milliseconds. */
const RETRY_MS = 100;

/**
 * Waits until a new app may have visitors: it answers its health path over HTTP, and its runtime says that it is well.
 *
 * @returns null when both are so, else why not
 */
export async function readiness(options: ReadinessOptions): Promise<string | null> {
  const [unanswered, unwell] = await Promise.all([probe(options), complaint(options)]);
  return unanswered ?? unwell;
}

async function complaint({ socket, timeoutMs, signal }: ReadinessOptions): Promise<string | null> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    const reason = await reasonOf(socket, Math.max(left, RETRY_MS));
    if (reason === null) return null;
    if (signal.aborted) return String(signal.reason);
    if (left <= RETRY_MS) return `not well within ${timeoutMs / 1000} s: ${reason}`;
    await wait(RETRY_MS);
  }
}

async function reasonOf(socket: string, timeoutMs: number): Promise<string | null> {
  try {
    const health = await sendControl(socket, { cmd: 'health' }, timeoutMs);
    if (health.reply !== 'health') return `the runner replied ${health.reply}`;
    return health.ok ? null : (health.reason ?? 'it does not say why');
  } catch (error) {
    return messageOf(error);
  }
}
