import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { StoredEvent } from '../envelope.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope.ts';
import { CUT_FRAME, GAP_FRAME } from '../http/sse-frames.ts';
import type { Gap } from '../log-store.ts';
import { errorOfProblem } from '../problem.ts';
import { strangeAnswer } from './requests.ts';

/** What comes over a stream. `cut`: the server ends it, and says why. */
export type Delivery =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'cut'; readonly why: string };

const gapData = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('erased'), count: z.int(), through: z.int() }),
  z.object({ kind: z.literal('damaged'), positions: z.array(z.int()) }),
]);
const cutData = z.object({ after: z.int(), why: z.string() });

/** One connection to `GET /v1/events/stream`; ends when the server or the signal ends it. */
export async function* readEventStream(
  url: URL,
  headers: Readonly<Record<string, string>>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): AsyncGenerator<Delivery, void, undefined> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal,
    headers: { ...headers, accept: 'text/event-stream' },
  });
  if (statusCode !== 200) {
    throw errorOfProblem(statusCode, await body.text()) ?? strangeAnswer(url.origin, statusCode);
  }
  let received: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => received.push(message),
    onError: (error) => {
      throw error;
    },
    maxBufferSize: 4 * MAX_ENVELOPE_BYTES,
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const messages = received;
    received = [];
    for (const message of messages) yield deliveryOf(message);
  }
}

function deliveryOf({ event: name, data }: EventSourceMessage): Delivery {
  const value: unknown = JSON.parse(data);
  if (name === GAP_FRAME) return { kind: 'gap', gap: gapData.parse(value) };
  if (name === CUT_FRAME) return { kind: 'cut', why: cutData.parse(value).why };
  return { kind: 'event', event: value as StoredEvent }; // checked when it was appended
}
