import { TabbifyError } from '../../kit/index.ts';
import type { StoredEvent } from '../envelope.ts';

/** Milliseconds between comments on a quiet stream, so that both ends notice a dead connection. */
export const HEARTBEAT_MS = 15_000;

/** One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html); JSON has no line breaks. */
function sseFrame(event: StoredEvent): string {
  return `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * A subscription as a body of `text/event-stream`. The next event is taken when the connection wants more, so a slow
 * reader holds back its own subscription and nothing else.
 *
 * @param subscribe opens the subscription; its signal aborts when the reader goes away
 */
export function sseStream(
  subscribe: (signal: AbortSignal) => AsyncIterable<StoredEvent>,
  heartbeatMs = HEARTBEAT_MS,
): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  const ended = new AbortController();
  let events: AsyncIterator<StoredEvent> | undefined;
  let next: Promise<IteratorResult<StoredEvent>> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (events === undefined) {
          events = subscribe(ended.signal)[Symbol.asyncIterator]();
          controller.enqueue(text.encode(': open\n\n')); // sends the head of the response
          return;
        }
        next ??= events.next();
        const taken = await withinMs(next.catch(endOfLog), heartbeatMs);
        if (taken === null) {
          controller.enqueue(text.encode(': still here\n\n'));
          return;
        }
        next = null;
        if (taken.done) controller.close();
        else controller.enqueue(text.encode(sseFrame(taken.value)));
      },
      cancel() {
        next?.catch(() => {}); // nobody is left to be told
        ended.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The log was closed: the stream ends, and its reader comes back with its cursor. */
function endOfLog(error: unknown): IteratorReturnResult<undefined> {
  if (error instanceof TabbifyError && error.code === 'log_unavailable')
    return { done: true, value: undefined };
  throw error;
}

/** What the promise gives, or null when it takes longer. */
async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
