import { type Problem, problem, SEE_LOGS } from '../problem.ts';

/** The guest's answer is not HTTP, or not one that can be passed on. */
export const ANSWER_INVALID = problem(
  'response_invalid',
  502,
  'Response invalid',
  'What the app answered cannot be passed on: it is not proper HTTP.',
  SEE_LOGS,
);

export const REQUEST_INVALID = problem(
  'request_invalid',
  400,
  'Request invalid',
  'The request cannot be passed on to the app: it is not proper HTTP.',
);

/** The guest closed the connection instead of an answer. */
export const NO_ANSWER = problem(
  'app_no_response',
  502,
  'App gave no response',
  'The app closed the connection without an answer.',
  SEE_LOGS,
);

export const APP_BUSY = problem(
  'app_busy',
  503,
  'App is busy',
  'The app has as many requests at work as it may.',
  'Try again in a second',
);

/** The app's process ended while the request was at work. @param how e.g. `with code 3` */
export function appEnded(how: string): Problem {
  return problem('app_exited', 500, 'App ended', `The app ended ${how} before it answered.`, SEE_LOGS);
}

/** @param memoryMb MiB that it may have */
export function memoryExhausted(memoryMb: number): Problem {
  return problem(
    'memory_exhausted',
    500,
    'Memory exhausted',
    `The app needed more than the ${memoryMb} MiB of memory that it may have, and was ended.`,
    `Use less memory, or raise the bound in tabbify.toml: runtime.memory_mb = ${memoryMb * 2}`,
  );
}

/** @param turnMs milliseconds of CPU that it may use without a turn of its event loop */
export function turnExhausted(turnMs: number): Problem {
  return problem(
    'cpu_exhausted',
    500,
    'CPU exhausted',
    `The app used ${turnMs} ms of CPU without a turn of its event loop, which is as much as it may, and was ended.`,
    'Do long work in parts, with an await in between: await new Promise((done) => setImmediate(done))',
  );
}

/** @param minuteMs milliseconds of CPU that it may use in a minute */
export function minuteExhausted(minuteMs: number): Problem {
  return problem(
    'cpu_exhausted',
    500,
    'CPU exhausted',
    `The app used ${Math.round(minuteMs / 1000)} s of CPU within a minute, which is as much as it may, and was ended.`,
    'Do less at a time, or run the app on more hosts',
  );
}

/**
 * The bound behind those of the instances.
 *
 * @param boxBytes that all in the box may have
 * @param memoryMb MiB that an instance may have
 */
export function boxMemoryExhausted(boxBytes: number, memoryMb: number): Problem {
  return problem(
    'memory_exhausted',
    500,
    'Memory exhausted',
    `All instances of the app and what runs them needed more than the ${Math.floor(boxBytes / 2 ** 20)} MiB that its sandbox may have, and it was ended.`,
    `Let requests hold less at a time, or raise the bound in tabbify.toml: runtime.memory_mb = ${memoryMb * 2}`,
  );
}
