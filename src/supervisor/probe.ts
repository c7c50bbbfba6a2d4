import { type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Endpoint, reachOf } from '../kit/index.ts';
import { PROBE_HEADER, RUNNER_KEY_HEADER } from '../runner/index.ts';
import { isHealthy, isPresent } from './health.ts';

export interface ProbeOptions {
  readonly endpoint: Endpoint;
  readonly runnerKey: string;
  /** `settings.health_path`. */
  readonly path: string;
  /** False: nothing serves, and this version was accepted before: what it answers is better than nothing. */
  readonly mustBeHealthy: boolean;
  readonly timeoutMs: number;
  /** Ends the probing early, e.g. because the process died. */
  readonly signal: AbortSignal;
}

/** Pause after a broken connection, or an answer that is not good; doubling, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** How long the rest of an answer may take until the app counts as ready for the next request. */
const BODY_MS = 100;

/**
 * Asks the app for its health path until the answer is a good one (`isHealthy`), for as long as it may take.
 *
 * @returns null when it may have visitors, else why not
 */
export async function probe(options: ProbeOptions): Promise<string | null> {
  const deadline = performance.now() + options.timeoutMs;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  let why = 'it did not answer';
  let hasAnswered = false;
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      const answer = await ask(options, signal);
      const status = answer.statusCode ?? 0;
      await settle(answer);
      if (options.mustBeHealthy ? isHealthy(options.path, status) : isPresent(options.path, status))
        return null;
      hasAnswered = true;
      why = `it answered ${status}`;
    } catch (error) {
      if (!signal.aborted) why = (error as Error).message;
    }
    const left = deadline - performance.now();
    await wait(Math.max(0, Math.min(pause, left)), undefined, { signal: options.signal }).catch(() => {});
  }
  if (options.signal.aborted) return String(options.signal.reason);
  if (hasAnswered && !options.mustBeHealthy) return null;
  return `${hasAnswered ? 'not healthy' : 'no HTTP answer'} on ${options.path} within ${options.timeoutMs / 1000} s (${why})`;
}

function ask(options: ProbeOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      [RUNNER_KEY_HEADER]: options.runnerKey,
      [PROBE_HEADER]: '1',
      'user-agent': 'tabbify-health',
    };
    const { origin, ...through } = reachOf(options.endpoint);
    request(origin, { ...through, path: options.path, headers, agent: false, signal }, resolve)
      .once('error', reject)
      .end();
  });
}

/**
 * Reads the answer to its end, since breaking it off would cost the app an instance just when the first visitor
 * comes; a page that goes on for long (an event stream) is left after a moment.
 */
async function settle(answer: IncomingMessage): Promise<void> {
  answer.on('error', () => {}); // the head was an answer; what becomes of its body is not asked
  const done = Promise.withResolvers<void>();
  answer.once('close', done.resolve);
  answer.resume();
  const timer = setTimeout(() => answer.destroy(), BODY_MS);
  await done.promise;
  clearTimeout(timer);
}
