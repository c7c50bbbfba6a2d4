/** Failures of an app in a row, since its last deployment or reset and since it last did well for a while. */
export interface Trouble {
  /** Generation that was to run when it failed: a new one begins without trouble. */
  readonly generation: number;
  /** At least 1. */
  readonly failures: number;
  /** Of the last one, in milliseconds since the epoch. */
  readonly failed_at: number;
  /** The last one was a runner that had served; false: a start that did not get that far. */
  readonly served: boolean;
  /** Nonce of the runner that failed, so that one end is counted once; null where none got that far. */
  readonly runner: string | null;
}

export type RestartStatus = 'running' | 'backoff' | 'crashloop' | 'parked';

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** Failures from which on restarts are called a loop. */
const CRASHLOOP_FROM = 5;
/** Failures from which on nothing is tried any more. */
const PARKED_FROM = 10;
/** Milliseconds of health after which failures are forgotten. */
export const HEALTHY_MS = 60_000;

/** Milliseconds until the next start: 10 s after the first failure, doubling up to 300 s (CONTRACTS §8). */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
}

/** What the API calls it (CONTRACTS §8). */
export function restartStatus(trouble: Trouble | null): RestartStatus {
  if (trouble === null) return 'running';
  if (trouble.failures >= PARKED_FROM) return 'parked';
  return trouble.failures >= CRASHLOOP_FROM ? 'crashloop' : 'backoff';
}

/** Before that it is not started unasked, in milliseconds since the epoch; null: not at all. */
export function retryAt(trouble: Trouble): number | null {
  return restartStatus(trouble) === 'parked' ? null : trouble.failed_at + backoffMs(trouble.failures);
}

/** May it be started unasked? A clock that was set back does not count: it could hold an app for years. */
export function mayStart(trouble: Trouble | null, now: number): boolean {
  if (trouble === null) return true;
  const at = retryAt(trouble);
  return at !== null && (now >= at || now < trouble.failed_at);
}

/**
 * May a request start it? Also at once after a first crash of what had served, since visitors should not have to wait
 * for a single mishap; from the second failure on a request must not be a way to spawn in a loop.
 */
export function mayWake(trouble: Trouble | null, now: number): boolean {
  return mayStart(trouble, now) || (trouble !== null && trouble.failures === 1 && trouble.served);
}

/** What failed, and when (milliseconds since the epoch). */
interface Failure extends Pick<Trouble, 'generation' | 'served' | 'runner'> {
  readonly now: number;
}

/** One failure more. */
export function failedAgain(before: Trouble | null, { generation, served, runner, now }: Failure): Trouble {
  const failures = before?.generation === generation ? before.failures + 1 : 1;
  return { generation, failures, failed_at: now, served, runner };
}

/** It could not be tried: that is put off like a failure, and never makes a loop of it or parks it. */
export function waitsAgain(before: Trouble | null, generation: number, now: number): Trouble {
  const again = failedAgain(before, { generation, served: false, runner: null, now });
  return { ...again, failures: Math.min(again.failures, CRASHLOOP_FROM - 1) };
}

/** A runner that was found dead: nobody saw when and how it ended. */
export interface FoundDead extends Pick<Trouble, 'generation'> {
  readonly runner: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * It counts like any other crash, or an app that crashes while its supervisor restarts in a loop would never back off. The
 * back-off runs from its start, the last moment at which it is known to have been well: what served for hours is not held back.
 *
 * @returns the failure to count; null when it has been counted already
 */
export function failedUnwatched(
  before: Trouble | null,
  { generation, runner, startedAt }: FoundDead,
): Trouble | null {
  if (before?.runner === runner) return null;
  return failedAgain(before, { generation, runner, served: true, now: startedAt });
}
