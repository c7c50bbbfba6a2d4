import { type Problem, problem, SEE_LOGS } from '../problem.ts';
import { GuestTrap } from './guest-trap.ts';

/** Bounds an app runs in, as its manifest sets them. */
export interface Bounds {
  readonly memoryMb: number;
  readonly fuelPerRequest: number;
}

/** What is known of an instance whose request failed. */
export interface Failure {
  readonly error: unknown;
  /** A core module's fuel is below zero. */
  readonly fuelSpent: boolean;
  readonly memoryBytes: number;
}

/** Share of the memory bound from which a trap is put down to it: allocators give up before the last page. */
const MEMORY_SUSPECT = 7 / 8;
const MIB = 1 << 20;

/** Names the bound a failed request has hit, and the line of the manifest that moves it. */
export function explainFailure(failure: Failure, bounds: Bounds): Problem {
  const { error } = failure;
  const reason = error instanceof GuestTrap ? error.reason : null;
  if (failure.fuelSpent || reason === 'host_calls') {
    return problem(
      'fuel_exhausted',
      500,
      'Fuel exhausted',
      `The request used up its fuel of ${bounds.fuelPerRequest} and was ended.`,
      `Make it do less, or raise the bound in tabbify.toml: runtime.fuel_per_request = ${bounds.fuelPerRequest * 2}`,
    );
  }
  if (reason === 'import_denied') {
    return problem(
      'import_denied',
      500,
      'Import denied',
      `The app called what it may not: ${messageOf(error)}.`,
    );
  }
  if (reason === 'exit') {
    return problem(
      'app_exited',
      500,
      'App ended itself',
      `The app ended itself: ${messageOf(error)}.`,
      SEE_LOGS,
    );
  }
  if (reason === 'app_memory') {
    return problem(
      'memory_exhausted',
      500,
      'Memory exhausted',
      `The requests at work together held more memory than one app may (${messageOf(error)}), and this one was ended.`,
      'Let each request hold less memory while it waits',
    );
  }
  if (reason === null && failure.memoryBytes >= bounds.memoryMb * MIB * MEMORY_SUSPECT) {
    const used = Math.round(failure.memoryBytes / MIB);
    return problem(
      'memory_exhausted',
      500,
      'Memory exhausted',
      `The app broke down (${messageOf(error)}) when it had ${used} of at most ${bounds.memoryMb} MiB of memory.`,
      `Use less memory, or raise the bound in tabbify.toml: runtime.memory_mb = ${bounds.memoryMb * 2}`,
    );
  }
  return problem('app_trapped', 500, 'App broke down', `The app broke down: ${messageOf(error)}.`, SEE_LOGS);
}

export const NO_RESPONSE = problem(
  'app_no_response',
  500,
  'App gave no response',
  'The app finished without an answer.',
  SEE_LOGS,
);

export const RESPONSE_INCOMPLETE = problem(
  'response_incomplete',
  500,
  'Response incomplete',
  'The app ended before the body of its answer did.',
  SEE_LOGS,
);

export const WRONG_LENGTH = problem(
  'response_invalid',
  500,
  'Response invalid',
  'The body the app wrote has another length than its content-length says.',
  'Leave content-length out; the platform sets it',
);

export const APP_BUSY = problem(
  'app_busy',
  503,
  'App is busy',
  'All instances of the app are at work and its queue is full.',
  'Try again in a second',
);

/** The guest answered with an error code of `wasi:http`. */
export function answeredError(tag: string): Problem {
  return problem(
    'app_error',
    500,
    'App answered with an error',
    `The app answered with the error ${tag}.`,
    SEE_LOGS,
  );
}

/** No instance could be made. */
export function noInstance(error: unknown): Problem {
  return problem(
    'instance_failed',
    503,
    'App did not start',
    `No instance could be made: ${messageOf(error)}.`,
    SEE_LOGS,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
