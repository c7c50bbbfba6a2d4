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
