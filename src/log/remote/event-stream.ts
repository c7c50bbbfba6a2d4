import { createParser } from 'eventsource-parser';
import { type Dispatcher, request } from 'undici';
import type { StoredEvent } from '../envelope.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope.ts';
import { errorOfProblem } from '../problem.ts';
import { strangeAnswer } from './requests.ts';

/** One connection to `GET /v1/events/stream`; ends when the server or the signal ends it. */
export async function* readEventStream(
  url: URL,
  token: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal,
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  });
  if (statusCode !== 200) {
    throw errorOfProblem(statusCode, await body.text()) ?? strangeAnswer(url.origin, statusCode);
  }
  let received: string[] = [];
  const parser = createParser({
    onEvent: (message) => received.push(message.data),
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
    for (const message of messages) yield JSON.parse(message) as StoredEvent;
  }
}
