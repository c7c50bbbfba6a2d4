import { TabbifyError } from '../kit/index.ts';

/** Seconds to wait, by the error that says so. */
const advised = new WeakMap<TabbifyError, number>();

/** Gives an error the time after which a new try makes sense. */
export function withRetryAfter<Failure extends TabbifyError>(error: Failure, seconds: number): Failure {
  advised.set(error, seconds);
  return error;
}

/** Seconds an error advises to wait; a 503 without advice says one second. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof TabbifyError)) return undefined;
  return advised.get(error) ?? (error.status === 503 ? 1 : undefined);
}
