import type { ApiContext } from './context.ts';

/** Answers that are whole when they are made: they need no watching. */
const WHOLE = /^application\/([a-z.+-]*\+)?json\b/;

/**
 * Cuts the body of a streaming answer off when the credential ends: nothing that the route hands over from that moment
 * on reaches the reader. The stream ends as if it were done; who comes back is told 401.
 */
export function endWithCredential(c: ApiContext, ended: AbortSignal): void {
  const { body, headers } = c.res;
  if (body === null || WHOLE.test(headers.get('content-type') ?? '')) return;
  c.res = new Response(untilAborted(body, ended), c.res);
}

/** The stream up to the abort. It is asked for more only when its reader wants more. */
function untilAborted(body: ReadableStream<Uint8Array>, ended: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let end = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        end = () => {
          controller.close();
          reader.cancel(ended.reason).catch(() => {}); // the route is told; the reader has all it may have
        };
        if (ended.aborted) end();
        else ended.addEventListener('abort', end, { once: true });
      },
      async pull(controller) {
        const chunk = await reader.read().catch((error: unknown) => {
          ended.removeEventListener('abort', end);
          throw error;
        });
        if (ended.aborted) return;
        if (!chunk.done) return controller.enqueue(chunk.value);
        ended.removeEventListener('abort', end);
        controller.close();
      },
      cancel(reason) {
        ended.removeEventListener('abort', end);
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
