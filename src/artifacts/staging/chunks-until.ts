import type { Readable } from 'node:stream';

/**
 * The chunks of a source until the signal aborts, which comes out as its reason. The source is left as it is then, so that an HTTP
 * request can still be answered.
 */
export async function* chunksUntil(source: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {}); // the source may end first
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const chunks = source.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = chunks.next() as Promise<IteratorResult<Buffer>>;
      next.catch(() => {}); // told through the race, unless the signal was first
      const { done, value } = await Promise.race([next, aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
