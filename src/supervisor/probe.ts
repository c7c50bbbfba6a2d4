import { type IncomingMessage, request } from 'node:http';
import { type Endpoint, reachOf } from '../kit/index.ts';
import { PROBE_HEADER, RUNNER_KEY_HEADER } from '../runner/index.ts';

export interface ProbeOptions {
  readonly endpoint: Endpoint;
  readonly runnerKey: string;
  /** `settings.health_path`. */
  readonly path: string;
  readonly timeoutMs: number;
  /** Ends the probing early, e.g. because the process died. */
  readonly signal: AbortSignal;
}

/** Pause after a broken connection, in milliseconds. */
const RETRY_MS = 100;
/** How long the rest of an answer may take until the app counts as ready for the next request. */
const BODY_MS = 100;

/**
 * Asks the app for its health path until it answers anything over HTTP (CONTRACTS §4).
 *
 * @returns null when it answered, else why not
 */
export async function probe(options: ProbeOptions): Promise<string | null> {
  const deadline = performance.now() + options.timeoutMs;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  let why = 'it did not answer';
  while (!signal.aborted) {
    try {
      await settle(await ask(options, signal));
      return null;
    } catch (error) {
      if (!signal.aborted) why = (error as Error).message;
    }
    const left = deadline - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(RETRY_MS, left))));
  }
  if (options.signal.aborted) return String(options.signal.reason);
  return `no HTTP answer on ${options.path} within ${options.timeoutMs / 1000} s (${why})`;
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
