import { messageOf } from './error.ts';

/**
 * `fetch` for a request that may be sent twice: a kept connection that the other side had just closed is no reason to fail, a
 * new one is tried once. Its `signal` bounds both.
 *
 * @throws what the second one throws
 */
export async function fetchTwice(
  url: string,
  init: Omit<RequestInit, 'body'> & { readonly body?: string },
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    return await fetch(url, init);
  }
}

/** Why a `fetch` failed: it says so in the cause of its error alone. */
export function whyFetchFailed(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error);
}
