import type { TabbifyError } from '../kit/index.ts';

/** The error that something fails with; fails itself when nothing does. */
export async function failureOf(promise: Promise<unknown>): Promise<TabbifyError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: TabbifyError) => error,
  );
}
